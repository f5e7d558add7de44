// Speed of boosted trees: `node protocols/secureboost/secureboost.bench.ts [--json] [--trees n] [--threads n] [--small] [WORD …]`
// runs the workloads whose name holds a WORD (100k-30, 100k-330, 45k-17; growth: what more rows, features, bins, levels, hosts and a group cost;
// hidden or visible: only this membership), by default all of them; --small with few rows, to see that they run; --list only says
// which there are. Guest and host run in this process and share the threads
// of the pool, so a figure is what both need together on this machine, without the network. CPU seconds are of all threads;
// memory is the largest resident size while trees grow. Under each workload: what its parts take, each alone, times as
// often as they were called.
import { availableParallelism, loadavg } from 'node:os'
import type { BoostParams } from '#credit/trees/params.ts'
import { HePool } from '#crypto/he/pool.ts'
import { MemoryNetwork } from '#protocols/core/memory.ts'
import { profileOf, type Profiled, profiling } from './bench-profile.ts'
import { boostGroup, makeGroupSample } from './group-sample.ts'
import type { Membership } from './params.ts'
import { boost, makeSample } from './sample.ts'

interface Workload {
  readonly name: string
  readonly rows: number
  /** columns of the guest and of each host */
  readonly widths: readonly number[]
  /** the last host is a group of so many; hidden membership only */
  readonly members?: number
  readonly boost: Partial<BoostParams> & Pick<BoostParams, 'depth' | 'bins' | 'trees'>
}

/** Trees of a run, unless --trees says otherwise: 38 for the whole training of the last. */
const WORKLOADS: readonly Workload[] = [
  { name: '100k-30', rows: 100_000, widths: [0, 30], boost: { depth: 5, bins: 32, trees: 2 } },
  { name: '100k-330', rows: 100_000, widths: [30, 300], boost: { depth: 3, bins: 32, trees: 1 } },
  { name: '45k-17', rows: 45_211, widths: [0, 17], boost: { depth: 5, bins: 10, trees: 38 } },
]

/** Not measured: afterwards threads and kernels are warm, and both parameter sets open. */
const WARM: Workload = { name: 'warm', rows: 3000, widths: [1, 2], boost: { depth: 3, bins: 8, trees: 1 } }

/** How cost grows: one thing changed at a time. */
const BASE: Workload = { name: 'growth-base', rows: 20_000, widths: [0, 10], boost: { depth: 3, bins: 16, trees: 2 } }
const GROWTH: readonly Workload[] = [
  BASE,
  { ...BASE, name: 'growth-rows-x2', rows: 40_000 },
  { ...BASE, name: 'growth-features-x2', widths: [0, 20] },
  { ...BASE, name: 'growth-bins-x2', boost: { ...BASE.boost, bins: 32 } },
  { ...BASE, name: 'growth-depth-4', boost: { ...BASE.boost, depth: 4 } },
  { ...BASE, name: 'growth-depth-5', boost: { ...BASE.boost, depth: 5 } },
  { ...BASE, name: 'growth-hosts-2', widths: [0, 5, 5] },
  { ...BASE, name: 'growth-hosts-4', widths: [0, 3, 3, 2, 2] },
  { ...BASE, name: 'growth-group-of-3', members: 3 },
  { ...BASE, name: 'growth-exact', boost: { ...BASE.boost, precision: 'exact' } },
]

interface Figure {
  readonly name: string
  readonly parameters: Readonly<Record<string, string | number>>
  readonly unit: string
  readonly median: number
  readonly p90: number
  readonly n: number
}

const option = (name: string) => {
  const at = process.argv.indexOf(name)
  return at < 0 ? undefined : Number(process.argv[at + 1])
}
const json = process.argv.includes('--json')
const trees = option('--trees')
const threads = option('--threads') ?? availableParallelism()
const small = process.argv.includes('--small')
const said = process.argv.slice(2).filter((word) => !word.startsWith('--') && !/^\d+$/.test(word))
const MEMBERSHIPS = ['hidden', 'visible'] as const
const memberships = MEMBERSHIPS.filter((one) => said.includes(one) || !MEMBERSHIPS.some((word) => said.includes(word)))
const words = said.filter((word) => !MEMBERSHIPS.some((one) => one === word))
const figures: Figure[] = []

/** Grows the trees of a workload. */
function runOf({ rows, widths, boost: params, members }: Workload, membership: Membership) {
  const sets = [{ name: 'train' as const, rows: sizeOf(rows) }]
  const options = { sets, widths, membership, boost: { ...params, trees: trees ?? (small ? 1 : params.trees) } }
  if (members === undefined) {
    const sample = makeSample(options)
    return (pool: HePool, network: MemoryNetwork) => boost(pool, sample, network)
  }
  const sample = makeGroupSample(options, members)
  return (pool: HePool, network: MemoryNetwork) => boostGroup(pool, sample, network)
}

const sizeOf = (rows: number) => (small ? Math.ceil(rows / 50) : rows)

interface Moment {
  readonly time: number
  readonly cpu: number
}

function now(): Moment {
  const { user, system } = process.cpuUsage()
  return { time: performance.now() / 1000, cpu: (user + system) / 1e6 }
}

/** Counts bytes and forgets them: the messages of a tree would not fit. */
function countingNetwork() {
  const seen = { bytes: 0, firstTree: undefined as Moment | undefined }
  const network: MemoryNetwork = new MemoryNetwork((message) => {
    seen.bytes += message.bytes.length
    if (message.step === 'tree-key') seen.firstTree ??= now()
    network.transcript.length = 0
    return [message.bytes]
  })
  return { network, seen }
}

async function measure(pool: HePool, workload: Workload, membership: Membership): Promise<void> {
  const run = runOf(workload, membership)
  const { network, seen } = countingNetwork()
  const calls: Profiled = profiling(pool)
  let memory = 0
  const watch = setInterval(() => {
    memory = Math.max(memory, process.memoryUsage.rss())
  }, 100)
  const begin = now()
  const { guest } = await run(calls.pool, network)
  const end = now()
  clearInterval(watch)
  if (workload === WARM) return
  const grown = guest.losses.length
  const { time: seconds, cpu } = { time: end.time - seen.firstTree!.time, cpu: end.cpu - seen.firstTree!.cpu }
  const { widths } = workload
  const rows = sizeOf(workload.rows)
  const features = widths.slice(1).reduce((sum, width) => sum + width, 0)
  const cells = rows * features * workload.boost.depth * grown
  const { engine } = pool.chosen
  const parameters = { membership, trees: grown, rows, threads, engine, load: Number(loadavg()[0]!.toFixed(1)) }
  const figure = (name: string, unit: string, value: number) => {
    const median = Number(value.toFixed(3))
    figures.push({ name: `secureboost/${workload.name}/${name}`, parameters, unit, median, p90: median, n: 1 })
  }
  figure('cells of all columns, once', 's', seen.firstTree!.time - begin.time)
  figure('per tree', 's', seconds / grown)
  figure('the whole training', 's', end.time - begin.time)
  figure('CPU per tree', 's', cpu / grown)
  figure('bytes per tree', 'MB', seen.bytes / grown / 1e6)
  figure('peak memory', 'MB', memory / 1e6)
  figure('CPU per row x host feature x level', 'µs', (cpu * 1e6) / cells)
  figure('time per row x host feature x level', 'µs', (seconds * 1e6) / cells)
  if (workload.name.startsWith('growth')) return
  for (const { name, count, seconds: each } of await profileOf(pool, calls))
    figure(`CPU of ${name} per tree (${Math.round(count / grown)} times)`, 's', (each * count) / grown)
}

const asked = [...WORKLOADS, ...GROWTH].filter(
  ({ name }) => words.length === 0 || words.some((word) => name.includes(word)),
)
if (process.argv.includes('--list')) {
  for (const { name } of asked) console.log(name)
  process.exit()
}
await using pool = await HePool.open({ workers: threads })
for (const workload of [WARM, ...asked]) {
  for (const membership of memberships)
    if (membership === 'hidden' || workload.members === undefined) await measure(pool, workload, membership)
}
if (json) console.log(JSON.stringify(figures))
else for (const { name, unit, median, parameters } of figures) console.log(name, median, unit, parameters)
