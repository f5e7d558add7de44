// Runs one protocol several times inside one task, each time with other hosts: the models of the value report.
// A host that takes no part in a stage hears from the guest when the stage is over, and nothing else.
import { openRound } from './channel.ts'
import { messageCodec } from './codec.ts'
import type { MessageChannel, MessageHeader, PartyId, RoleProgram, RoundOutcome, TaskContext } from './contract.ts'
import { step } from './schedule.ts'
import type { StageTurn__Output } from '#protos/gen/tributary/v1/StageTurn.ts'

const turn = messageCodec<StageTurn__Output, boolean>(
  'tributary.v1.StageTurn',
  (over) => ({ over }),
  (wire) => wire.over,
)

/** Beside the steps of the protocol that runs in the stages. */
export const STAGES = [
  step({
    name: 'stage-over',
    from: 'guest',
    to: 'idle',
    kind: 'control',
    arity: 'one',
    codec: turn,
    reveals: 'whether a model that this host has no part in is trained',
  }),
] as const

export interface StagesInput<Input, Output> {
  /** hosts of each stage, in job order, never empty */
  readonly stages: readonly (readonly PartyId[])[]
  /** the input of a stage in which this party takes part */
  inputOf(stage: number): Input
  /** Told before the first message of a round who takes part in it. */
  entered?(round: number, hosts: readonly PartyId[]): void
  /** Stores what a stage leaves. After a crash at the wrong moment it is called again with the same output. */
  onStage(stage: number, output: Output): Promise<void>
}

export interface StagesState<State> {
  readonly stage: number
  /** rounds of the stage that are done */
  readonly stageRound: number
  /** null at the start of a stage, and at a party that takes no part in it */
  readonly inner: State | null
}

/**
 * One stage after the other, in as many rounds as the protocol takes in each: its set-up goes with its first round.
 * @param openProgram the program of this party for one stage
 */
export function inStages<Input, State, Output>(
  openProgram: (stage: number) => RoleProgram<Input, State, Output>,
): RoleProgram<StagesInput<Input, Output>, StagesState<State>, void> {
  let open: { readonly stage: number; readonly program: RoleProgram<Input, State, Output> } | undefined
  const programOf = (stage: number) => {
    if (open?.stage !== stage) open = { stage, program: openProgram(stage) }
    return open.program
  }
  return {
    async setup() {
      return { stage: 0, stageRound: 0, inner: null }
    },
    async round(task, input, state, round): Promise<RoundOutcome<StagesState<State>>> {
      const { stage, stageRound } = state
      const hosts = input.stages[stage] as readonly PartyId[]
      input.entered?.(round, hosts)
      const takesPart = task.self === task.guest || hosts.includes(task.self)
      const inner = takesPart ? await runInner(task, input, programOf(stage), state, hosts, round) : undefined
      const over = inner === undefined ? await hearTurn(task, round) : inner.finished
      if (task.self === task.guest) await tellIdle(task, hosts, round, over)
      const next = over
        ? { stage: stage + 1, stageRound: 0, inner: null }
        : { stage, stageRound: stageRound + 1, inner: inner?.state ?? null }
      return { state: next, finished: next.stage === input.stages.length }
    },
    async finish() {},
  }
}

async function runInner<Input, State, Output>(
  task: TaskContext,
  input: StagesInput<Input, Output>,
  program: RoleProgram<Input, State, Output>,
  { stage, stageRound, inner }: StagesState<State>,
  hosts: readonly PartyId[],
  round: number,
): Promise<RoundOutcome<State>> {
  const context = stageContext(task, stage, hosts, round)
  const own = input.inputOf(stage)
  const before = stageRound === 0 ? await program.setup(context, own) : (inner as State)
  const outcome = await program.round(context, own, before, stageRound + 1)
  if (outcome.finished) await input.onStage(stage, await program.finish(context, own, outcome.state))
  return outcome
}

/** The task as the protocol of a stage sees it: its own hosts, its own rounds, its own secrets. */
function stageContext(task: TaskContext, stage: number, hosts: readonly PartyId[], round: number): TaskContext {
  const label = (name: string) => `stage/${stage}/${name}`
  return {
    ...task,
    hosts,
    channel: (peer) => atRound(task.channel(peer), round),
    audience: (peers) => ({
      peers,
      send: (header, make) => task.audience(peers).send({ ...header, round }, make),
    }),
    vault: {
      seed: (name) => task.vault.seed(label(name)),
      once: (name, make) => task.vault.once(label(name), make),
    },
    event: (name, fields) => task.event(name, { ...fields, stage }),
  }
}

/** Messages of any round of the stage travel in this round of the task. */
function atRound(channel: MessageChannel, round: number): MessageChannel {
  const at = (header: MessageHeader): MessageHeader => ({ ...header, round })
  return {
    peer: channel.peer,
    send: (header, make) => channel.send(at(header), make),
    receive: (header) => channel.receive(at(header)),
  }
}

async function tellIdle(task: TaskContext, hosts: readonly PartyId[], round: number, over: boolean): Promise<void> {
  for (const host of task.hosts.filter((party) => !hosts.includes(party)))
    await openRound(STAGES, 'guest', 'idle', task.channel(host), round).send('stage-over', () => over)
}

async function hearTurn(task: TaskContext, round: number): Promise<boolean> {
  return await openRound(STAGES, 'idle', 'guest', task.channel(task.guest), round).receive('stage-over')
}
