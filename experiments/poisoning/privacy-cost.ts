// Prints what differential privacy costs in AUC over the five holders: `node experiments/poisoning/privacy-cost.ts`.
import { Secret } from '#runtime/secret.ts'
import { privacySpend } from '#protocols/fedavg/privacy/accountant.ts'
import { privacyPlan } from '#protocols/fedavg/privacy/plan.ts'
import { protectRows, protectUpdate, readProtectedSum } from '#protocols/fedavg/privacy/protect.ts'
import type { PrivacySettings } from '#protocols/fedavg/privacy/settings.ts'
import { run, USUAL } from './attacks.ts'
import { aucOn, changeOf, COLUMNS, drawHolders, type Holders, median, rowGradient } from './holders.ts'

const SEEDS = [1, 2, 3, 4, 5, 6, 7, 8]
const DELTA = 1e-5
interface Course {
  readonly name: string
  readonly unit: PrivacySettings['unit']
  readonly l2Clip: number
  readonly clip: number
  readonly sampleRate: number
  readonly rounds: number
  /** of the server */
  readonly learningRate: number
}
const COURSES: readonly Course[] = [
  { name: 'row, all rows', unit: 'row', l2Clip: 1, clip: 0.2, sampleRate: 1, rounds: 30, learningRate: 3 },
  { name: 'row, a fifth of them', unit: 'row', l2Clip: 1, clip: 0.2, sampleRate: 0.2, rounds: 60, learningRate: 2 },
  { name: 'party', unit: 'party', l2Clip: 0.2, clip: 0.2, sampleRate: 1, rounds: 8, learningRate: 1 },
]

/** The least noise, to a thousandth, with which so many rounds cost no more than ε. */
function noiseFor(epsilon: number, { sampleRate, rounds }: Course): number {
  let [low, high] = [0.1, 100]
  while (high / low > 1.001) {
    const noiseMultiplier = Math.sqrt(low * high)
    const all = new Array(rounds).fill({ sampleRate, noiseMultiplier })
    if (privacySpend(all, DELTA).epsilon > epsilon) low = noiseMultiplier
    else high = noiseMultiplier
  }
  return high
}

async function train(course: Course, noiseMultiplier: number, { parties, holdout }: Holders): Promise<number> {
  const rows = parties.reduce((sum, { labels }) => sum + labels.length, 0)
  const settings = { ...course, noiseMultiplier, delta: DELTA, budget: 100 }
  const plan = privacyPlan(settings, { parties: parties.length, parameters: COLUMNS + 1, clip: course.clip, rows })
  let weights = new Float64Array(COLUMNS + 1)
  for (let round = 1; round <= course.rounds; round++) {
    const updates = await Promise.all(
      parties.map(async (own, i) => {
        const seed = new Secret('seed', new Uint8Array(32).fill(i))
        const count = own.labels.length
        if (course.unit === 'row')
          return protectRows(plan, { own: count, all: rows, gradientOf: rowGradient(weights, own) }, seed, `${round}`)
        return protectUpdate(
          plan,
          changeOf(weights, own).map((value) => (count / rows) * value),
          seed,
          `${round}`,
        )
      }),
    )
    const sum = Uint32Array.from(weights, (_, i) => updates.reduce((total, one) => total + (one[i] as number), 0))
    const mean = readProtectedSum(plan, sum)
    weights = Float64Array.from(weights, (value, i) => value + course.learningRate * (mean[i] as number))
  }
  return aucOn(weights, holdout)
}

const drawn = SEEDS.map((seed) => drawHolders(seed))
console.log(`| unit | rounds | ε at δ = ${DELTA} | noise multiplier | AUC, median | AUC, lowest |`)
console.log('| --- | --- | --- | --- | --- | --- |')
const runs = await Promise.all(SEEDS.map((seed, i) => run(seed, { ...USUAL, defence: 'none' }, drawn[i])))
const open = runs.map(({ auc }) => auc)
console.log(`| none | ${USUAL.rounds} | | | ${median(open).toFixed(4)} | ${Math.min(...open).toFixed(4)} |`)
for (const course of COURSES) {
  for (const epsilon of course.unit === 'row' ? [0.5, 1, 2, 4, 8] : [2, 8, 32]) {
    const noise = noiseFor(epsilon, course)
    const aucs = await Promise.all(drawn.map((holders) => train(course, noise, holders)))
    const cells = [
      course.name,
      course.rounds,
      epsilon,
      noise.toFixed(2),
      median(aucs).toFixed(4),
      Math.min(...aucs).toFixed(4),
    ]
    console.log(`| ${cells.join(' | ')} |`)
  }
}
