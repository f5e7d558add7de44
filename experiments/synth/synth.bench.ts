// How fast a federation is written, and that memory does not grow with its size: each size in a process of its own.
// node experiments/synth/synth.bench.ts [--applications 100000,1000000] [--workers 2] [--format csv] [--json]
import { spawnSync } from 'node:child_process'
import { mkdtemp, readdir, rm, stat } from 'node:fs/promises'
import { availableParallelism, tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { parseArgs } from 'node:util'
import { writeSyntheticFederation } from './federation.ts'

const { values: options } = parseArgs({
  options: {
    applications: { type: 'string', default: '100000,1000000' },
    workers: { type: 'string', default: String(availableParallelism()) },
    format: { type: 'string', default: 'csv' },
    json: { type: 'boolean', default: false },
    one: { type: 'boolean', default: false },
  },
})
const workers = Number(options.workers)
const format = options.format === 'parquet' ? 'parquet' : 'csv'

interface Run {
  readonly applications: number
  readonly seconds: number
  /** of all threads */
  readonly cpuSeconds: number
  readonly peakMib: number
  readonly bytes: number
}

/** Writes one federation in this process and measures it. */
async function measure(applications: number): Promise<Run> {
  const directory = await mkdtemp(join(tmpdir(), 'tributary-synth-bench-'))
  try {
    const started = performance.now()
    await writeSyntheticFederation({
      directory,
      seed: 20220101,
      applications,
      workers,
      format,
      raw: false,
      reference: false,
    })
    const seconds = (performance.now() - started) / 1000
    const { userCPUTime, systemCPUTime, maxRSS } = process.resourceUsage()
    const paths = await readdir(directory, { recursive: true, withFileTypes: true })
    let bytes = 0
    for (const entry of paths) if (entry.isFile()) bytes += (await stat(join(entry.parentPath, entry.name))).size
    return { applications, seconds, cpuSeconds: (userCPUTime + systemCPUTime) / 1e6, peakMib: maxRSS / 1024, bytes }
  } finally {
    await rm(directory, { recursive: true, force: true })
  }
}

function inOwnProcess(applications: string): Run {
  const own = fileURLToPath(import.meta.url)
  const given = ['--one', '--applications', applications, '--workers', String(workers), '--format', format]
  const { status, stdout, stderr } = spawnSync(process.execPath, [own, ...given], { encoding: 'utf8' })
  if (status !== 0) throw new Error(stderr)
  return JSON.parse(stdout) as Run
}

function figuresOf(run: Run) {
  const parameters = { applications: run.applications, workers, format }
  const figure = (name: string, unit: string, value: number) => ({
    name,
    parameters,
    unit,
    median: value,
    p90: value,
    n: 1,
  })
  return [
    figure('synth: speed', 'applications/s', run.applications / run.seconds),
    figure('synth: processor time', 'µs/application', (1e6 * run.cpuSeconds) / run.applications),
    figure('synth: peak memory', 'MiB', run.peakMib),
    figure('synth: size', 'bytes/application', run.bytes / run.applications),
  ]
}

if (options.one) console.log(JSON.stringify(await measure(Number(options.applications))))
else {
  const figures = options.applications.split(',').flatMap((size) => figuresOf(inOwnProcess(size)))
  if (options.json) console.log(JSON.stringify(figures))
  else
    for (const { name, parameters, unit, median } of figures) {
      console.log(`${name} ${parameters.applications} × ${workers}: ${median.toPrecision(4)} ${unit}`)
    }
}
