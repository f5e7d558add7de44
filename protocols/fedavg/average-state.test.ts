// Who opens which sum under which number, and when training ends: every party works that out by itself.
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { type BestModel, isLast, openerOf, stateDigest, withQuality, withSum } from './average-state.ts'
import type { RoundReport, SumCounts } from './params.ts'

test('sums are numbered without a gap for each opener, across the tasks of a job', () => {
  const parties = Array.from({ length: 5 }, (_, i) => `park-${i}`)
  const rounds = fc.array(fc.subarray(parties, { minLength: 3 }), { maxLength: 60 })
  fc.assert(
    fc.property(rounds, fc.nat(3), (participantsOf, before) => {
      let sums: SumCounts = { 'park-0': before }
      const opened = new Map([['park-0', before]])
      for (const [round, participants] of participantsOf.entries()) {
        const opener = openerOf(round, participants)
        expect(participants).toContain(opener)
        opened.set(opener, (opened.get(opener) ?? 0) + 1)
        sums = withSum(sums, opener)
      }
      expect(sums).toEqual(Object.fromEntries(opened))
    }),
  )
})

const model = (round: number, loss: number): BestModel => ({ round, loss, weights: '' })

test('training ends after its rounds, and one later where the last model is still to be measured', () => {
  expect([3, 4].map((round) => isLast(round, 4, {}, undefined).finished)).toEqual([false, true])
  expect([4, 5].map((round) => isLast(round, 4, {}, model(1, 0.5)).finished)).toEqual([false, true])
  expect(isLast(5, 4, { patience: 1 }, model(3, 0.5))).toEqual({ finished: true, stoppedEarly: false })
})

test('training ends early when the best model is so many rounds behind', () => {
  const ends = (round: number) => isLast(round, 20, { patience: 3 }, model(4, 0.5))
  expect([5, 6, 7].map((round) => ends(round).finished)).toEqual([false, false, false])
  expect(ends(8)).toEqual({ finished: true, stoppedEarly: true })
})

test('the model with the lowest loss is kept, the earlier of two that are equal', () => {
  const report = (round: number): RoundReport => ({ round, opener: 'park-0', ownLoss: 1, cut: 0 })
  const quality = (loss: number) => ({ rows: 100, bad: 20, loss, auc: 0.7, aucError: 0, ks: 0.3 })
  let state: Parameters<typeof withQuality>[0] = { rounds: [] }
  const bests: number[] = []
  for (const [round, loss] of [0.7, 0.6, 0.5, 0.5, 0.55].entries()) {
    state = withQuality(state, quality(loss), Float32Array.of(round))
    bests.push(state.best!.round)
    state = { ...state, rounds: [...state.rounds, report(round + 1)] }
  }
  expect(bests).toEqual([0, 1, 2, 2, 2])
  expect(state.rounds.map((one) => one.quality?.loss)).toEqual([0.6, 0.5, 0.5, 0.55, undefined])
})

test('whatever a round starts from changes its digest', () => {
  const server = { round: 1, weights: 'AAAAAAAA8D8=', moment: 'AAAAAAAA8D8=' }
  const state = { server, totals: { train: 100, holdout: 50 } }
  const others = [
    { ...state, server: { ...server, round: 2 } },
    { ...state, server: { ...server, weights: 'AAAAAAAA4D8=' } },
    { ...state, server: { round: 1, weights: server.weights } },
    { ...state, server: { round: 1, weights: server.weights, square: server.moment } },
    { ...state, totals: { train: 101, holdout: 50 } },
    { ...state, totals: { train: 100, holdout: 51 } },
  ]
  const digests = [state, ...others].map((one) => Buffer.from(stateDigest(one)).toString('hex'))
  expect(new Set(digests).size).toBe(digests.length)
})
