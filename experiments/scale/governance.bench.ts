// What governance costs a job: round log with cosignatures, disclosure ledger, egress check, guard, approvals. Real
// processes, and the job as it is, with approvals; the parts are timed inside them (governance-spans.ts).
//   node experiments/scale/governance.bench.ts [--job credit|wide] [--rows 100000] [--json]
//
// Shares of the time from the invitation to the last party's end:
//   at the barrier: from the last party's closing of a round to the last party's beginning of the next; without
//     governance the way through the coordinator would be in it too,
//   overhead: that, and every moment at which any process was in any of the parts. What the job waits for is in one
//     process at a time, so it cannot have waited longer,
//   summed: all time in the parts of all processes, as if none ever ran at the same time as another.
import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises'
import { loadavg, tmpdir } from 'node:os'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { parseArgs } from 'node:util'
import { processContext } from '#cli/context.ts'
import { runLab } from '../lab/lab.ts'
import { type LabPlan, parseLab } from '../lab/lab-file.ts'
import { hasSharedData, readSharedTable, TableFolder } from '../whole-job/fixtures.ts'
import { FOLDER_VARIABLE, type SpanReport } from './governance-spans.ts'
import { wideLab, writeWideTables } from './wide-table.ts'

const { values: options } = parseArgs({
  options: {
    job: { type: 'string' },
    rows: { type: 'string', default: '100000' },
    guest: { type: 'string', default: '30' },
    host: { type: 'string', default: '300' },
    rounds: { type: 'string', default: '3' },
    json: { type: 'boolean', default: false },
  },
})

interface Overhead {
  readonly name: string
  readonly rounds: number
  readonly wallMs: number
  readonly barrierMs: number
  /** moments at the barrier or in any part of any process */
  readonly unionMs: number
  readonly parts: ReadonlyMap<string, number>
}

/** The job of experiments/whole-job/default-credit.slow.test.ts with one host. */
async function creditLab(folder: TableFolder): Promise<LabPlan> {
  await folder.write('bank.csv', await readSharedTable('default_credit_hetero_guest.csv'))
  await folder.write('tax.csv', await readSharedTable('default_credit_hetero_host.csv'))
  const ids = { column: 'id', kind: 'plain' }
  const lab = {
    parties: {
      bank: { dataset: 'loans', source: { csv: 'bank.csv' }, ids, label: { column: 'y' } },
      tax: { dataset: 'columns', source: { csv: 'tax.csv' }, ids },
    },
    job: {
      name: 'default credit',
      guest: { party: 'bank', dataset: 'loans' },
      hosts: [{ party: 'tax', dataset: 'columns' }],
      split: { kind: 'id-modulo', divisor: 5, remainder: 0 },
      train: { l2: 1, rounds: 60 },
    },
  }
  return parseLab(JSON.stringify(lab), folder.path)
}

async function measure(name: string, plan: LabPlan): Promise<Overhead> {
  const spans = await mkdtemp(join(tmpdir(), 'tributary-spans-'))
  process.env[FOLDER_VARIABLE] = spans
  process.env['NODE_OPTIONS'] = `--import ${pathToFileURL(join(import.meta.dirname, 'governance-spans.ts')).href}`
  try {
    const cli = processContext(['bench', 'bench'], new AbortController().signal)
    const result = await runLab(plan, { cli, quiet: true })
    if (result.state !== 'succeeded') throw new Error(`${name}: ${result.state} ${JSON.stringify(result.failure)}`)
    const files = await readdir(spans)
    const reports = await Promise.all(
      files.map(async (file) => JSON.parse(await readFile(join(spans, file), 'utf8')) as SpanReport),
    )
    return overheadOf(name, reports)
  } finally {
    delete process.env[FOLDER_VARIABLE]
    delete process.env['NODE_OPTIONS']
    await rm(spans, { recursive: true })
  }
}

function overheadOf(name: string, reports: readonly SpanReport[]): Overhead {
  const agents = reports.filter((report) => report.process === 'agent')
  const last = (times: readonly (number | undefined)[]) => Math.max(...times.map((time) => time ?? Number.NaN))
  const order = Object.keys(agents[0]?.began ?? {})
  if (agents.length < 2 || order.length < 2) throw new Error(`${name}: the processes left no spans`)
  const ended = last(agents.map((agent) => agent.ended))
  const beginnings = [...order.slice(1).map((place) => last(agents.map(({ began }) => began[place]))), ended]
  const closings = order.map((place) => last(agents.map(({ closed }) => closed[place])))
  const barriers = closings.map((closed, i) => [closed, beginnings[i] ?? Number.NaN] as const)
  const barrierMs = barriers.reduce((sum, [from, to]) => sum + to - from, 0)
  const atBarrier = (time: number) => barriers.some(([from, to]) => from <= time && time <= to)
  const invited = agents.map(({ parts: { 'log requireUsable': calls } }) => calls?.[0] ?? [Number.NaN, 0])
  const wallMs = ended - Math.min(...invited.map(([end, ms]) => end - ms))
  const parts = new Map<string, number>()
  for (const report of reports)
    for (const [part, calls] of Object.entries(report.parts)) {
      const label = `${report.process}: ${part}`
      const outside = calls.filter(([end]) => !atBarrier(end)).reduce((sum, [, ms]) => sum + ms, 0)
      parts.set(label, (parts.get(label) ?? 0) + outside)
    }
  const spans = reports.flatMap((report) => Object.values(report.parts).flat())
  const unionMs = unionOf([...barriers, ...spans.map(([end, ms]) => [end - ms, end] as const)])
  return { name, rounds: order.length, wallMs, barrierMs, unionMs, parts }
}

/** Time that at least one of the intervals covers. */
function unionOf(intervals: readonly (readonly [from: number, to: number])[]): number {
  let covered = 0
  let reached = Number.NEGATIVE_INFINITY
  for (const [from, to] of intervals.toSorted((a, b) => a[0] - b[0])) {
    covered += Math.max(0, to - Math.max(from, reached))
    reached = Math.max(reached, to)
  }
  return covered
}

function report({ name, rounds, wallMs, barrierMs, unionMs, parts }: Overhead): void {
  const inParts = [...parts.values()].reduce((sum, ms) => sum + ms, 0)
  const load = loadavg()[0] ?? 0
  const parameters = { job: name, rounds, load: Number(load.toFixed(1)) }
  const one = (label: string, unit: string, value: number) => ({
    name: `governance/${label}`,
    parameters,
    unit,
    median: value,
    p90: value,
    n: 1,
  })
  const figures = [
    one('overhead', '%', (100 * unionMs) / wallMs),
    one('summed', '%', (100 * (barrierMs + inParts)) / wallMs),
    one('at-the-barrier', '%', (100 * barrierMs) / wallMs),
    one('elsewhere', '%', (100 * inParts) / wallMs),
    one('job', 's', wallMs / 1000),
    ...[...parts].map(([part, ms]) => one(part, 'ms', ms)),
  ]
  if (options.json) console.log(JSON.stringify(figures))
  else
    for (const { name: figure, median, unit } of figures)
      console.log(`${figure}  ${JSON.stringify(parameters)}  ${median.toFixed(2)} ${unit}`)
}

if (options.job !== 'wide' && hasSharedData()) {
  await using folder = await TableFolder.open()
  report(await measure('default credit', await creditLab(folder)))
}
if (options.job !== 'credit') {
  await using folder = await TableFolder.open()
  const size = { rows: Number(options.rows), guest: Number(options.guest), host: Number(options.host) }
  await writeWideTables(folder.path, size)
  report(await measure(`${size.rows} x (${size.guest}+${size.host})`, wideLab(folder.path, Number(options.rounds))))
}
