// What protecting an update costs: microseconds of processor time a number. node protocols/fedavg/privacy/privacy.bench.ts [--json]
import { Secret } from '#runtime/secret.ts'
import { privacySpend } from './accountant.ts'
import { privacyPlan } from './plan.ts'
import { protectUpdate } from './protect.ts'
import type { PrivacySettings } from './settings.ts'

const PARAMETERS = 1_000_000
const SAMPLES = 7
const settings: PrivacySettings = {
  unit: 'party',
  l2Clip: 1,
  noiseMultiplier: 1,
  sampleRate: 1,
  delta: 1e-5,
  budget: 8,
}

/** Processor time of each run, in µs; the first warms up and does not count. */
function measure(run: (sample: number) => void): number[] {
  const samples = Array.from({ length: SAMPLES + 1 }, (_, sample) => {
    const before = process.cpuUsage()
    run(sample)
    const { user, system } = process.cpuUsage(before)
    return user + system
  })
  return samples.slice(1).toSorted((a, b) => a - b)
}

function figure(name: string, parameters: Readonly<Record<string, number>>, unit: string, sorted: readonly number[]) {
  const at = (share: number) => sorted[Math.floor(share * (sorted.length - 1))] as number
  return { name, parameters, unit, median: at(0.5), p90: at(0.9), n: sorted.length }
}

const contribution = new Float64Array(PARAMETERS)
const seed = new Secret('seed', new Uint8Array(32))
const figures = [3, 10, 100].map((parties) => {
  const plan = privacyPlan(settings, { parties, parameters: PARAMETERS, clip: 1, rows: 1 })
  const took = measure((sample) => void protectUpdate(plan, contribution, seed, `${sample}`))
  const each = took.map((micros) => micros / PARAMETERS)
  return figure('privacy/protect-update', { parties, parameters: PARAMETERS }, 'µs/number', each)
})
const rounds = measure((sample) => {
  const noiseMultiplier = 1 + sample / 100
  privacySpend(new Array(100).fill({ sampleRate: 0.01, noiseMultiplier }), 1e-5)
})
figures.push(
  figure(
    'privacy/epsilon-of-a-mechanism',
    { rounds: 100 },
    'ms',
    rounds.map((micros) => micros / 1000),
  ),
)

if (process.argv.includes('--json')) console.log(JSON.stringify(figures))
else
  for (const { name, parameters, unit, median, p90 } of figures)
    console.log(name, JSON.stringify(parameters), `median ${median.toFixed(3)} p90 ${p90.toFixed(3)} ${unit}`)
