// Seconds of local training, by the clock and of CPU, and how long a step holds up other work of the process.
// node protocols/fedavg/training/training.bench.ts [--engine tfjs-wasm] [--epochs 7] [--json]
import { parseArgs } from 'node:util'
import { ENGINE_CANDIDATES, firstEngine } from './engine.ts'
import { openModel } from './model.ts'
import { ADAM, draws, sampleRows, seedOf } from './sample.ts'
import { openServer, serverStep } from './server.ts'
import type { MlpSpec } from './types.ts'

const { values: options } = parseArgs({
  options: {
    /** one of the candidates; without it the first that starts */
    engine: { type: 'string' },
    epochs: { type: 'string', default: '7' },
    json: { type: 'boolean', default: false },
  },
})

interface Figure {
  readonly name: string
  readonly parameters: Readonly<Record<string, string | number>>
  readonly unit: string
  readonly samples: readonly number[]
}

const opening = performance.now()
const wanted = ENGINE_CANDIDATES.filter(({ name }) => options.engine === undefined || name === options.engine)
const engine = await firstEngine(wanted)
const figures: Figure[] = [
  { name: 'training/open-engine', parameters: { engine: engine.name }, unit: 's', samples: [seconds(opening)] },
]

function seconds(since: number): number {
  return (performance.now() - since) / 1000
}

/** Epochs of one size; the first two warm up and do not count. */
async function epochs(columns: number, rows: number, hidden: readonly number[], batchRows: number): Promise<void> {
  const spec: MlpSpec = { kind: 'mlp', hidden, activation: 'relu' }
  const names = Array.from({ length: columns }, (_, j) => `x${j}`)
  const model = await openModel(engine, spec, names)
  const data = sampleRows(1, rows, columns, (x) => 2 * x[0]! - x[1]! * x[2]!)
  const settings = { epochs: 1, batchRows, learningRate: 0.001, optimiser: ADAM, decay: 0 }
  let weights = model.initial(seedOf(1))
  const [times, cpu, steps] = [[] as number[], [] as number[], [] as number[]]
  for (let epoch = 0; epoch < Number(options.epochs); epoch++) {
    const start = performance.now()
    const used = process.cpuUsage()
    let last = start
    let longest = 0
    const onProgress = () => {
      longest = Math.max(longest, seconds(last))
      last = performance.now()
    }
    weights = (await model.train({ weights, data, settings, seed: seedOf(epoch), onProgress })).weights
    times.push(seconds(start))
    const { user, system } = process.cpuUsage(used)
    cpu.push((user + system) / 1e6)
    steps.push(longest)
  }
  const layers = [columns, ...hidden, 1].join('-')
  const parameters = { engine: engine.name, layers, parameters: model.parameterCount, rows, batchRows }
  figures.push({ name: 'training/epoch', parameters, unit: 's', samples: times.slice(2) })
  figures.push({ name: 'training/epoch-cpu', parameters, unit: 's', samples: cpu.slice(2) })
  figures.push({ name: 'training/longest-step', parameters, unit: 's', samples: steps.slice(2) })
}

for (const batchRows of [32, 64, 256]) await epochs(23, 8_000, [32, 16], batchRows)
await epochs(23, 8_000, [], 64)
await epochs(50, 50_000, [64, 32], 1_024)
await epochs(300, 2_048, [1_024, 640], 256)

for (const kind of ['average', 'yogi'] as const) {
  const parameters = 1_000_000
  const settings = { kind, learningRate: 0.01, beta1: 0.9, beta2: 0.99, tau: 0.001 }
  const mean = draws(1, 'update', parameters)
  let state = openServer(settings, Float32Array.from(mean))
  const samples: number[] = []
  for (let round = 0; round < 12; round++) {
    const start = performance.now()
    state = serverStep(settings, state, mean)
    samples.push(seconds(start))
  }
  figures.push({ name: 'training/server-step', parameters: { kind, parameters }, unit: 's', samples: samples.slice(2) })
}

const report = figures.map(({ samples, ...figure }) => {
  const sorted = samples.toSorted((a, b) => a - b)
  const at = (share: number) => sorted[Math.min(sorted.length - 1, Math.floor(share * sorted.length))] ?? 0
  return { ...figure, median: at(0.5), p90: at(0.9), n: samples.length }
})
if (options.json) console.log(JSON.stringify(report))
else
  for (const { name, parameters, unit, median, p90, n } of report)
    console.log(name, JSON.stringify(parameters), `${median.toPrecision(3)} ${unit}, p90 ${p90.toPrecision(3)}, n=${n}`)
