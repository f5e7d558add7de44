// Each check red and green, from the state of a coordinator at that moment.
import { tmpdir } from 'node:os'
import { beforeAll, expect, test } from 'vitest'
import { issueTlsCertificate, makeRoot } from '#crypto/identity/certificates.ts'
import type { JobRecord } from '../jobs/job-record.ts'
import type { LogView } from '../log/round-logs.ts'
import { sampleJob } from '../store/store.contract.ts'
import { checks } from './health-views.ts'
import type { CoordinatorParts } from './parts.ts'

const NOW = new Date('2026-05-01T00:00:00.000Z')
const MIB = 1024 ** 2
let rootPem = ''
let certificatePem = ''

beforeAll(async () => {
  const root = await makeRoot({ federation: 'credit', name: 'coordinator', now: NOW })
  const subject = { kind: 'server', name: 'coordinator', hosts: ['localhost'] } as const
  rootPem = root.pem
  certificatePem = (await issueTlsCertificate({ root, subject, now: NOW })).pem
})

interface State {
  readonly parties: readonly string[]
  readonly logKey: string | undefined
  readonly running: readonly JobRecord[]
  readonly connected: readonly string[]
  readonly logs: readonly Partial<LogView>[]
  readonly loopDelayMs: number
  readonly adderUsed: number
  readonly days: number
}
const WELL: State = {
  parties: ['bank', 'social', 'tax'],
  logKey: 'key',
  running: [],
  connected: ['bank', 'social', 'tax'],
  logs: [{ headSize: 9, cosigned: new Map([['bank', 9]]), waitedFor: ['bank'] }],
  loopDelayMs: 20,
  adderUsed: 0,
  days: 0,
}
const UNSEALED = [{ headSize: 9, cosigned: new Map([['bank', 8]]), waitedFor: ['bank', 'tax'] }]

/** A coordinator in this state, as far as the checks ask. */
function partsOf(change: Partial<State>): CoordinatorParts {
  const state = { ...WELL, ...change }
  const { logKey } = state
  const coordinator = { rootPem, ...(logKey === undefined ? {} : { logKey }) }
  const parties = state.parties.map((party) => ({ party, rootPem, signingKey: '' }))
  return {
    config: { home: tmpdir(), quotas: { jobBytes: MIB, adderBytes: 100 * MIB } },
    identity: () => ({ certificatePem, rootPem }),
    trust: {
      bundle: { edition: 3, parties, coordinator },
      isRevoked: () => false,
      revocationsOf: () => ({ list: undefined }),
    },
    presence: { of: () => undefined },
    relay: { outletOf: (party: string) => (state.connected.includes(party) ? {} : undefined) },
    book: { jobs: () => state.running },
    logs: { views: () => state.logs },
    machine: { last: { loopDelayMs: state.loopDelayMs } },
    adder: { budget: { used: state.adderUsed } },
    now: () => NOW.getTime() + state.days * 86_400_000,
  } as unknown as CoordinatorParts
}

const redOf = async (change: Partial<State>) =>
  (await checks(partsOf(change))).filter(({ state }) => state === 'red').map(({ check, found }) => [check, found.en])
const job = sampleJob('job-a', { state: 'running' })

test('all is green where all is well, in both languages, without anything to mend', async () => {
  const found = await checks(partsOf({}))
  expect(found.map(({ check, state, mend }) => [check, state, mend])).toEqual(
    ['certificates', 'trust-bundle', 'disk', 'connections', 'round-logs', 'event-loop', 'adder'].map((check) => [
      check,
      'green',
      undefined,
    ]),
  )
  for (const { title, found: words } of found) expect([title.zh, words.zh].join()).toMatch(/\p{Script=Han}/u)
})

test.each<[string, Partial<State>, string, RegExp]>([
  ['a server certificate in its last tenth', { days: 85 }, 'certificates', /coordinator \(server/],
  ['a federation without parties', { parties: [] }, 'trust-bundle', /0 parties/],
  ['a bundle without the key of the log', { logKey: undefined }, 'trust-bundle', /names no key/],
  ['a party of a running job that is away', { running: [job], connected: ['bank', 'social'] }, 'connections', /: tax$/],
  ['cosignatures that are missing while nothing runs', { logs: UNSEALED }, 'round-logs', /from bank, tax$/],
  ['a process that answers late', { loopDelayMs: 900 }, 'event-loop', /900 ms/],
  ['an adder that is full', { adderUsed: 95 * MIB }, 'adder', /95 %/],
])('%s is red, and says what to do', async (_, change, check, words) => {
  expect(await redOf(change)).toEqual([[check, expect.stringMatching(words)]])
  const [red] = (await checks(partsOf(change))).filter(({ state }) => state === 'red')
  expect([red?.mend?.en, red?.mend?.zh].every((mend) => mend !== undefined && mend.length > 5)).toBe(true)
})

test('while a job runs a checkpoint may still wait for its cosignatures', async () => {
  expect(await redOf({ running: [job], logs: UNSEALED })).toEqual([])
})
