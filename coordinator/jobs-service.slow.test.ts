import { status } from '@grpc/grpc-js'
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import type { JobView__Output } from '#protos/gen/tributary/v1/JobView.ts'
import { fromServiceError } from '#runtime/grpc-errors.ts'
import type { RunningCoordinator } from './coordinator.ts'
import {
  answerOf,
  connectAgent,
  identityOf,
  makeFederation,
  openCaller,
  type RawAgent,
  signedSpec,
  startTestCoordinator,
  type TestFederation,
} from './test-federation.ts'

// the newcomer never connects
const PARTIES = ['bank', 'tax', 'social', 'bystander', 'newcomer']
const PATIENT = { timeout: 15_000 }
let federation: TestFederation
let coordinator: RunningCoordinator
let agents: Map<string, RawAgent>
let caller: ReturnType<typeof openCaller>
/** how far the clock of the coordinator is ahead: a deadline passes when a test says so */
let aheadMs = 0

beforeAll(async () => {
  federation = await makeFederation(PARTIES)
  agents = new Map()
  await start()
})
beforeEach(async () => {
  agents.get('bystander')?.leave()
  agents.delete('bystander')
  for (const party of ['bank', 'tax', 'social']) if (!agents.has(party)) await arrive(party)
})
afterAll(() => stop())

async function start(): Promise<void> {
  coordinator = await startTestCoordinator(federation, {}, { now: () => Date.now() + aheadMs })
  caller = openCaller(federation, 'bank', coordinator.address)
}

async function stop(): Promise<void> {
  for (const agent of agents.values()) agent.leave()
  caller.jobs.close()
  caller.federation.close()
  await coordinator.close()
}

async function arrive(party: string, jobs: readonly string[] = []): Promise<RawAgent> {
  const agent = await connectAgent(federation, party, coordinator.address, jobs)
  agents.set(party, agent)
  return agent
}

const agent = (party: string) => agents.get(party) as RawAgent
const everyone = () => [...agents.values()]

const submit = (spec: ReturnType<typeof signedSpec>, by = caller) =>
  answerOf<JobView__Output>((done) => by.jobs.Submit(spec, done as never))
const get = (job: string, by = caller) => answerOf<JobView__Output>((done) => by.jobs.Get({ job }, done as never))
const cancel = (job: string, by = caller) => answerOf<JobView__Output>((done) => by.jobs.Cancel({ job }, done as never))
const refused = async (call: Promise<unknown>) =>
  fromServiceError(
    await call.then(
      () => undefined,
      (error) => error,
    ),
  )

function accept(party: string, job: string): void {
  const sealing_key = Buffer.alloc(32, party.length)
  agent(party).say({ invite_answer: { job, accepted: true, sealing_key, sealing_signature: Buffer.alloc(64) } })
}
function closeRound(party: string, job: string, task: string, round: number, finished = false): void {
  agent(party).say({ round_closed: { job, task, round, finished, record_digest: Buffer.alloc(32) } })
}

/** Submits a job and brings it to its first round. */
async function startJob(change: Parameters<typeof signedSpec>[2] = {}): Promise<string> {
  const { job } = await submit(signedSpec(federation, ['tax', 'social'], change))
  for (const party of ['bank', 'tax', 'social']) {
    await agent(party).heard('invite', { job })
    accept(party, job)
  }
  for (const one of everyone()) await one.heard('round_opened', { job, task: 'align', round: 0 })
  return job
}

async function passRound(job: string, task: string, round: number, finished = false): Promise<void> {
  for (const one of everyone()) await one.heard('round_opened', { job, task, round })
  for (const one of everyone()) closeRound(one.party, job, task, round, finished)
}

describe('a job', () => {
  test('goes through its tasks and rounds to its end', async () => {
    const job = await startJob()
    const started = await agent('tax').heard('job_started', { job })
    expect(started.keys.map((key) => [key.party, key.sealing_key[0]])).toEqual([
      ['bank', 4],
      ['tax', 3],
      ['social', 6],
    ])
    await passRound(job, 'align', 0)
    await passRound(job, 'align', 1, true)
    for (const round of [0, 1, 2]) await passRound(job, 'train', round)
    expect((await get(job)).tasks).toMatchObject([
      { task: 'align', state: 'succeeded', round: 1, max_rounds: 1 },
      { task: 'train', state: 'running', max_rounds: 3 },
    ])
    await passRound(job, 'train', 3, true)
    for (const one of everyone()) {
      expect(await one.heard('job_ended', { job })).toMatchObject({ state: 'succeeded', failure: null })
    }
    expect(await get(job)).toMatchObject({ state: 'succeeded', failure_code: '', tasks: [{}, { state: 'succeeded' }] })
  })

  test('waits at the barrier until the last party closed its round', async () => {
    const job = await startJob()
    closeRound('bank', job, 'align', 0)
    closeRound('bank', job, 'align', 0)
    closeRound('tax', job, 'align', 0)
    agent('tax').say({ beat: { number: 9 } })
    await agent('tax').heard('beat', { number: 9 })
    expect((await get(job)).tasks[0]?.round).toBe(0)
    closeRound('social', job, 'align', 0)
    await agent('bank').heard('round_opened', { job, task: 'align', round: 1 })
  })

  test('a refusal of the invitation rejects it for all, with the refusing party and its code', async () => {
    const { job } = await submit(signedSpec(federation, ['tax', 'social']))
    accept('bank', job)
    const refusal = { code: 'policy.denied', party: 'bank', detail: { rule: 'peers' } }
    agent('tax').say({ invite_answer: { job, accepted: false, refusal } })
    for (const one of everyone()) {
      const failure = { code: 'policy.denied', party: 'tax', detail: { rule: 'peers' } }
      expect(await one.heard('job_ended', { job })).toMatchObject({ state: 'rejected', failure })
    }
  })

  test('a failure at one party ends it for all', async () => {
    const job = await startJob()
    const failure = { code: 'psi.too-small', party: '', detail: { minimum: '1000' } }
    agent('social').say({ task_failed: { job, task: 'align', round: 0, failure } })
    for (const one of everyone()) {
      const ended = await one.heard('job_ended', { job })
      expect(ended).toMatchObject({ state: 'failed', failure: { code: 'psi.too-small', party: 'social' } })
    }
    expect(await get(job)).toMatchObject({ failure_party: 'social', failure_detail: { minimum: '1000' } })
  })

  test('a failure code that is not in the catalogue does not travel', async () => {
    const job = await startJob()
    agent('tax').say({ task_failed: { job, failure: { code: 'made.up', detail: {} } } })
    expect((await agent('bank').heard('job_ended', { job })).failure?.code).toBe('internal.unexpected')
  })

  test('parties that disagree about the end of a task end the job, which names them', async () => {
    const job = await startJob()
    await passRound(job, 'align', 0)
    for (const one of everyone()) await one.heard('round_opened', { job, task: 'align', round: 1 })
    for (const party of ['bank', 'tax', 'social']) closeRound(party, job, 'align', 1, party === 'tax')
    const { failure } = await agent('bank').heard('job_ended', { job })
    expect(failure).toMatchObject({ code: 'task.params-differ', detail: { done: 'tax' } })
  })

  test('a task that does not finish by its last round ends the job', async () => {
    const job = await startJob()
    await passRound(job, 'align', 0)
    await passRound(job, 'align', 1)
    expect((await agent('bank').heard('job_ended', { job })).failure?.code).toBe('protocol.out-of-order')
  })

  test('closing a round that is not open yet is refused', async () => {
    const job = await startJob()
    closeRound('tax', job, 'train', 0)
    expect(await agent('tax').heard('refusal', { job })).toMatchObject({ code: 'protocol.out-of-order', fatal: false })
  })

  test('a party outside the job may not speak for it', async () => {
    const job = await startJob()
    const bystander = await arrive('bystander')
    closeRound('bystander', job, 'align', 0)
    expect(await bystander.heard('refusal')).toMatchObject({ code: 'job.unknown', job })
  })

  test('is cancelled by its guest, for all', async () => {
    const job = await startJob()
    expect(await cancel(job)).toMatchObject({ state: 'cancelled', failure_code: 'job.cancelled' })
    for (const one of everyone()) await one.heard('job_ended', { job, state: 'cancelled' })
    expect((await refused(cancel(job))).code).toBe('job.bad-state')
  })
})

describe('submitting', () => {
  test('the same bytes twice are one job', async () => {
    const spec = signedSpec(federation, ['tax'])
    await submit(spec)
    expect((await refused(submit(spec))).code).toBe('job.exists')
  })

  test.each([
    ['job.unknown-party', { hosts: [{ party: 'nobody', dataset: 'x' }] }, /parties: nobody/],
    ['job.unknown-dataset', { hosts: [{ party: 'tax', dataset: 'other' }] }, /dataset: other; known: tax_rows/],
    [
      'job.unknown-column',
      { hosts: [{ party: 'tax', dataset: 'tax_rows', columns: ['tax_a', 'nix'] }] },
      /columns: nix/,
    ],
    ['job.party-offline', { hosts: [{ party: 'newcomer', dataset: 'x' }] }, /party: newcomer/],
    ['job.invalid', { train: { rounds: 0 } }, /\/train\/rounds/],
  ])('%s', async (code, change, message) => {
    const error = await refused(submit(signedSpec(federation, ['tax'], change)))
    expect(error.code).toBe(code)
    expect(error.message).toMatch(message)
  })

  test('a guest data set without a label is refused', async () => {
    const job_spec = Buffer.from(
      JSON.stringify({
        version: 1,
        name: 'x',
        guest: { party: 'tax', dataset: 'tax_rows' },
        hosts: [{ party: 'bank', dataset: 'bank_rows' }],
      }),
    )
    const signature = Buffer.from(identityOf(federation, 'tax').sign('job-spec', job_spec))
    const tax = openCaller(federation, 'tax', coordinator.address)
    const error = await refused(submit({ job_spec, signature }, tax))
    expect(error.code).toBe('job.unknown-column')
    expect(error.message).toMatch(/no label/)
    tax.jobs.close()
  })

  test('a job that its guest did not sign is refused', async () => {
    const spec = signedSpec(federation, ['tax'])
    const signature = Buffer.from(identityOf(federation, 'tax').sign('job-spec', spec.job_spec))
    expect((await refused(submit({ ...spec, signature }))).code).toBe('job.bad-signature')
  })

  test('a job of another guest is refused', async () => {
    const tax = openCaller(federation, 'tax', coordinator.address)
    const error = await refused(submit(signedSpec(federation, ['tax']), tax))
    expect(error.code).toBe('identity.wrong-party')
    tax.jobs.close()
  })
})

describe('asking', () => {
  test('a party sees only jobs that it takes part in, and only the guest cancels', async () => {
    const { job } = await submit(signedSpec(federation, ['tax']))
    const bystander = openCaller(federation, 'bystander', coordinator.address)
    const tax = openCaller(federation, 'tax', coordinator.address)
    expect((await refused(get(job, bystander))).code).toBe('job.unknown')
    expect((await refused(cancel(job, bystander))).code).toBe('job.unknown')
    expect((await refused(get('job-0', tax))).code).toBe('job.unknown')
    expect((await refused(cancel(job, tax))).code).toBe('identity.wrong-party')
    const list = (by: typeof tax) =>
      answerOf<{ jobs: JobView__Output[] }>((done) => by.jobs.List({ limit: 10 }, done as never))
    expect((await list(tax)).jobs[0]?.job).toBe(job)
    expect((await list(bystander)).jobs).toEqual([])
    for (const by of [bystander, tax]) by.jobs.close()
  })

  test('a watcher gets the view at once, then progress, then the end', async () => {
    const job = await startJob()
    const views: JobView__Output[] = []
    const call = caller.jobs.Watch({ job })
    const ended = new Promise((resolve, reject) => call.on('end', resolve).on('error', reject))
    call.on('data', (view: JobView__Output) => views.push(view))
    await expect.poll(() => views.length, PATIENT).toBeGreaterThan(0)
    agent('tax').say({
      progress: { job, task: 'align', round: 0, phase: 'hashing ids', done: 3, total: 9, unit: 'ids' },
    })
    const tax = () => views.at(-1)?.parties.find((party) => party.party === 'tax')
    await expect.poll(tax, PATIENT).toMatchObject({ phase: 'hashing ids', done: 3, total: 9, connected: true })
    await cancel(job)
    await ended
    expect(views.at(-1)?.state).toBe('cancelled')
  })

  test('watching a job of others is refused with its code', async () => {
    const { job } = await submit(signedSpec(federation, ['tax']))
    const bystander = openCaller(federation, 'bystander', coordinator.address)
    const error = await new Promise((resolve) => bystander.jobs.Watch({ job }).on('error', resolve).resume())
    expect(error).toMatchObject({ code: status.NOT_FOUND })
    expect(fromServiceError(error).code).toBe('job.unknown')
    bystander.jobs.close()
  })
})

describe('deadlines', () => {
  /** Time passes once the coordinator has heard what these said. */
  async function pass(seconds: number, ...parties: readonly string[]): Promise<void> {
    for (const party of parties) {
      agent(party).say({ beat: { number: aheadMs + 7 } })
      await agent(party).heard('beat', { number: aheadMs + 7 })
    }
    aheadMs += 1000 * seconds
  }

  test('a party that does not answer the invitation is named', async () => {
    const deadlines = { inviteSeconds: 60 }
    const { job } = await submit(signedSpec(federation, ['tax', 'social'], { deadlines }))
    accept('bank', job)
    accept('social', job)
    await pass(61, 'bank', 'social')
    const { failure } = await agent('social').heard('job_ended', { job })
    expect(failure).toMatchObject({ code: 'peer.timeout', party: 'tax', detail: { party: 'tax' } })
  })

  test('a party that stays away is named to those who stayed, and to itself when it comes back', async () => {
    const job = await startJob({ deadlines: { peerSeconds: 60 } })
    for (const party of ['bank', 'social']) closeRound(party, job, 'align', 0)
    agent('tax').leave()
    agents.delete('tax')
    await pass(61, 'bank', 'social')
    const { failure } = await agent('bank').heard('job_ended', { job })
    expect(failure).toMatchObject({ code: 'peer.timeout', party: 'tax' })
    const back = await arrive('tax', [job])
    expect((await back.heard('job_ended', { job })).failure).toMatchObject({ code: 'peer.timeout', party: 'tax' })
  })

  test('a party that owes the end of its round and shows no work is named', async () => {
    const job = await startJob({ deadlines: { peerSeconds: 60 } })
    closeRound('bank', job, 'align', 0)
    closeRound('social', job, 'align', 0)
    await pass(61, 'bank', 'social')
    const { failure } = await agent('bank').heard('job_ended', { job })
    expect(failure).toMatchObject({ code: 'peer.timeout', party: 'tax', detail: { owing: 'tax' } })
  })
})

describe('after a restart of the coordinator', () => {
  /** Ends the process's work without a word to the agents' side of any protocol, then starts on the same database. */
  async function restart(): Promise<void> {
    await stop()
    agents.clear()
    await start()
  }

  test('an invitation that was not answered comes again', async () => {
    const { job } = await submit(signedSpec(federation, ['tax']))
    await agent('bank').heard('invite', { job })
    accept('bank', job)
    await expect.poll(async () => (await get(job)).state, PATIENT).toBe('inviting')
    agent('bank').say({ beat: { number: 3 } })
    await agent('bank').heard('beat', { number: 3 })
    await restart()
    const bank = await arrive('bank', [job])
    const tax = await arrive('tax')
    expect((await tax.heard('invite', { job })).job_spec.length).toBeGreaterThan(10)
    accept('tax', job)
    await bank.heard('round_opened', { job, round: 0 })
    expect(bank.frames.some((frame) => frame.invite?.job === job)).toBe(false)
  })

  test('a running job goes on at its round, with the closings that were there', async () => {
    const job = await startJob()
    await passRound(job, 'align', 0)
    for (const one of everyone()) await one.heard('round_opened', { job, round: 1 })
    closeRound('tax', job, 'align', 1, true)
    agent('tax').say({ beat: { number: 3 } })
    await agent('tax').heard('beat', { number: 3 })
    await restart()
    for (const party of ['bank', 'tax', 'social']) {
      const one = await arrive(party, [job])
      expect((await one.heard('job_started', { job })).keys).toHaveLength(3)
      await one.heard('round_opened', { job, task: 'align', round: 1 })
    }
    closeRound('bank', job, 'align', 1, true)
    closeRound('social', job, 'align', 1, true)
    await agent('tax').heard('round_opened', { job, task: 'train', round: 0 })
  })

  test('an agent that missed the end hears it, and of a job that nobody knows that it is over', async () => {
    const job = await startJob()
    agent('tax').leave()
    agents.delete('tax')
    await cancel(job)
    await restart()
    const tax = await arrive('tax', [job, 'job-from-nowhere'])
    expect(await tax.heard('job_ended', { job })).toMatchObject({ state: 'cancelled' })
    const unknown = await tax.heard('job_ended', { job: 'job-from-nowhere' })
    expect(unknown).toMatchObject({ state: 'failed', failure: { code: 'job.unknown' } })
  })

  test('catalogs are still known', async () => {
    await restart()
    expect((await submit(signedSpec(federation, ['tax']))).state).toBe('inviting')
  })
})
