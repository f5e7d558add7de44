// The agent against a coordinator that may say anything: what it believes, what it answers, what it keeps.
import { existsSync, readFileSync } from 'node:fs'
import { mkdtemp, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { makeSealingKey, signSealingKey, verifySealingKey } from '#crypto/envelope.ts'
import type { PartyIdentity } from '#crypto/identity/party-home.ts'
import type { RoleProgram } from '#protocols/core/contract.ts'
import { ADDER } from '#protocols/core/contract.ts'
import { jobIdOf, parseJobSpec } from '#protocols/core/job-spec.ts'
import type { InviteAnswer__Output } from '#protos/gen/tributary/v1/InviteAnswer.ts'
import { PlatformError } from '#runtime/errors.ts'
import { silentLogger } from '#runtime/log.ts'
import { type Agent, startAgent } from './agent.ts'
import { AgentLog } from './log/agent-log.ts'
import { LogHub } from './log/log-hub.ts'
import { AgentTrust } from './membership/agent-trust.ts'
import type { AgentFrame } from '#protos/gen/tributary/v1/AgentFrame.ts'
import {
  FEDERATION,
  makeKeyring,
  pause,
  ScriptedCoordinator,
  type TestKeyring,
  until,
} from './link/scripted-coordinator.ts'

let keyring: TestKeyring
let coordinator: ScriptedCoordinator
let home: string
let port: number
let agent: Agent
let admit: () => Promise<void>
/** the log of bank and tax, in which bank states what it must */
let hub: LogHub
let bankLog: AgentLog

beforeAll(async () => {
  keyring = await makeKeyring(['bank', 'tax', 'land'])
})
afterAll(() => keyring[Symbol.asyncDispose]())
beforeEach(async () => {
  coordinator = new ScriptedCoordinator(keyring)
  port = await coordinator.listen()
  home = await mkdtemp(join(keyring.folder, 'home-'))
  admit = async () => undefined
  openHub()
  await start()
})
afterEach(async () => {
  await agent[Symbol.asyncDispose]()
  coordinator.stop()
  bankLog[Symbol.dispose]()
  await rm(home, { recursive: true, force: true })
})

const party = (name: string) => keyring.parties[name] as PartyIdentity
/** A protocol without messages: setup, one round, done. */
const alone: RoleProgram<undefined, number, number> = {
  setup: async () => 0,
  round: async (_, __, state) => ({ state: state + 1, finished: true }),
  finish: async (_, __, state) => state,
}
const outputs: unknown[] = []

function openHub(): void {
  const publicKey = Buffer.from(keyring.coordinator.logKey, 'base64')
  hub = new LogHub(FEDERATION, ['bank', 'tax'], { publicKey, sign: keyring.coordinator.signCheckpoint })
  const trust = { bundle: keyring.trust }
  bankLog = new AgentLog({ home: join(home, 'bank'), identity: party('bank'), trust, log: silentLogger })
  const send = async (frame: AgentFrame) => {
    hub.hear('bank', frame)
    return true
  }
  bankLog.listen({ wire: { send }, sealed: () => undefined, violated: () => undefined })
  hub.attach('bank', bankLog)
  hub.attach('tax', {
    entriesArrived: (entries) => coordinator.say({ body: 'log_entries', log_entries: entries }),
    acknowledged: (ack) => coordinator.say({ body: 'log_ack', log_ack: ack }),
  })
  coordinator.onFrame = (frame) => hub.hear('tax', frame)
}

/** Publishes until both have cosigned everything that both have written, and lets both know. */
async function seal(records: number): Promise<void> {
  for (let held = -1; hub.leaves.length < records || held !== hub.leaves.length; await pause()) {
    held = hub.leaves.length
    hub.publish()
    await until(() => hub.cosigners.length === 2 || hub.leaves.length > held)
  }
  hub.seal()
}

async function start(): Promise<void> {
  const onOutput = async (output: unknown) => void outputs.push(output)
  agent = await startAgent({
    config: { home, coordinator: `localhost:${port}` },
    identity: party('tax'),
    trust: new AgentTrust(keyring.trust),
    programs: { open: async () => ({ program: alone as never, input: undefined, schedule: [], onOutput }) },
    gate: { admit: () => admit(), catalog: async () => [] },
    log: silentLogger,
    software: 'test',
  })
  await agent.connected
}

async function restart(): Promise<void> {
  await agent[Symbol.asyncDispose]()
  coordinator.frames.length = 0
  await start()
}

function inviteOf(change: object = {}, signer = party('bank')) {
  const spec = {
    version: 1,
    name: 'joint credit',
    guest: { party: 'bank', dataset: 'loans' },
    hosts: [{ party: 'tax', dataset: 'filings' }],
    ...change,
  }
  const job_spec = Buffer.from(JSON.stringify(spec))
  const signature = Buffer.from(signer.sign('job-spec', job_spec))
  return { job: jobIdOf(job_spec), job_spec, signature, submitted_at: '2026-01-01T00:00:00.000Z' }
}

async function answerTo(invite: ReturnType<typeof inviteOf>): Promise<InviteAnswer__Output> {
  coordinator.frames.length = 0
  coordinator.say({ body: 'invite', invite })
  return await coordinator.heard((frame) => frame.invite_answer)
}

const jobFolder = (job: string) => join(home, 'jobs', job)
const stateOf = (job: string) => JSON.parse(readFileSync(join(jobFolder(job), 'job.json'), 'utf8')) as { state: string }

describe('an invitation', () => {
  test('is accepted with a key that this party signed, and the same one after a restart', async () => {
    const invite = inviteOf()
    const answer = await answerTo(invite)
    expect(answer.accepted).toBe(true)
    verifySealingKey(party('tax').signingPublicKey, invite.job, 'tax', answer.sealing_key, answer.sealing_signature)
    await restart()
    expect((await answerTo(invite)).sealing_key).toEqual(answer.sealing_key)
  })

  test.each([
    ['not signed by its guest', () => inviteOf({}, party('land')), 'job.bad-signature'],
    ['under another id', () => ({ ...inviteOf(), job: 'job-00000000000000000000' }), 'job.invalid'],
    ['with a path for an id', () => ({ ...inviteOf(), job: '../../keys' }), 'job.invalid'],
    ['that is no job', () => inviteOf({ name: 7 }), 'job.invalid'],
    ['of other parties', () => inviteOf({ hosts: [{ party: 'land', dataset: 'x' }] }), 'job.unknown-party'],
    ['with a stranger', () => inviteOf({ guest: { party: 'mallory', dataset: 'x' } }), 'job.unknown-party'],
  ])('%s is refused, and nothing of it is kept', async (_, make, code) => {
    const invite = make()
    expect(await answerTo(invite)).toMatchObject({ accepted: false, refusal: { code, party: 'tax' } })
    expect(existsSync(jobFolder(invite.job))).toBe(false)
  })

  test('that the policy denies is refused with its code and is kept for the owner to see', async () => {
    admit = async () => {
      throw new PlatformError('policy.denied', { rule: 'guest' })
    }
    const invite = inviteOf()
    const refusal = { code: 'policy.denied', party: 'tax', detail: { rule: 'guest' } }
    expect(await answerTo(invite)).toMatchObject({ accepted: false, refusal })
    expect(stateOf(invite.job).state).toBe('declined')
  })
})

async function accepted(change: object = {}): Promise<{
  job: string
  keys: { party: string; sealing_key: Buffer; sealing_signature: Buffer }[]
}> {
  const invite = inviteOf({ name: `job ${Math.trunc(performance.now() * 1000)}`, ...change })
  const answer = await answerTo(invite)
  const spec = parseJobSpec(invite.job_spec)
  bankLog.requireUsable(invite.job, spec)
  bankLog.accepted(invite.job, spec, invite.job_spec, undefined)
  await seal(4)
  const guestKey = Buffer.from(makeSealingKey().publicKey)
  const signed = Buffer.from(signSealingKey(party('bank'), invite.job, guestKey))
  const keys = [
    { party: 'bank', sealing_key: guestKey, sealing_signature: signed },
    { party: 'tax', sealing_key: answer.sealing_key, sealing_signature: answer.sealing_signature },
  ]
  return { job: invite.job, keys }
}

test('a job starts only with keys that their parties signed for it', async () => {
  const { job, keys } = await accepted()
  const [guest, own] = keys as [(typeof keys)[0], (typeof keys)[0]]
  const foreign = Buffer.from(signSealingKey(party('land'), job, guest.sealing_key))
  const cases = [
    [[{ ...guest, sealing_signature: foreign }, own], 'envelope.tampered'],
    [[own], 'job.invalid'],
  ] as const
  for (const [given, code] of cases) {
    coordinator.frames.length = 0
    coordinator.say({ body: 'job_started', job_started: { job, keys: [...given] } })
    expect((await coordinator.heard((frame) => frame.task_failed)).failure).toMatchObject({ code, party: 'tax' })
    expect(stateOf(job).state).toBe('accepted')
  }
})

test("a job with an adder starts only with a key of it that the coordinator's log key signed", async () => {
  const { job, keys } = await accepted({ average: { privacy: {} } })
  const sealing_key = Buffer.from(makeSealingKey().publicKey)
  const signedBy = (signer: Parameters<typeof signSealingKey>[0], of = job) => {
    const sealing_signature = Buffer.from(signSealingKey({ ...signer, party: ADDER }, of, sealing_key))
    return { party: ADDER, sealing_key, sealing_signature }
  }
  const { adder } = keyring.coordinator
  const asParty = { party: 'bank', sign: (context: string, bytes: Uint8Array) => party('bank').sign(context, bytes) }
  const cases = [
    [keys, 'job.invalid'],
    [[...keys, signedBy(asParty)], 'envelope.tampered'],
    [[...keys, signedBy(adder, 'job-0123456789abcdef0123')], 'envelope.tampered'],
  ] as const
  for (const [given, code] of cases) {
    coordinator.frames.length = 0
    coordinator.say({ body: 'job_started', job_started: { job, keys: [...given] } })
    expect((await coordinator.heard((frame) => frame.task_failed)).failure).toMatchObject({ code, party: 'tax' })
    expect(stateOf(job).state).toBe('accepted')
  }
  coordinator.say({ body: 'job_started', job_started: { job, keys: [...keys, signedBy(adder)] } })
  await until(() => stateOf(job).state === 'started' && existsSync(join(jobFolder(job), 'mail', ADDER)))
})

test('rounds run once, answers repeat, a restart goes on, and the end deletes every secret', async () => {
  outputs.length = 0
  const { job, keys } = await accepted()
  const open = (task: string, round: number) =>
    coordinator.say({ body: 'round_opened', round_opened: { job, task, round } })
  const closed = (task: string, round: number) =>
    coordinator.heard(({ round_closed: frame }) => (frame?.task === task && frame.round === round ? frame : undefined))
  const sealed = async (task: string, round: number) => {
    const before = hub.leaves.length
    bankLog.roundClosed({ job, task, round, startedAt: new Date(), recordDigest: '0'.repeat(64) })
    await seal(before + 2)
  }
  coordinator.say({ body: 'job_started', job_started: { job, keys } })
  open('align', 0)
  const first = await closed('align', 0)
  await restart()
  coordinator.say({ body: 'job_started', job_started: { job, keys } })
  open('align', 0)
  expect(await closed('align', 0)).toEqual(first)
  await sealed('align', 0)
  open('align', 1)
  expect((await closed('align', 1)).finished).toBe(true)
  coordinator.frames.length = 0
  open('align', 1)
  await closed('align', 1)
  expect(outputs).toEqual([1])
  await sealed('align', 1)
  open('train', 0)
  await closed('train', 0)

  expect(existsSync(join(jobFolder(job), 'vault'))).toBe(true)
  coordinator.say({ body: 'job_ended', job_ended: { job, state: 'cancelled', failure: null } })
  await until(() => stateOf(job).state === 'cancelled' && !existsSync(join(jobFolder(job), 'mail')))
  for (const gone of ['vault', 'checkpoints', 'mail']) expect(existsSync(join(jobFolder(job), gone))).toBe(false)
})

test('a job that the coordinator calls succeeded before its last round failed here, and the coordinator is named', async () => {
  const { job, keys } = await accepted()
  coordinator.say({ body: 'job_started', job_started: { job, keys } })
  coordinator.say({ body: 'round_opened', round_opened: { job, task: 'align', round: 0 } })
  await coordinator.heard(({ round_closed: frame }) => frame)
  coordinator.say({ body: 'job_ended', job_ended: { job, state: 'succeeded', failure: null } })
  await until(() => stateOf(job).state === 'failed' && !existsSync(join(jobFolder(job), 'mail')))
  expect(stateOf(job)).toMatchObject({ failure: { code: 'protocol.out-of-order', party: 'coordinator' } })
  for (const gone of ['vault', 'checkpoints']) expect(existsSync(join(jobFolder(job), gone))).toBe(false)
})

test('a round out of turn fails the job with protocol.out-of-order', async () => {
  const { job, keys } = await accepted()
  coordinator.say({ body: 'job_started', job_started: { job, keys } })
  coordinator.say({ body: 'round_opened', round_opened: { job, task: 'train', round: 3 } })
  const failed = await coordinator.heard((frame) => frame.task_failed)
  expect(failed).toMatchObject({ job, task: 'train', round: 3, failure: { code: 'protocol.out-of-order' } })
})

test('a round of a job that this party does not know is answered with job.unknown', async () => {
  coordinator.say({ body: 'round_opened', round_opened: { job: 'job-ffffffffffffffffffff', task: 'align', round: 0 } })
  const failed = await coordinator.heard((frame) => frame.task_failed)
  expect(failed.failure?.code).toBe('job.unknown')
})
