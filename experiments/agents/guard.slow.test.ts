// Real agents with real data sets: a second job whose intersection differs in three rows is refused by the owner's agent.
import { readFileSync } from 'node:fs'
import { readFile, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { answerOf, identityOf, makeFederation, openCaller, startTestCoordinator } from '#coordinator/test-federation.ts'
import { parseTrustBundle } from '#crypto/identity/trust.ts'
import { startAgent } from '#party-agent/agent.ts'
import { readAgentConfig } from '#party-agent/config.ts'
import { openGate } from '#party-agent/gate.ts'
import { readLedger, reconcile } from '#party-agent/ledger/disclosures.ts'
import { BinningLedger } from '#party-agent/ledger/binnings.ts'
import { PrivacyBudget } from '#party-agent/ledger/privacy-budget.ts'
import { DifferencingGuard } from '#party-agent/ledger/guard.ts'
import { AgentTrust } from '#party-agent/membership/agent-trust.ts'
import type { RecordLine } from '#party-agent/mail/record.ts'
import { Programs } from '#party-agent/tasks/programs.ts'
import { jobIdOf } from '#protocols/core/job-spec.ts'
import type { JobView__Output } from '#protos/gen/tributary/v1/JobView.ts'
import type { MessageKind } from '#protocols/core/schedule.ts'
import { silentLogger } from '#runtime/log.ts'

const ROWS = 400
const pause = () => new Promise((resolve) => setTimeout(resolve, 100))

/** What left one party by class, as its ledger says it, is what the other's transport counted, to the byte. */
async function expectSameBytes(sender: string, receiver: string): Promise<void> {
  const ledger = readLedger(await readFile(join(sender, 'disclosures.jsonl'), 'utf8'), sender)
  const record = (await readFile(join(receiver, 'record.jsonl'), 'utf8')).split('\n').filter(Boolean)
  const counted: Partial<Record<MessageKind, number>> = {}
  for (const line of record.map((row) => JSON.parse(row) as RecordLine)) {
    const kind = line.kind as MessageKind
    if (line.direction === 'received') counted[kind] = (counted[kind] ?? 0) + line.envelopeBytes
  }
  expect(Object.keys(counted).length).toBeGreaterThan(4)
  const messages = ledger.filter((line) => line.task !== '')
  expect(reconcile(messages, counted)).toEqual([])
  const released = messages.filter((line) => line.class === 'released-aggregate')
  expect(released.every((line) => (line.release?.rows ?? 0) >= 10)).toBe(true)
}

test('three rows more or less are refused with the code; the same rows are allowed', async () => {
  await using cleanup = new AsyncDisposableStack()
  const federation = await makeFederation(['bank', 'tax'])
  cleanup.defer(() => rm(federation.folder, { recursive: true, force: true }))
  const coordinator = await startTestCoordinator(federation)
  cleanup.defer(() => coordinator.close())

  const ids = Array.from({ length: ROWS }, (_, i) => String(5000 + 7 * i))
  const csv = (some: readonly string[], label: boolean) =>
    [label ? 'id,a,y' : 'id,a', ...some.map((id, i) => `${id},${(i * 37) % 101}${label ? `,${i % 2}` : ''}`)].join('\n')
  const file = (name: string) => join(federation.folder, name)
  await writeFile(file('loans.csv'), csv(ids, true))
  await writeFile(file('fewer.csv'), csv(ids.slice(3), true))
  await writeFile(file('filings.csv'), csv(ids, false))

  for (const [name, datasets] of [
    ['bank', { loans: 'loans.csv', fewer: 'fewer.csv' }],
    ['tax', { filings: 'filings.csv' }],
  ] as const) {
    const home = join(federation.folder, name)
    const identity = identityOf(federation, name)
    const configFile = join(home, 'agent.yaml')
    await writeFile(
      configFile,
      JSON.stringify({
        home,
        coordinator: coordinator.address,
        trustBundle: federation.config.trustBundle,
        approvals: 'off',
        datasets: Object.fromEntries(
          Object.entries(datasets).map(([dataset, source]) => [
            dataset,
            {
              source: { csv: file(source) },
              ids: { column: 'id', kind: 'plain' },
              ...(name === 'bank' ? { label: { column: 'y' } } : {}),
            },
          ]),
        ),
        policy: {
          jobs: [
            {
              guest: 'bank',
              protocols: ['psi', 'vertical-lr'],
              datasets: Object.fromEntries(Object.keys(datasets).map((dataset) => [dataset, { columns: 'all' }])),
              peers: 'any',
              minIntersection: 50,
            },
          ],
        },
      }),
    )
    const config = await readAgentConfig(configFile)
    const gate = await openGate(config, name, silentLogger)
    const guard = new DifferencingGuard(home, identity.storageKey)
    const programs = cleanup.use(
      new Programs(
        gate,
        { workers: 1, engine: 'auto' },
        guard,
        new BinningLedger(home),
        new PrivacyBudget(home, identity.storageKey),
      ),
    )
    const trust = new AgentTrust(parseTrustBundle(readFileSync(federation.config.trustBundle, 'utf8')))
    const agent = await startAgent({ config, identity, trust, programs, gate, log: silentLogger, software: 'test' })
    cleanup.use(agent)
    await agent.connected
  }

  const { jobs } = openCaller(federation, 'bank', coordinator.address)
  cleanup.defer(() => jobs.close())
  const run = async (dataset: string, name: string): Promise<JobView__Output> => {
    const spec = {
      version: 1,
      name,

      guest: { party: 'bank', dataset },
      hosts: [{ party: 'tax', dataset: 'filings' }],
      align: { minIntersection: 100 },
      split: { kind: 'id-modulo', divisor: 5, remainder: 0 },
      train: { rounds: 2 },
    }
    const job_spec = Buffer.from(JSON.stringify(spec))
    const signature = Buffer.from(identityOf(federation, 'bank').sign('job-spec', job_spec))
    const submit = () => answerOf((done) => jobs.Submit({ job_spec, signature }, done as never))
    // The catalogs arrive after the greeting.
    for (let tries = 0; tries < 50 && (await submit().catch(() => undefined)) === undefined; tries++) await pause()
    await submit().catch(({ message }: Error) => expect(message).toMatch(/job\.exists|already/))
    for (;;) {
      const view = await answerOf<JobView__Output>((done) => jobs.Get({ job: jobIdOf(job_spec) }, done as never))
      if (view.ended_at !== '') return view
      await pause()
    }
  }

  const first = await run('loans', 'first')
  expect(first).toMatchObject({ state: 'succeeded' })
  for (const [from, to] of [
    ['bank', 'tax'],
    ['tax', 'bank'],
  ] as const)
    await expectSameBytes(
      join(federation.folder, from, 'jobs', first.job),
      join(federation.folder, to, 'jobs', first.job),
    )
  expect(await run('fewer', 'second')).toMatchObject({
    state: 'failed',
    failure_code: 'guard.differencing',
    failure_party: 'tax',
  })
  expect(await run('loans', 'third')).toMatchObject({ state: 'succeeded' })
  const tax = new DifferencingGuard(join(federation.folder, 'tax'), identityOf(federation, 'tax').storageKey)
  const cells = await tax.released('filings')
  expect(cells.map((cell) => cell.count)).toEqual([ROWS, 320, 80, ROWS, 320, 80])
  expect(new Set(cells.map((cell) => cell.predicate)).size).toBe(3)
})
