// Honest agents and a coordinator that plays foul: what it does to the log is found before anybody cosigns it, and named.
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { parseRecord } from '#crypto/log/dsse.ts'
import { addSignatures, cosign } from '#crypto/log/note.ts'
import { parseJobSpec, jobIdOf } from '#protocols/core/job-spec.ts'
import { firstState, makeRecord, type RecordBody, recordIn } from '#protocols/log/records.ts'
import { verifyLog } from '#protocols/log/verify.ts'
import type { PlatformError } from '#runtime/errors.ts'
import { silentLogger } from '#runtime/log.ts'
import { AgentLog } from './agent-log.ts'
import { LogHub, testParties } from './log-hub.ts'
import { MIRROR_FILE, MirrorStore } from './mirror-store.ts'
import { RoundDoor } from './round-door.ts'

const FEDERATION = 'test-federation'
const NAMES = ['bank', 'land', 'tax'] as const
type Name = (typeof NAMES)[number]
const SPEC_BYTES = Buffer.from(
  JSON.stringify({
    version: 1,
    name: 'x',
    guest: { party: 'bank', dataset: 'a' },
    hosts: ['tax', 'land'].map((party) => ({ party, dataset: 'b' })),
  }),
)
const SPEC = parseJobSpec(SPEC_BYTES)
const JOB = jobIdOf(SPEC_BYTES)
const DIGEST = 'ab'.repeat(32)

const keys = testParties(FEDERATION, NAMES)
let folder: string
let hub: LogHub
const logs = new Map<Name, AgentLog>()
const faults = new Map<Name, PlatformError>()
let sealed: Name[]

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'agent-log-'))
  hub = new LogHub(FEDERATION, NAMES, keys.logKey)
  faults.clear()
  sealed = []
  for (const name of NAMES) start(name)
})
afterEach(() => {
  for (const log of logs.values()) log[Symbol.dispose]()
  rmSync(folder, { recursive: true, force: true })
})

function start(name: Name): AgentLog {
  logs.get(name)?.[Symbol.dispose]()
  const identity = keys.parties.find(({ party }) => party === name) as (typeof keys.parties)[0]
  const log = new AgentLog({ home: join(folder, name), identity, trust: keys, log: silentLogger })
  log.listen({
    wire: {
      send: async (frame) => {
        hub.hear(name, frame)
        return true
      },
    },
    sealed: () => sealed.push(name),
    violated: (_, error) => faults.set(name, error),
  })
  logs.set(name, log)
  hub.attach(name, log)
  return log
}
const of = (name: Name) => logs.get(name) as AgentLog

function accept(): void {
  for (const name of NAMES) {
    of(name).requireUsable(JOB, SPEC)
    of(name).accepted(JOB, SPEC, SPEC_BYTES, undefined)
  }
  hub.publish()
}

const line = (from: Name, to: Name, round: number, bytes = 100) => ({
  job: JOB,
  task: 'align',
  round,
  step: 'hello',
  from,
  to,
  messages: 1,
  bytes,
  envelopeBytes: bytes + 60,
  keyId: '',
  sha256: DIGEST,
  time: '',
})

/** Everybody says hello to everybody, and closes the round. */
async function runRound(round: number, bytesHeardBy: Partial<Record<Name, number>> = {}): Promise<void> {
  for (const name of NAMES) {
    const at = { job: JOB, task: 'align', round }
    of(name).roundStarted(at)
    for (const peer of NAMES.filter((other) => other !== name)) {
      const told = { decryptableBy: [peer], approval: '', decision: 'allowed', class: 'control' } as const
      await of(name).tell({ fact: 'msg.sent', ...line(name, peer, round), ...told })
      const heard = line(peer, name, round, bytesHeardBy[name])
      await of(name).tell({
        fact: 'msg.received',
        ...heard,
        direction: 'received',
        kind: 'control',
        decryptableBy: [name],
      })
    }
    of(name).roundClosed({ ...at, startedAt: new Date(), recordDigest: DIGEST })
  }
}

async function honestRound(round: number): Promise<void> {
  await runRound(round)
  hub.publish()
  hub.seal()
}

const incidents = (name: Name) =>
  readdirSync(join(folder, name, 'log', hub.collaboration)).filter((file) => file.startsWith('incident-'))

test('a job of two rounds is cosigned by all, opens in step, and verifies', async () => {
  accept()
  accept() // the others wait until the first participant has opened the log
  expect(hub.cosigners).toEqual(NAMES)
  expect(of('tax').isSealed(JOB, SPEC, undefined)).toBe(false)
  hub.seal()
  expect(sealed).toEqual(NAMES)
  expect(of('tax').isSealed(JOB, SPEC, undefined)).toBe(true)
  for (const round of [0, 1]) {
    await honestRound(round)
    for (const name of NAMES) expect(of(name).isSealed(JOB, SPEC, { task: 'align', round })).toBe(true)
  }
  for (const name of NAMES) of(name).ended(JOB, SPEC, 'succeeded', '', new Map())
  hub.publish()
  hub.seal()
  expect(faults).toEqual(new Map())
  using store = new MirrorStore(join(folder, 'tax', 'log', hub.collaboration, MIRROR_FILE), { readOnly: true })
  const report = await verifyLog({
    origin: `tributary/${FEDERATION}/${hub.collaboration}`,
    participants: keys.parties.map(({ party, key }) => ({ name: party, signingKey: key.publicKey })),
    leaves: (async function* () {
      yield* store.leaves()
    })(),
    checkpoint: store.sealed().note,
    logKey: keys.logKey.publicKey,
    workers: 0,
  })
  expect(report.problems).toEqual([])
  expect(report.facts.sent).toHaveLength(3)
})

test('the measures of a result are stated once, also when the result is stored again', async () => {
  accept()
  accept()
  hub.seal()
  await honestRound(0)
  const file = join(folder, 'result.json')
  const measure = (value: number) => ({ value, low: 0, high: 1 })
  writeFileSync(file, JSON.stringify({ joint: { auc: measure(0.75), ks: measure(0.4) }, losses: [0.7, 0.5] }))
  const at = { job: JOB, task: 'align', round: 0 }
  await of('bank').resultStored(at, file)
  const size = hub.leaves.length
  await of('bank').resultStored(at, file)
  expect(hub.leaves).toHaveLength(size)
  hub.publish()
  expect(hub.cosigners).toEqual(NAMES)
  const said = hub.leaves.map((leaf) => recordIn(parseRecord(leaf))).filter(({ kind }) => kind === 'metric.released')
  expect(said).toMatchObject([
    { author: 'bank', step: 'result', name: 'joint auc', value: '0.7500' },
    { name: 'joint ks', value: '0.4000' },
    { name: 'training loss', value: '0.5000' },
  ])
})

test('an agent that is started again goes on where it was, and states nothing twice', async () => {
  accept()
  accept()
  hub.seal()
  await honestRound(0)
  const before = hub.leaves.length
  const log = start('tax')
  log.resume(JOB, SPEC, 'started')
  log.connected()
  expect(log.isSealed(JOB, SPEC, { task: 'align', round: 0 })).toBe(true)
  log.accepted(JOB, SPEC, SPEC_BYTES, undefined)
  const at = { job: JOB, task: 'align', round: 0 }
  log.roundClosed({ ...at, startedAt: new Date(), recordDigest: DIGEST })
  expect(hub.leaves).toHaveLength(before)
  const another = { ...at, startedAt: new Date(), recordDigest: 'cd'.repeat(32) }
  expect(() => log.roundClosed(another)).toThrowError(/^storage\.damaged/)
  await honestRound(1)
  expect(faults).toEqual(new Map())
})

test('records that were signed before a crash are sent again as they were', async () => {
  accept()
  accept()
  hub.seal()
  const size = hub.leaves.length
  await runRound(0)
  const lost = hub.leaves.splice(size) // they were signed, and reached nobody
  for (const name of NAMES) {
    const log = start(name)
    log.resume(JOB, SPEC, 'started')
    log.connected()
  }
  expect(new Set(hub.leaves.slice(size).map(String))).toEqual(new Set(lost.map(String)))
  hub.publish()
  expect(hub.cosigners).toEqual(NAMES)
})

/** What a foul coordinator sends to tax after round 1 was closed by all, and what tax says of it. */
const forged = (body: RecordBody, author: Name) => {
  const key = keys.parties.find(({ party }) => party === author) as (typeof keys.parties)[0]
  const state = firstState({
    collaboration: hub.collaboration,
    author,
    sign: key.signStatement,
    signingKey: key.key.publicKey,
  })
  return Buffer.from(makeRecord({ ...state, seq: 50 }, body, new Date()).leaf)
}
const note = (leaves: readonly Uint8Array[], from: number) => hub.entries(from, leaves.slice(from), hub.note(leaves))
const authored = (leaf: Buffer, author: string) =>
  JSON.parse(Buffer.from(JSON.parse(leaf.toString()).payload, 'base64').toString()).author === author

test.each<[string, string, string, (size: number) => ReturnType<LogHub['entries']>]>([
  ['an older checkpoint', 'log.rollback', 'coordinator', (size) => note(hub.leaves.slice(0, size - 1), size - 1)],
  [
    'another log of the same length',
    'log.fork',
    'coordinator',
    (size) =>
      note([...hub.leaves.slice(0, size - 2), hub.leaves[size - 1] as Buffer, hub.leaves[size - 2] as Buffer], size),
  ],
  [
    'other leaves where we have ours',
    'log.fork',
    'coordinator',
    (size) => note([...hub.leaves.slice(0, size - 1), hub.leaves[0] as Buffer, ...hub.leaves.slice(size)], size - 1),
  ],
  [
    'a rewritten past under new leaves',
    'log.bad-root',
    'coordinator',
    (size) => note([hub.leaves[1] as Buffer, hub.leaves[0] as Buffer, ...hub.leaves.slice(2)], size),
  ],
  [
    'a log without a record of ours that it had acknowledged',
    'log.omission',
    'coordinator',
    (size) => {
      const last = hub.leaves.findLastIndex((leaf) => authored(leaf, 'tax'))
      return note(
        hub.leaves.filter((_, i) => i < size || i !== last),
        size,
      )
    },
  ],
  [
    'a gap in the records of another',
    'log.omission',
    'coordinator',
    (size) => {
      const first = hub.leaves.findIndex((leaf, i) => i >= size && authored(leaf, 'bank'))
      return note(
        hub.leaves.filter((_, i) => i !== first),
        size,
      )
    },
  ],
  [
    'a record in our name that we did not write',
    'log.insertion',
    'coordinator',
    (size) => {
      const body = { kind: 'anomaly', job: '', task: '', round: 0, code: 'made.up', peer: '' } as const
      return note([...hub.leaves, forged(body, 'tax')], size)
    },
  ],
  [
    'a record that nobody signed',
    'log.insertion',
    'coordinator',
    (size) => {
      const leaf = Buffer.from(
        (hub.leaves[size] as Buffer)
          .toString()
          .replace('"sig":"', '"sig":"AA')
          .replace(/..=="}/, '=="}'),
      )
      return note([...hub.leaves, leaf], size)
    },
  ],
  [
    'a record of another twice',
    'log.equivocation',
    'bank',
    (size) => note([...hub.leaves, hub.leaves.findLast((leaf) => authored(leaf, 'bank')) as Buffer], size),
  ],
  [
    'a checkpoint that another key signed',
    'log.signature',
    'coordinator',
    (size) => {
      const entries = note(hub.leaves, size)
      return { ...entries, checkpoint: Buffer.from(entries.checkpoint.toString().replace(/— (\S+) ..../, '— $1 AAAA')) }
    },
  ],
])('%s is %s, and nothing is cosigned any more', async (_, code, who, foul) => {
  accept()
  accept()
  hub.seal()
  await honestRound(0)
  const size = hub.leaves.length
  await runRound(1)
  of('tax').entriesArrived(foul(size))
  expect(faults.get('tax')).toMatchObject({ code, detail: { party: who } })
  expect(incidents('tax')).toEqual(['incident-0001.json'])
  const evidence = JSON.parse(readFileSync(join(folder, 'tax', 'log', hub.collaboration, 'incident-0001.json'), 'utf8'))
  expect(evidence).toMatchObject({ code, detail: { party: who } })
  expect(evidence.held.split('\n')[0]).toBe(`tributary/${FEDERATION}/${hub.collaboration}`)
  hub.publish()
  expect(hub.cosigners).toEqual(['bank', 'land'])
  expect(() => of('tax').requireUsable(JOB, SPEC)).toThrowError(/^log\.frozen/)
  // nor after a restart
  expect(() => start('tax').requireUsable(JOB, SPEC)).toThrowError(/^log\.frozen/)
})

test('two logs shown to two parties: the cosignature of one does not fit the log of the other', async () => {
  accept()
  accept()
  hub.seal()
  await runRound(0)
  hub.publish()
  const size = hub.leaves.length
  // land was shown the same records in another order; what it cosigned there is passed off as cosigned here
  const swapped = [...hub.leaves.slice(0, size - 2), hub.leaves[size - 1], hub.leaves[size - 2]] as Buffer[]
  const land = keys.parties.find(({ party }) => party === 'land') as (typeof keys.parties)[0]
  const key = { name: 'land', publicKey: land.key.publicKey }
  const elsewhere = cosign(hub.note(swapped), key, land.signStatement, new Date())
  of('tax').entriesArrived(hub.entries(size, [], Buffer.from(addSignatures(hub.note(), [elsewhere]))))
  expect(faults.get('tax')).toMatchObject({ code: 'log.fork', detail: { cosignedAnother: ['land'] } })
})

test('two parties that recorded a message differently are both stopped', async () => {
  accept()
  accept()
  hub.seal()
  await runRound(0, { tax: 101 })
  hub.publish()
  for (const name of NAMES) expect(faults.get(name)?.code).toBe('log.mismatch')
  expect(hub.cosigners).toEqual([])
})

test('a round that is opened before all have cosigned does not begin', async () => {
  accept()
  accept()
  hub.seal()
  await runRound(0)
  hub.publish() // cosigned by all, but nobody is shown that
  const opened: string[] = []
  const failed = Promise.withResolvers<PlatformError>()
  const runner = {
    lastClosed: { task: 'align', round: 0 },
    wouldStart: () => true,
    roundOpened: (task: string, round: number) => void opened.push(`${task}/${round}`),
    fail: (error: PlatformError) => failed.resolve(error),
  }
  const door = new RoundDoor({ job: JOB, spec: SPEC, roundLog: of('tax'), runner, waitMs: 20 })
  door.opened('align', 1)
  expect(opened).toEqual([])
  hub.seal()
  door.sealed()
  expect(opened).toEqual(['align/1'])
  runner.lastClosed = { task: 'align', round: 1 }
  door.opened('align', 2)
  expect(await failed.promise).toMatchObject({
    code: 'log.omission',
    detail: { party: 'coordinator', missing: ['bank', 'tax', 'land'] },
  })
  expect(opened).toEqual(['align/1'])
  expect(existsSync(join(folder, 'tax', 'log', hub.collaboration, 'incident-0001.json'))).toBe(true)
})
