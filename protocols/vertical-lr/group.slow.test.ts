// A group of three members against the centralised regression, and what everybody sees of one member.
import { afterAll, beforeAll, expect, test } from 'vitest'
import { buildScorecard, type CardFeature, scoreRow } from '#credit/scorecard/points.ts'
import { DEFAULT_SCALING, exactScore } from '#credit/scorecard/scaling.ts'
import { T } from '#crypto/he/params.ts'
import { expandUniform } from '#crypto/prg.ts'
import { HePool } from '#crypto/he/pool.ts'
import { runThroughCrashes } from '#protocols/core/memory-crashes.ts'
import { MemoryNetwork, type MemoryParty, memoryVault, runInMemory, type WireMessage } from '#protocols/core/memory.ts'
import { LABEL_BYTES, masked } from '#protocols/group/bodies.ts'
import { sumResidues } from './gradient.ts'
import { centred } from './residual.ts'
import { residues, scores as scoresCodec, shares as sharesCodec } from './bodies.ts'
import { type GuestOutputWithWeights, hearingWeights } from './guest-weights.ts'
import { openGuest } from './guest.ts'
import { tellingWeights } from './host-weights.ts'
import { openHost } from './host.ts'
import { fitNewton } from './newton.ts'
import { groupOf, type GroupSample, MEMBERS } from './sample-group.ts'
import { allColumns, distance, unevenness } from './sample-run.ts'
import { WOE_PARAMS, woeInputs } from './sample-woe.ts'
import { partialScores } from './scores.ts'
import type { LrPart } from './training.ts'

let pool: HePool
beforeAll(async () => {
  pool = await HePool.open({ workers: 2 })
})
afterAll(() => pool[Symbol.asyncDispose]())

/** As the bar says: 5e-3 of the centralised coefficients. */
const COEFFICIENT = 5e-3
const ELSEWHERE = 0.35

function partiesOf({ ids, guest, hosts }: GroupSample): MemoryParty[] {
  return ids.map((id, i) =>
    i === 0
      ? { id, program: hearingWeights(openGuest(pool)) as never, input: guest }
      : { id, program: tellingWeights(openHost(pool)) as never, input: hosts[i - 1] },
  )
}

/** The joint model, all weights in the order of allColumns of the pooled sample, beside Newton's of those columns. */
async function run(sample: GroupSample) {
  const network = new MemoryNetwork()
  const outputs = await runInMemory(partiesOf(sample), network)
  const bank = outputs.get('bank') as GuestOutputWithWeights
  const parts = sample.ids.slice(1).map((id) => outputs.get(id) as LrPart)
  const members = parts.slice(-MEMBERS.length)
  const { guest, pooled } = sample
  const { l2, nonNegative } = guest.params
  const all = allColumns(pooled)
  const free = new Set([all.columns.length - 1])
  const clear = fitNewton(all, guest.labels, guest.trainRows, l2, free, { weights: guest.weights, nonNegative })
  const hosts = [...parts.slice(0, -MEMBERS.length), members[0]!].map(({ weights }) => weights)
  const joint = [...bank.weights, ...hosts.flat(), bank.intercept]
  return { bank, members, hosts, joint, clear, all, transcript: network.transcript }
}

let small: ReturnType<typeof run> | undefined
/** Trained once for all tests. */
function smallRun() {
  const params = { ...WOE_PARAMS, rounds: 20 }
  return (small ??= run(groupOf(woeInputs([3, 2, 3], 2500, params, { decoyEvery: 3, base: -3 }), ELSEWHERE)))
}

test('a group of three has the model of the pooled columns, and all members the same', async () => {
  const { bank, members, hosts, joint, clear, all } = await smallRun()
  expect(bank.converged).toBe(true)
  expect(distance(joint, clear)).toBeLessThan(COEFFICIENT)
  for (const { weights } of members) expect(weights).toEqual(members[0]!.weights)
  // Scores are released in steps of 2^-10 by each host.
  const exact = partialScores(all, joint, 2000, 2500)
  expect(distance(bank.holdoutScores, exact)).toBeLessThanOrEqual(4 * 2 ** -11 + 1e-9)
  // The card has each owner once.
  expect(bank.hostWeights.map((weights) => weights.length)).toEqual([2, 3])
  for (const [h, weights] of bank.hostWeights.entries()) expect(distance(weights, hosts[h]!)).toBeLessThan(1e-5)
})

test('points of the card add up to the joint score of every row, wherever it is, as far as they are rounded', async () => {
  const { bank, all } = await smallRun()
  const weights = [...bank.weights, ...bank.hostWeights.flat()]
  const values = all.columns.slice(0, -1).map((column) => [...new Set(column)])
  const features = values.map((woes, j): CardFeature => {
    const bins = woes.map((woe, bin) => ({
      bin,
      label: '',
      woe: woe / 2 ** all.bits,
      nPct: 1 / woes.length,
      badRate: 0,
    }))
    return { party: '', feature: `x${j}`, beta: weights[j]!, bins }
  })
  const card = buildScorecard(features, bank.intercept, { scaling: DEFAULT_SCALING })
  expect(card.roundingError).toBeGreaterThan(0.5)
  for (let row = 2000; row < 2500; row++) {
    const bins = values.map((woes, j) => woes.indexOf(all.columns[j]![row]!))
    const exact = exactScore(bank.holdoutScores[row - 2000]!, DEFAULT_SCALING)
    // what a step of 2^-10 of four hosts' scores comes to in points, and half a point of the total
    const grid = 4 * 2 ** -11 * (DEFAULT_SCALING.pdo / Math.LN2) + 1e-3
    expect(Math.abs(scoreRow(card, bins) - exact)).toBeLessThanOrEqual(card.roundingError + grid)
  }
})

test('of more parties and rows, without negative weights, in few rounds', async () => {
  const params = { ...WOE_PARAMS, rounds: 20, nonNegative: true }
  const sample = groupOf(woeInputs([3, 2, 2, 4], 9000, params, { decoyEvery: 4, signs: 'mixed' }), -ELSEWHERE)
  const { bank, members, joint, clear } = await run(sample)
  expect(bank.converged).toBe(true)
  expect(bank.rounds).toBeLessThan(16)
  expect(distance(joint, clear)).toBeLessThan(COEFFICIENT)
  expect(clear).toContain(0)
  for (const { weights } of members) expect(weights).toEqual(members[0]!.weights)
})

/** Names of the steps that a party says to another. */
function steps(transcript: readonly WireMessage[], from: string, to: string): string[] {
  return [
    ...new Set(transcript.filter((message) => message.from === from && message.to === to).map(({ step }) => step)),
  ]
}

test('one member tells what an owner tells, the others say nothing in the clear, and no sum of a member leaves the group', async () => {
  const { transcript } = await smallRun()
  const always = ['host-terms', 'host-width', 'share-seed', 'host-gradient', 'holdout-scores']
  const once = ['score-range', 'step-products', 'step-size', 'host-weights']
  const told = MEMBERS.map((member) => steps(transcript, member, 'bank').toSorted())
  expect(told).toEqual([[...always, ...once].toSorted(), always.toSorted(), always.toSorted()])
  for (const member of MEMBERS) expect(steps(transcript, member, 'pivot')).toEqual(['score-share', 'dealer-gradient'])
  const apart = transcript.filter(
    ({ from, to }) => !MEMBERS.some((id) => id === from) || !MEMBERS.some((id) => id === to),
  )
  expect(apart.filter(({ step }) => step.startsWith('group-'))).toEqual([])
})

test("what guest, pivot and members hold of one member's gradients, scores and sums is uniform", async () => {
  const { transcript } = await smallRun()
  const ofMembers = transcript.filter(({ from, to }) =>
    [from, to].some((id) => MEMBERS.some((member) => member === id)),
  )
  const said = (step: string) => ofMembers.filter((message) => message.step === step).map(({ bytes }) => bytes)
  const opened = ['host-gradient-opened', 'dealer-gradient-opened'].flatMap((step) =>
    said(step).flatMap((bytes) => [...residues.decode(bytes)]),
  )
  expect(opened.length).toBeGreaterThan(100)
  expect(unevenness(opened, T)).toBeLessThan(60)
  const dealt = said('score-share').flatMap((bytes) => [...sharesCodec.decode(bytes)])
  expect(unevenness(dealt, 65_536)).toBeLessThan(60)
  const holdout = said('holdout-scores').flatMap((bytes) => [...scoresCodec.decode(bytes)])
  expect(
    unevenness(
      holdout.map((score) => score + 2 ** 31),
      2 ** 32,
    ),
  ).toBeLessThan(60)
  const summed = said('group-sum').flatMap((bytes) => [...wordsOf(bytes)])
  expect(summed.length).toBeGreaterThan(250)
  expect(unevenness(summed, 2 ** 64)).toBeLessThan(60)
  // Controls: the same without masks. Inner products and sums over rows lie near 0, scores in the middle.
  const bare = (limit: number, modulus: number) => (_: unknown, i: number) =>
    (modulus + Math.round(limit * Math.sin(i))) % modulus
  expect(unevenness(opened.map(bare(2 ** 40, T)), T)).toBeGreaterThan(60)
  expect(unevenness(dealt.map(bare(2000, 65_536)), 65_536)).toBeGreaterThan(60)
  expect(unevenness(holdout.map(bare(4096, 2 ** 32)), 2 ** 32)).toBeGreaterThan(60)
  expect(unevenness(summed.map(bare(2 ** 48, 2 ** 64)), 2 ** 64)).toBeGreaterThan(60)
})

/** The numbers of a sum of the group, after their label. */
function wordsOf(body: Uint8Array): number[] {
  const words = Uint8Array.from(masked.decode(body).subarray(LABEL_BYTES))
  return Array.from(new BigUint64Array(words.buffer), Number)
}

test('a member reads the gradient of the group and not that of its rows; a host in no group reads its own', async () => {
  const params = { ...WOE_PARAMS, rounds: 3, tolerance: 1e-9 }
  const sample = groupOf(woeInputs([1, 1, 4, 4], 1600, params), ELSEWHERE)
  const vaults = sample.ids.map(() => memoryVault())
  const network = new MemoryNetwork()
  await runInMemory(
    partiesOf(sample).map((party, i) => ({ ...party, vault: vaults[i]! })),
    network,
  )
  /** What is left of what a dealer was told once it takes its own masks away, as it lies around 0. */
  const left = async (id: string): Promise<number[]> => {
    const vault = vaults[sample.ids.indexOf(id)]!
    const values: number[] = []
    for (let round = 1; round <= params.rounds; round++) {
      const told = network.transcript.filter(
        ({ to, round: at, step }) => to === id && at === round && step.endsWith('-opened'),
      )
      const keeps = ['guest', 'pivot'].map(async (of) =>
        expandUniform(await vault.seed(`round/${round}/${of}`), 'gradient-mask', 4),
      )
      const bodies = told.map(({ bytes }) => residues.decode(bytes))
      values.push(...Array.from(sumResidues(bodies, await Promise.all(keeps)), centred))
    }
    return values
  }
  const small = (values: readonly number[]) => values.filter((value) => Math.abs(value) < 2 ** 45).length
  expect(small(await left('dealer-1'))).toBe(12)
  const ofMembers = (await Promise.all(MEMBERS.map(left))).flat()
  // Of uniform values one in sixteen is that small: of 36, a dozen or more in five of a million jobs.
  expect(small(ofMembers)).toBeLessThan(12)
})

test('after crashes in the middle of rounds the members hold the weights of a run without', async () => {
  const params = { ...WOE_PARAMS, rounds: 3, tolerance: 1e-9 }
  const sample = groupOf(woeInputs([1, 1, 2], 700, params), ELSEWHERE)
  const vaults = sample.ids.map(() => memoryVault())
  const parties = () => partiesOf(sample).map((party, i) => ({ ...party, vault: vaults[i]! }))
  const network = new MemoryNetwork()
  const straight = [...(await runInMemory(parties(), network)).values()] as { weights: number[] }[]
  const messages = network.transcript.length
  const points = [25, Math.floor(messages * 0.4), Math.floor(messages * 0.3), messages]
  const { outputs, crashes, disks } = await runThroughCrashes(parties, points)
  expect(crashes).toBe(3)
  expect(disks.made.length).toBe(messages)
  expect((outputs as { weights: number[] }[]).map(({ weights }) => weights)).toEqual(
    straight.map(({ weights }) => weights),
  )
})
