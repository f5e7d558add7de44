// What a host sees of a left alignment: matches and decoys alike, no id that was not to be asked about; with positive
// controls that leak on purpose and are caught.
import { describe, expect, test } from 'vitest'
import { hashIds, raiseSet } from '#crypto/psi/pool.ts'
import { isRow, NO_ROW, rangeOf } from '#protocols/core/aligned-rows.ts'
import type { TaskContext, TaskVault } from '#protocols/core/contract.ts'
import { NORMALISATION_VERSION } from '#protocols/core/ids.ts'
import { audienceOf, MemoryNetwork, memoryVault, type WireMessage } from '#protocols/core/memory.ts'
import { silentLogger } from '#runtime/log.ts'
import { psiLeftGuest } from './guest-left.ts'
import { type HostRows, planRows } from './guest-row-order.ts'
import { psiLeftHost } from './host-left.ts'
import { guestInput, hostInput, idsFrom, type SampleRow } from './in-memory.ts'
import type { LeftOutput } from './left-params.ts'

const MATCHES = 60
const POINTS = 256
/** Every third match has two loans, every tenth of those one of them out of time; 40 rows match nothing. */
const ROWS = Array.from({ length: MATCHES }, (_, i) =>
  i % 3 === 0
    ? [
        [i, 0],
        [i, i % 10 === 0 ? 2 : 0],
      ]
    : [[i, i % 2]],
).flat()
const SET_OF_ROW = Uint8Array.from([...ROWS.map(([, set]) => set as number), ...Array.from({ length: 40 }, () => 0)])
const positionOfRow = Uint32Array.from([
  ...ROWS.map(([i]) => 4 * (i as number)),
  ...Array.from({ length: 40 }, () => NO_ROW),
])
const matched = Uint8Array.from({ length: POINTS }, (_, position) =>
  position % 4 === 0 && position < 4 * MATCHES ? 1 : 0,
)
const TAX: HostRows = { host: 'tax', positionOfRow, matched }
const RUNS = 300

const seedOf = (run: number) => new Uint8Array(32).fill(run & 0xff).with(0, run >> 8)
const viewOf = (run: number) => {
  const plan = planRows(SET_OF_ROW, [TAX], { decoys: 1, bucket: 1 }, seedOf(run))
  return { ...plan, seen: plan.positions.get('tax') as Uint32Array }
}
type View = ReturnType<typeof viewOf>

/** For each named position: in how many rows of each set it stands. */
function patternsOf({ seen, sets }: View): Map<number, string> {
  const rows = new Map<number, number[]>()
  for (const [i, position] of seen.entries())
    if (isRow(position)) rows.set(position, [...(rows.get(position) ?? []), i])
  const setAt = (i: number) =>
    (['train', 'holdout', 'oot', 'recent'] as const).find((name) => i < rangeOf({ sets }, name).to)
  return new Map([...rows].map(([position, at]) => [position, at.map(setAt).join(' ')]))
}

/** Share of right answers of a host that says "customer" where its rule says so, over all named ids. */
function hits(view: View, rule: (pattern: string, firstRow: number) => boolean): number {
  const patterns = [...patternsOf(view)]
  const right = patterns.filter(
    ([position, pattern]) => rule(pattern, view.seen.indexOf(position)) === (matched[position] === 1),
  )
  return right.length / patterns.length
}

describe('matches and decoys in the view of a host', () => {
  test('stand in the same rows of the same sets, in every run', () => {
    for (let run = 0; run < 20; run++) {
      const kinds: [string[], string[]] = [[], []]
      for (const [position, pattern] of patternsOf(viewOf(run))) kinds[matched[position] as 0 | 1].push(pattern)
      expect(kinds[0]).toHaveLength(MATCHES)
      expect(kinds[0].toSorted()).toEqual(kinds[1].toSorted())
    }
  })

  // A rule that learns nothing is right for half; 300 runs of 120 ids: standard deviation below 0.003.
  const BY_PLACE = (_: string, firstRow: number) => firstRow < 60
  const BY_LOANS = (pattern: string) => pattern.includes(' ')
  const BY_TIME = (pattern: string) => pattern.includes('oot')
  const meanOf = (rule: Parameters<typeof hits>[1], view: (run: number) => View) =>
    Array.from({ length: RUNS }, (_, run) => hits(view(run), rule)).reduce((sum, share) => sum + share, 0) / RUNS

  test.each([
    ['by place', BY_PLACE],
    ['by the number of loans', BY_LOANS],
    ['by what is out of time', BY_TIME],
  ])('cannot be told apart %s', (_, rule) => {
    expect(Math.abs(meanOf(rule, viewOf) - 0.5)).toBeLessThan(0.02)
  })

  test('and the checks find decoys that stand behind the matches, or in one row each', () => {
    const last = (run: number): View => {
      const view = viewOf(run)
      const decoys = (position: number) => isRow(position) && matched[position] === 0
      const sorted = [...view.seen].toSorted((a, b) => Number(decoys(a)) - Number(decoys(b)))
      return { ...view, seen: Uint32Array.from(sorted) }
    }
    expect(meanOf(BY_PLACE, last)).toBeGreaterThan(0.6)
    const single = (run: number): View => {
      const view = viewOf(run)
      const first = (position: number, i: number) => view.seen.indexOf(position) === i
      const seen = view.seen.map((position, i) =>
        isRow(position) && matched[position] === 0 && !first(position, i) ? NO_ROW : position,
      )
      return { ...view, seen }
    }
    expect(meanOf(BY_LOANS, single)).toBeGreaterThan(0.6)
  })

  test('decoys are all unmatched positions where fewer than 50 of the 196 would be left out', () => {
    const count = (decoys: number) =>
      planRows(SET_OF_ROW, [TAX], { decoys, bucket: 1 }, seedOf(1)).decoys.get('tax')?.count
    expect([count(2.4), count(2.5), count(9)]).toEqual([144, 196, 196])
  })

  test('decoys are uniform among the unmatched positions', () => {
    const drawn = new Float64Array(POINTS)
    for (let run = 0; run < RUNS; run++)
      for (const position of new Set(viewOf(run).seen)) if (isRow(position)) drawn[position]! += 1
    const free = [...matched.keys()].filter((position) => matched[position] === 0)
    const share = MATCHES / free.length
    const sd = Math.sqrt(RUNS * share * (1 - share))
    for (const position of free) expect(Math.abs((drawn[position] as number) - RUNS * share)).toBeLessThan(5.5 * sd)
  })
})

const SAMPLE: SampleRow[] = idsFrom('firm', 0, 120).map((id, i) => ({ ids: [id], refused: i < 30 ? ['tax'] : [] }))
const GUEST = guestInput(SAMPLE)
const HOSTS = { tax: hostInput(idsFrom('firm', 0, 200)), park: hostInput(idsFrom('firm', 0, 200)) }

/** One run of all parties over these vaults. */
async function runOver(vaults: Readonly<Record<string, TaskVault>>) {
  const network = new MemoryNetwork()
  const runOne = async (self: string): Promise<LeftOutput> => {
    const task: TaskContext = {
      jobId: 'job-1',
      taskId: 'align',
      self,
      guest: 'bank',
      hosts: ['tax', 'park'],
      channel: (peer) => network.channel(self, peer),
      audience: (peers) => audienceOf(peers.map((peer) => network.channel(self, peer))),
      vault: vaults[self] as TaskVault,
      signal: network.signal,
      log: silentLogger,
      progress: () => undefined,
      event: () => undefined,
    }
    const [program, input] = self === 'bank' ? [psiLeftGuest, GUEST] : [psiLeftHost, HOSTS[self as keyof typeof HOSTS]]
    const { state } = await program.round(task, input as never, await program.setup(task, input as never), 1)
    return await program.finish(task, input as never, JSON.parse(JSON.stringify(state)) as typeof state)
  }
  const outputs = await Promise.all(['bank', 'tax', 'park'].map(runOne))
  return { outputs, transcript: network.transcript }
}

const newVaults = () => ({ bank: memoryVault(), tax: memoryVault(), park: memoryVault() })

describe('an id that a host may not be asked about', () => {
  /** Ids that the guest put into its set for this host: found with the guest's own exponent. */
  async function sentTo(host: string, bank: TaskVault, transcript: readonly WireMessage[]): Promise<Set<string>> {
    const ids = SAMPLE.map((row) => row.ids[0] as string)
    const hashed = await hashIds(['id', 'job-1', 'align', String(NORMALISATION_VERSION), 'plain'], ids)
    using exponent = await bank.seed(`psi/exponent/${host}`)
    const points = await raiseSet(exponent, hashed)
    const sent = transcript.filter((message) => message.to === host && message.step === 'guest-points')
    const bytes = Buffer.concat(sent.map((message) => message.bytes)).toString('latin1')
    return new Set(
      ids.filter((_, i) => bytes.includes(Buffer.from(points.subarray(32 * i, 32 * i + 32)).toString('latin1'))),
    )
  }

  test('is not among the points that reach it; another host that may be asked gets it', async () => {
    const vaults = newVaults()
    const { transcript } = await runOver(vaults)
    expect(await sentTo('tax', vaults.bank, transcript)).toEqual(new Set(idsFrom('firm', 30, 120)))
    expect(await sentTo('park', vaults.bank, transcript)).toEqual(new Set(idsFrom('firm', 0, 120)))
  })
})

test('a left alignment that runs again over the same vaults sends the same bytes and ends in the same order', async () => {
  const vaults = newVaults()
  const [first, second] = [await runOver(vaults), await runOver(vaults)]
  const sent = ({ transcript }: typeof first) =>
    transcript.map((m) => `${m.from} ${m.to} ${m.step} ${m.part} ${Buffer.from(m.bytes).toString('base64')}`).toSorted()
  expect(sent(second)).toEqual(sent(first))
  for (const [i, output] of first.outputs.entries()) {
    const { report: _, ...kept } = second.outputs[i] as LeftOutput
    expect(output).toMatchObject(kept)
  }
  const other = await runOver({ ...vaults, bank: memoryVault() })
  expect(other.outputs[0]?.rows).not.toEqual(first.outputs[0]?.rows)
})
