// A whole job on wide tables with real processes: seconds a round, and the peak memory of each process.
// node experiments/scale/wide-job.bench.ts [--rows 100000] [--guest 30] [--host 300] [--rounds 3] [--json]
import { readFileSync } from 'node:fs'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { processContext } from '#cli/context.ts'
import { runLab } from '../lab/lab.ts'
import { wideLab, writeWideTables } from './wide-table.ts'

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

/** Peak resident memory of a process so far, in MiB (Linux). */
function peakMib(pid: number): number {
  const line = /VmHWM:\s+(\d+) kB/.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))
  return Number(line?.[1]) / 1024
}

const directory = await mkdtemp(join(tmpdir(), 'tributary-wide-'))
try {
  const [guest, host] = [Number(options.guest), Number(options.host)]
  await writeWideTables(directory, { rows, guest, host })
  const peaks = new Map<string, number>()
  const cli = processContext(['bench', 'bench'], new AbortController().signal)
  const result = await runLab(wideLab(directory, rounds), {
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
