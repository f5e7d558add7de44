// A coordinator that shows two parties two histories of one log, each right in itself.
import { afterEach, beforeEach, expect, test } from 'vitest'
import { parseRecord } from '#crypto/log/dsse.ts'
import { addSignatures } from '#crypto/log/note.ts'
import { recordIn } from '#protocols/log/records.ts'
import type { PlatformError } from '#runtime/errors.ts'
import { authored, JOB, LogBench, NAMES, type Name, SPEC } from './log-bench.ts'
import type { LogHub } from './log-hub.ts'
import { RoundDoor } from './round-door.ts'

let bench: LogBench
let hub: LogHub
beforeEach(() => {
  bench = new LogBench()
  hub = bench.hub
})
afterEach(() => bench[Symbol.dispose]())
const of = (name: Name) => bench.of(name)
const kindOf = (leaf: Buffer) => recordIn(parseRecord(leaf)).kind

test.each([
  ['with the cosignature that tax gave to its own', true, 'log.fork'],
  ['without it', false, 'log.not-cosigned'],
])('a coordinator that shows tax another history, %s, is found within the round', async (_, shown, code) => {
  bench.accept()
  bench.accept()
  hub.seal()
  await bench.runRound(0)
  // every record is in both histories, in the order of its author: nobody alone sees anything wrong
  const [bank, land, tax] = NAMES.map((name) => hub.leaves.filter((leaf) => authored(leaf, name))) as [
    Buffer[],
    Buffer[],
    Buffer[],
  ]
  const start = hub.leaves.findIndex((leaf) => kindOf(leaf) === 'round.opened')
  const round = (leaves: Buffer[]) => leaves.filter((leaf) => hub.leaves.indexOf(leaf) >= start)
  const shared = hub.leaves.slice(0, start)
  const ours = [...shared, ...round(bank), ...round(land), ...round(tax)]
  const theirs = [...shared, ...round(tax), ...round(land), ...round(bank)]
  for (const name of ['bank', 'land'] as const) of(name).entriesArrived(bench.note(ours, start))
  of('tax').entriesArrived(bench.note(theirs, start))
  expect(bench.faults).toEqual(new Map())
  // all three cosigned, each what it was shown; now the next round needs the cosignatures of all
  const lines = hub.linesOf(shown ? NAMES : ['bank', 'land'])
  const entries = hub.entries(ours.length, [], Buffer.from(addSignatures(hub.note(ours), lines)))
  of('bank').entriesArrived(entries)
  const failed = Promise.withResolvers<PlatformError>()
  const runner = {
    lastClosed: { task: 'align', round: 0 },
    wouldStart: () => true,
    roundOpened: () => undefined,
    fail: (error: PlatformError) => failed.resolve(error),
  }
  if (shown) expect(bench.faults.get('bank')).toMatchObject({ code, detail: { cosignedAnother: ['tax'] } })
  else {
    new RoundDoor({ job: JOB, spec: SPEC, roundLog: of('bank'), runner, waitMs: 20 }).opened('align', 1)
    expect(await failed.promise).toMatchObject({ code, detail: { party: 'coordinator', missing: ['tax'] } })
  }
  expect(bench.incidents('bank')).toEqual(['incident-0001.json'])
})
