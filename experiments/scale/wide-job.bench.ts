// A whole job on wide tables with real processes: seconds a round, and the peak memory of each process.
// node experiments/scale/wide-job.bench.ts [--rows 100000] [--guest 30] [--host 300] [--rounds 3] [--json]
import { once } from 'node:events'
import { createWriteStream, readFileSync } from 'node:fs'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { finished } from 'node:stream/promises'
import { parseArgs } from 'node:util'
import { processContext } from '#cli/context.ts'
import { runLab } from '../lab/lab.ts'
import { parseLab } from '../lab/lab-file.ts'

const { values: options } = parseArgs({
  options: {
    rows: { type: 'string', default: '100000' },
    guest: { type: 'string', default: '30' },
    host: { type: 'string', default: '300' },
    rounds: { type: 'string', default: '3' },
    json: { type: 'boolean', default: false },
  },
})
const rows = Number(options.rows)
const rounds = Number(options.rounds)

/** Columns of a small linear congruential generator: speed matters here, not the distribution. */
async function writeTable(file: string, columns: number, seed: number, label: boolean): Promise<void> {
  const out = createWriteStream(file)
  let state = seed
  const uniform = () => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0
    return state / 2 ** 32
  }
  const names = Array.from({ length: columns }, (_, j) => `x${j}`)
  out.write(`id,${label ? 'y,' : ''}${names.join(',')}\n`)
  for (let i = 0; i < rows; i++) {
    const values = names.map(() => (uniform() + uniform() + uniform() - 1.5).toFixed(4))
    const bad = uniform() < 0.2 + 0.2 * Number(values[0]) ? 1 : 0
    const line = `${i},${label ? `${bad},` : ''}${values.join(',')}\n`
    if (!out.write(line)) await once(out, 'drain')
  }
  out.end()
  await finished(out)
}

/** Peak resident memory of a process so far, in MiB (Linux). */
function peakMib(pid: number): number {
  const line = /VmHWM:\s+(\d+) kB/.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))
  return Number(line?.[1]) / 1024
}

const directory = await mkdtemp(join(tmpdir(), 'tributary-wide-'))
try {
  await writeTable(join(directory, 'guest.csv'), Number(options.guest), 1, true)
  await writeTable(join(directory, 'host.csv'), Number(options.host), 2, false)
  const ids = { column: 'id', kind: 'plain' }
  const lab = {
    federation: 'wide',
    parties: {
      bank: { dataset: 'loans', source: { csv: 'guest.csv' }, ids, label: { column: 'y' } },
      partner: { dataset: 'features', source: { csv: 'host.csv' }, ids },
    },
    job: {
      name: 'wide job',
      guest: { party: 'bank', dataset: 'loans' },
      hosts: [{ party: 'partner', dataset: 'features' }],
      split: { kind: 'keyed-hash', holdout: 0.05 },
      train: { rounds, tolerance: 1e-8 },
    },
  }
  const peaks = new Map<string, number>()
  const cli = processContext(['bench', 'bench'], new AbortController().signal)
  const result = await runLab(parseLab(JSON.stringify(lab), directory), {
    cli,
    quiet: true,
    before: async ({ process }) => {
      for (const name of ['coordinator', 'bank', 'partner']) peaks.set(name, peakMib(process(name).pid))
    },
  })
  if (result.state !== 'succeeded')
    throw new Error(`the job ended as ${result.state}: ${JSON.stringify(result.failure)}`)
  const parameters = { rows, columns: `${options.guest}+${options.host}`, rounds }
  const bytes = Object.values(result.sent)
    .flatMap((kinds) => Object.values(kinds))
    .reduce((sum, value) => sum + value, 0)
  const one = (name: string, unit: string, value: number) => ({
    name,
    parameters,
    unit,
    median: value,
    p90: value,
    n: 1,
  })
  const figures = [
    one('wide-job/align', 's', result.seconds.tasks['align'] ?? 0),
    one('wide-job/train', 's', result.seconds.tasks['train'] ?? 0),
    one('wide-job/sent', 'MB', bytes / 1e6),
    ...[...peaks].map(([name, value]) => one(`wide-job/peak-memory-${name}`, 'MiB', value)),
  ]
  if (options.json) console.log(JSON.stringify(figures))
  else
    for (const { name, median, unit } of figures)
      console.log(`${name}  ${JSON.stringify(parameters)}  ${median.toFixed(1)} ${unit}`)
} finally {
  await rm(directory, { recursive: true, force: true })
}
