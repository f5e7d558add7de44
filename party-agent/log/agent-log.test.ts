// Honest agents and a coordinator that plays foul: what it does to the log is found before anybody cosigns it, and named.
import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { bundleDigest } from '#crypto/identity/bundle-signatures.ts'
import { parseRecord } from '#crypto/log/dsse.ts'
import { addSignatures, cosign } from '#crypto/log/note.ts'
import { firstState, makeRecord, type RecordBody, recordIn } from '#protocols/log/records.ts'
import { editionBytes } from '#protocols/log/trust-edition.ts'
import { verifyLog } from '#protocols/log/verify.ts'
import type { PlatformError } from '#runtime/errors.ts'
import { authored, DIGEST, FEDERATION, JOB, keys, LogBench, NAMES, type Name, SPEC, SPEC_BYTES } from './log-bench.ts'
import type { LogHub } from './log-hub.ts'
import { MIRROR_FILE, MirrorStore } from './mirror-store.ts'
import { RoundDoor } from './round-door.ts'

let bench: LogBench
let hub: LogHub
beforeEach(() => {
  bench = new LogBench()
  hub = bench.hub
})
afterEach(() => bench[Symbol.dispose]())
const of = (name: Name) => bench.of(name)
const accept = () => bench.accept()
const note = (leaves: readonly Uint8Array[], from: number) => bench.note(leaves, from)
const incidents = (name: Name) => bench.incidents(name)

test('a job of two rounds is cosigned by all, opens in step, and verifies', async () => {
  accept()
  accept() // the others wait until the first participant has opened the log
  expect(hub.cosigners).toEqual(NAMES)
  expect(of('tax').isSealed(JOB, SPEC, undefined)).toBe(false)
  hub.seal()
  expect(bench.sealed).toEqual(NAMES)
  expect(of('tax').isSealed(JOB, SPEC, undefined)).toBe(true)
  for (const round of [0, 1]) {
    await bench.honestRound(round)
    for (const name of NAMES) expect(of(name).isSealed(JOB, SPEC, { task: 'align', round })).toBe(true)
  }
  for (const name of NAMES) of(name).ended(JOB, SPEC, 'succeeded', '', new Map())
  hub.publish()
  hub.seal()
  expect(bench.faults).toEqual(new Map())
  using store = new MirrorStore(join(bench.folder, 'tax', 'log', hub.collaboration, MIRROR_FILE), { readOnly: true })
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
  expect(report.facts.trust).toBe(bundleDigest(keys.bundle))
  expect(store.trust()).toBe(Buffer.from(editionBytes(keys.bundle)).toString('utf8'))
})

test('the measures of a result are stated once, also when the result is stored again', async () => {
  accept()
  accept()
  hub.seal()
  await bench.honestRound(0)
  const file = join(bench.folder, 'result.json')
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
  await bench.honestRound(0)
  const before = hub.leaves.length
  const log = bench.start('tax')
  log.resume(JOB, SPEC, 'started')
  log.connected()
  expect(log.isSealed(JOB, SPEC, { task: 'align', round: 0 })).toBe(true)
  log.accepted(JOB, SPEC, SPEC_BYTES, undefined)
  const at = { job: JOB, task: 'align', round: 0 }
  log.roundClosed({ ...at, startedAt: new Date(), recordDigest: DIGEST })
  expect(hub.leaves).toHaveLength(before)
  const another = { ...at, startedAt: new Date(), recordDigest: 'cd'.repeat(32) }
  expect(() => log.roundClosed(another)).toThrowError(/^storage\.damaged/)
  await bench.honestRound(1)
  expect(bench.faults).toEqual(new Map())
})

test('a sealed head that a power failure took is there again after the next connection, and no round begins before', async () => {
  accept()
  accept()
  hub.seal()
  await bench.honestRound(0)
  bench.of('tax')[Symbol.dispose]()
  {
    using file = new DatabaseSync(join(bench.folder, 'tax', 'log', hub.collaboration, MIRROR_FILE))
    expect(file.prepare("DELETE FROM heads WHERE name = 'sealed'").run().changes).toBe(1)
  }
  const log = bench.start('tax')
  log.resume(JOB, SPEC, 'started')
  expect(log.isSealed(JOB, SPEC, { task: 'align', round: 0 })).toBe(false)
  log.connected()
  hub.seal()
  expect(log.isSealed(JOB, SPEC, { task: 'align', round: 0 })).toBe(true)
  await bench.honestRound(1)
  expect(bench.faults).toEqual(new Map())
})

test('records that were signed before a crash are sent again as they were', async () => {
  accept()
  accept()
  hub.seal()
  const size = hub.leaves.length
  await bench.runRound(0)
  const lost = hub.leaves.splice(size) // they were signed, and reached nobody
  for (const name of NAMES) {
    const log = bench.start(name)
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
  await bench.honestRound(0)
  const size = hub.leaves.length
  await bench.runRound(1)
  of('tax').entriesArrived(foul(size))
  expect(bench.faults.get('tax')).toMatchObject({ code, detail: { party: who } })
  expect(incidents('tax')).toEqual(['incident-0001.json'])
  const evidence = JSON.parse(
    readFileSync(join(bench.folder, 'tax', 'log', hub.collaboration, 'incident-0001.json'), 'utf8'),
  )
  expect(evidence).toMatchObject({ code, detail: { party: who } })
  expect(evidence.held.split('\n')[0]).toBe(`tributary/${FEDERATION}/${hub.collaboration}`)
  hub.publish()
  expect(hub.cosigners).toEqual(['bank', 'land'])
  expect(() => of('tax').requireUsable(JOB, SPEC)).toThrowError(/^log\.frozen/)
  // nor after a restart
  expect(() => bench.start('tax').requireUsable(JOB, SPEC)).toThrowError(/^log\.frozen/)
})

test('two logs shown to two parties: the cosignature of one does not fit the log of the other', async () => {
  accept()
  accept()
  hub.seal()
  await bench.runRound(0)
  hub.publish()
  const size = hub.leaves.length
  // land was shown the same records in another order; what it cosigned there is passed off as cosigned here
  const swapped = [...hub.leaves.slice(0, size - 2), hub.leaves[size - 1], hub.leaves[size - 2]] as Buffer[]
  const land = keys.parties.find(({ party }) => party === 'land') as (typeof keys.parties)[0]
  const key = { name: 'land', publicKey: land.key.publicKey }
  const elsewhere = cosign(hub.note(swapped), key, land.signStatement, new Date())
  of('tax').entriesArrived(hub.entries(size, [], Buffer.from(addSignatures(hub.note(), [elsewhere]))))
  expect(bench.faults.get('tax')).toMatchObject({ code: 'log.fork', detail: { cosignedAnother: ['land'] } })
})

test('two parties that recorded a message differently are both stopped', async () => {
  accept()
  accept()
  hub.seal()
  await bench.runRound(0, { tax: 101 })
  hub.publish()
  for (const name of NAMES) expect(bench.faults.get(name)?.code).toBe('log.mismatch')
  expect(hub.cosigners).toEqual([])
})

test('a round that is opened before all have cosigned does not begin', async () => {
  accept()
  accept()
  hub.seal()
  await bench.runRound(0)
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
  expect(existsSync(join(bench.folder, 'tax', 'log', hub.collaboration, 'incident-0001.json'))).toBe(true)
})

test('that a job succeeded is believed when all have cosigned its last round, and not before', async () => {
  accept()
  accept()
  hub.seal()
  await bench.runRound(0)
  hub.publish() // cosigned by all, but nobody is shown that
  const lastClosed = { task: 'align', round: 0 }
  const runner = { lastClosed, wouldStart: () => true, roundOpened: () => undefined, fail: () => undefined }
  const doorOf = (name: Name, waitMs?: number) =>
    new RoundDoor({ job: JOB, spec: SPEC, roundLog: of(name), runner, ...(waitMs === undefined ? {} : { waitMs }) })
  const patient = doorOf('bank')
  const told = patient.succeeded()
  const gone = doorOf('land')
  const lost = gone.succeeded()
  gone.close()
  expect(await lost).toEqual({ kind: 'lost' })
  expect(await doorOf('tax', 20).succeeded()).toMatchObject({
    kind: 'refused',
    error: { code: 'log.not-cosigned', detail: { party: 'coordinator' } },
  })
  expect(incidents('tax')).toEqual(['incident-0001.json'])
  hub.seal()
  patient.sealed()
  expect(await told).toEqual({ kind: 'sealed' })
})
