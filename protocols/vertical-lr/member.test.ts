// What members add up inside their group, without any encryption: columns, products, ranges, gradients, weights.
import { expect, test } from 'vitest'
import { T } from '#crypto/he/params.ts'
import type { RoleProgram, TaskContext } from '#protocols/core/contract.ts'
import { MemoryNetwork, memoryVault, runInMemory } from '#protocols/core/memory.ts'
import { GROUP_SUMS } from '#protocols/group/messages.ts'
import { gradientColumns, largestSum } from './columns.ts'
import { maskOfMember, sumResidues } from './gradient.ts'
import { type GroupFacts, joinGroup, Member, speaksForOwner } from './member.ts'
import { sampledRows, sumsOfProducts } from './optimiser.ts'
import { PRECISIONS, RESIDUAL_BOUND } from './params.ts'
import { groupOf, type GroupSample, MEMBERS, sumOfMembers } from './sample-group.ts'
import { unevenness } from './sample-run.ts'
import { WOE_PARAMS, woeInputs } from './sample-woe.ts'
import { partialScores } from './scores.ts'
import { agreeAsGuest, agreeAsHost, type LrInput } from './training.ts'

const ROWS = 1200
const ELSEWHERE = -0.27
/** A batch from here on. */
const FROM = 480
const sample = groupOf(woeInputs([1, 1, 3], ROWS, WOE_PARAMS), ELSEWHERE)
const pooled = sample.pooled.hosts.at(-1)!

/** Round 0 of each member, then `ask`; the outputs of the members in job order. */
async function inGroup<Answer>(
  ask: (member: Member, input: LrInput, task: TaskContext, facts: GroupFacts) => Promise<Answer>,
  { ids, hosts }: Pick<GroupSample, 'ids' | 'hosts'> = sample,
  network = new MemoryNetwork(),
): Promise<Answer[]> {
  const silent: RoleProgram<unknown, object, unknown> = {
    setup: async () => ({}),
    round: async () => ({ state: {}, finished: true }),
    finish: async () => undefined,
  }
  const program: RoleProgram<LrInput, { group: GroupFacts; answer?: Answer }, Answer> = {
    setup: async (task, input) => ({ group: (await joinGroup(task, input))! }),
    async round(task, input, { group }) {
      const member = (await Member.open(task, input, group))!
      return { state: { group, answer: await ask(member, input, task, group) }, finished: true }
    },
    finish: async (_task, _input, { answer }) => answer!,
  }
  const parties = ids.map((id, i) => {
    const input = i === 0 ? undefined : hosts[i - 1]
    return { id, program: (input?.member === undefined ? silent : program) as never, input }
  })
  const outputs = await runInMemory(parties, network)
  return ids.flatMap((id) => (MEMBERS.some((member) => member === id) ? [outputs.get(id) as Answer] : []))
}

const refusal = async (run: Promise<unknown>): Promise<string> => {
  const error = await run.then(
    () => ({ code: 'nothing refused' }),
    (thrown: { code?: string }) => thrown,
  )
  return error.code ?? String(error)
}

test('what the members bring adds up to the columns of the group', () => {
  expect(sumOfMembers(sample)).toEqual(pooled.data.columns.map((column) => Int32Array.from(column)))
})

test('one member speaks for the group, and every host in no group for itself', () => {
  const { groups } = sample.guest
  expect(sample.ids.slice(1).filter((id) => speaksForOwner(groups, id))).toEqual(['pivot', 'park-a'])
  expect(sample.ids.slice(1).every((id) => speaksForOwner(undefined, id))).toBe(true)
})

test('products of columns are those of the pooled ones, exactly, at every member', async () => {
  const sums = await inGroup(async (_member, _input, _task, { sums: products }) => products)
  const exact = await sumsOfProducts(pooled.data, pooled.trainRows)
  expect(sums).toEqual(MEMBERS.map(() => [...exact]))
  expect(sampledRows(pooled.trainRows)).toEqual({ stride: 1, rows: pooled.trainRows })
  // Control: products of the members' own columns do not add up to them.
  const own = await Promise.all(
    sample.hosts.flatMap(({ data, member }) => (member === undefined ? [] : [sumsOfProducts(data, pooled.trainRows)])),
  )
  expect(own.reduce((sum, [first]) => sum + first!, 0)).not.toBe(exact[0])
})

test.each([1, 6])(
  'the range that is told is that of the group, with one row in %i: no member clips a score',
  async (every) => {
    const thin = groupOf(woeInputs([1, 1, 3], ROWS, WOE_PARAMS), ELSEWHERE, every)
    const { data, trainRows } = thin.pooled.hosts.at(-1)!
    const weights = [0.5, 0.4, 0.9]
    const network = new MemoryNetwork()
    const told = await inGroup(
      async (member, input) => {
        const scores = partialScores(member.columns(input.data), weights, FROM, input.trainRows)
        const range = await member.range(1, scores, FROM, weights)
        return { range, least: Math.min(...scores), most: Math.max(...scores) }
      },
      thin,
      network,
    )
    const scores = partialScores(data, weights, FROM, trainRows)
    const mean = scores.reduce((sum, score) => sum + score, 0) / scores.length
    const deviation = Math.sqrt(scores.reduce((sum, score) => sum + (score - mean) ** 2, 0) / scores.length)
    for (const { range, least, most } of told) {
      expect(range.range).toEqual(told[0]!.range.range)
      expect(Math.abs(range.range.mean - mean)).toBeLessThanOrEqual(0.0251)
      expect(Math.abs(range.range.deviation - deviation)).toBeLessThanOrEqual(0.0251)
      expect(range.range.low).toBeLessThanOrEqual(Math.min(...scores))
      expect(range.range.high).toBeGreaterThanOrEqual(Math.max(...scores))
      // three columns of −0.9 … 1.4: no score lies beyond, and neither does the range
      expect([range.range.low, range.range.high]).toEqual([-1.75, 2.75])
      expect(range.rows).toBe(((trainRows - FROM) / 8 / every) * 6)
      expect(range.clip.low).toBeLessThanOrEqual(Math.min(0, least))
      expect(range.clip.high).toBeGreaterThanOrEqual(Math.max(0, most))
    }
    expect(told.map(({ range }) => range.speaks)).toEqual([true, false, false])
    // Sums of members go to members and to nobody else.
    const sums = network.transcript.filter(({ step }) => step === GROUP_SUMS[0].name)
    expect(sums.length).toBe(4 * 2 * 3) // rows, products, spans, scores
    for (const { from, to } of sums) for (const party of [from, to]) expect(MEMBERS).toContain(party)
  },
)

test('members share one scale, on which the products of all of them fit', async () => {
  const facts = await inGroup(async (member, input, task, { spans }) => {
    const columns = member.columns(input.data)
    return { spans, ...gradientColumns({ ...input, data: columns }, await task.vault.seed('rounding'), spans) }
  })
  for (const { spans, scales } of facts) expect([spans, scales]).toEqual([facts[0]!.spans, facts[0]!.scales])
  const limit = T / 2 / (2 ** PRECISIONS.standard.residualBits * RESIDUAL_BOUND)
  for (const j of pooled.names.keys()) {
    const sums = facts.map(({ columns }) => largestSum(columns[j]!, [{ from: 0, to: pooled.trainRows }]))
    expect(sums.reduce((sum, own) => sum + own)).toBeLessThan(limit)
  }
})

test('inner products are summed modulo T, and the masks of the guest cancel in the sum, each of them uniform', async () => {
  const seed = await memoryVault().seed('round')
  const group = sample.guest.groups![0]!
  const own = [
    [5, T - 4, 2 ** 40],
    [7, 1, 2 ** 40],
    [11, T - 1, 2 ** 40],
  ].map((values) => Float64Array.from(values))
  const masks = MEMBERS.map((id) => maskOfMember(seed, group, id, 3))
  const summed = await inGroup(async (member, _input, task) => {
    const m = MEMBERS.findIndex((id) => id === task.self)
    return [...(await member.gradient(1, sumResidues([own[m]!, masks[m]!], [])))]
  })
  for (const sum of summed) expect(sum).toEqual([23, T - 4, 3 * 2 ** 40])
  const wide = MEMBERS.map((id) => maskOfMember(seed, group, id, 3200))
  expect(new Set(sumResidues(wide, []))).toEqual(new Set([0]))
  for (const mask of wide) expect(unevenness([...mask], T)).toBeLessThan(60)
  expect(
    unevenness(
      [...wide[0]!].map((_, i) => 2 ** 40 * (i % 7)),
      T,
    ),
  ).toBeGreaterThan(60)
})

test('a member whose weights are others than the rest ends the job, in a round of training and before scoring', async () => {
  const weights = (task: TaskContext) => [0.5, 0.25, task.self === 'park-b' ? 1 + 2 ** -52 : 1]
  const training = inGroup((member, input, task) =>
    member.range(1, new Float64Array(input.trainRows), 0, weights(task)),
  )
  expect(await refusal(training)).toBe('lr.other-weights')
  expect(await refusal(inGroup((member, _, task) => member.compareWeights(2, weights(task))))).toBe('lr.other-weights')
  expect(await refusal(inGroup((member) => member.compareWeights(2, [0.5, 0.25, 1])))).toBe('nothing refused')
})

test('a group of few rows, members of other columns or values, and a pivot in a group are refused', async () => {
  const none = async () => undefined
  const changed = (change: (input: LrInput, i: number) => LrInput) => ({
    ids: sample.ids,
    hosts: sample.hosts.map(change),
  })
  const few = changed((input) => {
    if (input.member === undefined) return input
    return { ...input, member: { ...input.member, present: input.member.present.map((one, i) => (i < 30 ? one : 0)) } }
  })
  expect(await refusal(inGroup(none, few))).toBe('lr.too-few-rows')
  const named = changed((input, i) => (i === 2 ? { ...input, names: ['a', 'b', 'c'] } : input))
  expect(await refusal(inGroup(none, named))).toBe('task.params-differ')
  const elsewhere = changed((input, i) =>
    i === 2 ? { ...input, member: { ...input.member!, elsewhere: [0, 0, 0] } } : input,
  )
  expect(await refusal(inGroup(none, elsewhere))).toBe('task.params-differ')
  const bins = changed((input, i) => (i === 3 ? { ...input, member: { ...input.member!, bins: 'others' } } : input))
  expect(await refusal(inGroup(none, bins))).toBe('task.params-differ')
  const first = { ids: sample.ids.filter((id) => id !== 'pivot'), hosts: sample.hosts.slice(1) }
  expect(await refusal(inGroup(none, first))).toBe('internal.unexpected')
  const short = changed((input) =>
    input.member === undefined ? input : { ...input, member: { ...input.member, present: new Uint8Array(3) } },
  )
  expect(await refusal(inGroup(none, short))).toBe('internal.unexpected')
})

/** Round 0 of a whole job up to the widths, as it ends. */
async function agreed(changed: (input: LrInput, id: string) => LrInput): Promise<string> {
  const program = (guest: boolean): RoleProgram<LrInput, object, unknown> => ({
    async setup(task, input) {
      if (guest) await agreeAsGuest(task, input, 0.25, 100)
      else await agreeAsHost(task, input)
      return {}
    },
    round: async () => ({ state: {}, finished: true }),
    finish: async () => undefined,
  })
  const inputs = [sample.guest, ...sample.hosts]
  const parties = sample.ids.map((id, i) => ({
    id,
    program: program(i === 0) as never,
    input: changed(inputs[i]!, id),
  }))
  return await refusal(runInMemory(parties))
}

test('the guest refuses members with other numbers of columns, and who sees other groups', async () => {
  expect(await agreed((input) => input)).toBe('nothing refused')
  const wider = (input: LrInput, id: string) =>
    id === 'park-c' ? { ...input, names: [...input.names, 'one more'] } : input
  expect(await agreed(wider)).toBe('protocol.malformed')
  const members = MEMBERS.toReversed()
  const other = (input: LrInput, id: string) =>
    id === 'pivot' ? { ...input, groups: [{ name: 'parks', members }] } : input
  expect(await agreed(other)).toBe('task.params-differ')
})
