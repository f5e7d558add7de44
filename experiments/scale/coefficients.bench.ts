// How far the coefficients and standard errors of a federated scorecard are from Newton's on the same rows: the protocol
// in memory, on the pooled table of the synthetic federation, one party a table.
//   node experiments/scale/coefficients.bench.ts [--applications 100000] [--columns selected|all] [--precision standard|fine] [--json]
import { loadavg } from 'node:os'
import { parseArgs } from 'node:util'
import { HePool } from '#crypto/he/pool.ts'
import { woeColumn } from '#protocols/vertical-lr/columns.ts'
import { type LrParams, WOE_BITS } from '#protocols/vertical-lr/params.ts'
import { clearErrors, distance, trainSample } from '#protocols/vertical-lr/sample-run.ts'
import { WOE_PARAMS, type WoeSample } from '#protocols/vertical-lr/sample-woe.ts'
import { INTERCEPT } from '../synth/applicant.ts'
import { selectColumns } from '../synth/reference/coalitions.ts'
import { publishedTraining } from '../synth/reference/published-split.ts'
import { SAMPLE_PARTIES, type Sample, sampleFromGenerator } from '../synth/reference/sample.ts'
import { binColumn, type BinnedColumn } from '../synth/reference/woe-lr.ts'
import { referenceWorld } from '../synth/world.ts'

const SEED = 20220101

const { values: options } = parseArgs({
  options: {
    applications: { type: 'string', default: '100000' },
    columns: { type: 'string', default: 'selected' },
    precision: { type: 'string', default: 'standard' },
    json: { type: 'boolean', default: false },
  },
})

/** The training rows of the sample as the parties of a scorecard have them. */
function woeSample(sample: Sample, columns: readonly BinnedColumn[], params: LrParams): WoeSample {
  const rows = [...sample.sets.keys()].filter((i) => sample.sets[i] === 0 && sample.labels[i]! >= 0)
  const inputs = SAMPLE_PARTIES.flatMap((party) => {
    const own = columns.filter((column) => column.party === party)
    if (own.length === 0) return []
    const data = {
      bits: WOE_BITS,
      columns: own.map(({ woe, assigned }) => woeColumn(rows.map((i) => woe[assigned[i]!]!))),
    }
    return [{ params, names: own.map(({ code }) => code), data, trainRows: rows.length, holdoutRows: 0, scored: [] }]
  })
  const labels = Uint8Array.from(rows, (i) => sample.labels[i]!)
  const weights = new Uint8Array(rows.length).fill(1)
  return { guest: { ...inputs[0]!, labels, weights }, hosts: inputs.slice(1) }
}

const precision = options.precision === 'fine' ? 'fine' : 'standard'
const applications = Number(options.applications)
// as lrParams makes them of a job's section
const settings = precision === 'fine' ? { harmonics: 8, tolerance: 5e-5 } : { harmonics: 4, tolerance: 5e-4 }
const params: LrParams = { ...WOE_PARAMS, ...settings, precision, rounds: 40, standardErrors: true }
const pooled = sampleFromGenerator(referenceWorld(SEED, INTERCEPT), applications, publishedTraining(applications))
const columns =
  options.columns === 'all' ? pooled.columns.map((column) => binColumn(pooled, column)) : selectColumns(pooled).kept
const sample = woeSample(pooled, columns, params)

await using pool = await HePool.open()
const begun = performance.now()
const { bank, joint, clear, all, tests } = await trainSample(pool, sample)
const seconds = (performance.now() - begun) / 1000
const expected = clearErrors(sample, all, clear)

const parameters = {
  applications,
  rows: sample.guest.trainRows,
  parties: sample.hosts.length + 1,
  columns: columns.length,
  precision,
  rounds: bank.rounds,
  converged: bank.converged,
  load: Number(loadavg()[0]!.toFixed(1)),
}
const figures = [
  ['largest error of a coefficient', distance(joint.slice(0, -1), clear.slice(0, -1)), ''],
  [
    'largest relative error of a standard error',
    Math.max(...tests.slice(0, -1).map(({ standardError }, j) => Math.abs(standardError / expected[j]! - 1))),
    '',
  ],
  ['training with its standard errors', seconds, 's'],
] as const
if (options.json) {
  const line = ([name, value, unit]: (typeof figures)[number]) => ({
    name: `coefficients/${name}`,
    parameters,
    unit,
    median: value,
    p90: value,
    n: 1,
  })
  console.log(JSON.stringify(figures.map(line)))
} else
  for (const [name, value, unit] of figures) console.log(`coefficients/${name} ${value.toFixed(5)} ${unit}`, parameters)
