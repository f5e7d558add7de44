// Speed of the binning: `node protocols/binning-iv/binning-iv.bench.ts [--json] [rows columns] [group]`, 100,000 x 300 with 16
// bins by default; with `group` also three members with these rows between them, beside one host with all of them. Guest and host run in this process and share the threads of the pool, so a figure is what both need
// together on this machine, without the network. Below the total: the same work by its parts, each alone. CPU seconds
// over all threads stand beside the time, since a machine that does other work makes the time longer.
import { availableParallelism, loadavg } from 'node:os'
import { HePool } from '#crypto/he/pool.ts'
import { SLOTS } from '#crypto/he/params.ts'
import { MemoryNetwork } from '#protocols/core/memory.ts'
import { Secret } from '#runtime/secret.ts'
import { binGroup, makeGroupSample } from './group-sample.ts'
import { cellColumn } from './host-columns.ts'
import { bin, makeSample, uniform } from './sample.ts'

interface Figure {
  readonly name: string
  readonly parameters: Readonly<Record<string, number>>
  readonly unit: string
  readonly median: number
  readonly p90: number
  readonly n: number
}

const json = process.argv.includes('--json')
const [rows = 100_000, columns = 300] = process.argv
  .slice(2)
  .filter((word) => /^\d+$/.test(word))
  .map(Number)
const WINDOWS = 16
const threads = availableParallelism()
const figures: Figure[] = []
const load = loadavg()[0] as number

async function measure(name: string, samples: number, run: () => Promise<unknown>): Promise<void> {
  const taken: number[] = []
  const before = process.cpuUsage()
  for (let i = 0; i < samples; i++) {
    const start = performance.now()
    await run()
    taken.push((performance.now() - start) / 1000)
  }
  taken.sort((a, b) => a - b)
  const at = (share: number) => Number((taken[Math.floor(share * (samples - 1))] as number).toFixed(2))
  const { user, system } = process.cpuUsage(before)
  const cpu = Number(((user + system) / 1e6 / samples).toFixed(2))
  const parameters = { rows, columns, bins: WINDOWS, threads, load: Number(load.toFixed(1)) }
  figures.push({ name: `binning-iv/${name}`, parameters, unit: 's', median: at(0.5), p90: at(0.9), n: samples })
  figures.push({ name: `binning-iv/${name}/CPU`, parameters, unit: 's', median: cpu, p90: cpu, n: samples })
}

const params = { bins: WINDOWS, minimumRows: 50, minimumShare: 0.01 }
const sample = makeSample({ params, sets: [{ name: 'train', rows }], widths: [columns] })
{
  await using pool = await HePool.open({ workers: threads })
  await bin(pool, makeSample({ params, widths: [1] })) // the threads and their kernels are warm
  let bytes = 0
  await measure('all parties', 2, async () => {
    const network = new MemoryNetwork()
    await bin(pool, sample, network)
    bytes = network.transcript.reduce((sum, message) => sum + message.bytes.length, 0)
  })
  figures.push({
    name: 'binning-iv/bytes',
    parameters: { rows, columns },
    unit: 'MiB',
    median: Math.round(bytes / 2 ** 20),
    p90: Math.round(bytes / 2 ** 20),
    n: 1,
  })

  if (process.argv.includes('group')) {
    const grouped = makeGroupSample({ params, sets: [{ name: 'train', rows }], widths: [1, columns] })
    const { guest, pooled } = grouped
    const { groups: _, ...alone } = guest.params
    const single = {
      guest: { ...guest, params: alone },
      hosts: [grouped.tax, pooled].map((one) => ({ ...one, params: alone })),
    }
    await measure('one host with all rows', 2, () => bin(pool, single))
    await measure('group of three', 2, () => binGroup(pool, grouped))
  }

  const [host] = sample.hosts
  await measure('cut columns', 1, async () => {
    for (const column of host!.columns) cellColumn(host!, column, new Secret('bench', new Uint8Array(32)))
  })
  const key = await pool.generateKey('histogram')
  const block = SLOTS / WINDOWS
  const blocks = Math.ceil(rows / block)
  let cts: Uint8Array[] = []
  await measure('encrypt rows', 1, async () => {
    const values = new Float64Array(block).fill(12_345_678)
    cts = await Promise.all(Array.from({ length: blocks }, () => pool.encryptRows(key, values)))
  })
  const cells = Array.from({ length: columns }, (_, c) =>
    Uint8Array.from(uniform(`bench ${c % 8}`, blocks * block), (value) => value * WINDOWS),
  )
  const histogram = pool.openHistogram(key.publicKey, WINDOWS, columns)
  await measure('add rows to sums', 1, async () => {
    for (let from = 0; from < blocks; from += 32) {
      const end = Math.min(blocks, from + 32)
      await histogram.add(
        cts.slice(from, end),
        cells.map((column) => column.subarray(from * block, end * block)),
      )
    }
  })
  let answers: Uint8Array[] = []
  await measure('protect answers', 1, async () => {
    answers = await Promise.all(cells.map((_, c) => histogram.protect(c, WINDOWS)))
  })
  await measure('open answers', 1, () =>
    Promise.all(answers.map((answer) => pool.decryptCells(key, answer, WINDOWS, WINDOWS))),
  )
}
if (json) console.log(JSON.stringify(figures))
else for (const { name, unit, median, n, parameters } of figures) console.log(name, median, unit, `n=${n}`, parameters)
