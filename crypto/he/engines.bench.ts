// The kernels against SEAL alone, on the same work: `node crypto/he/engines.bench.ts [--json] [--small]`. CPU of the
// whole process, since a machine that does other work makes the time longer. inner products: a gradient of the regression;
// histogram: counts of the binning; node sums: one level of a tree, answers included. --small: few rows, to see that it runs.
import { expandUniform } from '../prg.ts'
import type { Engine } from './engine.ts'
import { HePool } from './pool.ts'

const small = process.argv.includes('--small')
const ROWS = small ? 1500 : 20_000
const COLUMNS = small ? 2 : 16
const SAMPLES = small ? 1 : 3
const [WINDOWS, CELLS, NODES] = [8, 32, 4]

interface Figure {
  readonly name: string
  readonly parameters: string
  readonly unit: string
  readonly median: number
  readonly p90: number
  readonly n: number
}

const uniform = (label: string, n: number) => expandUniform(new Uint8Array(32), label, n)
const figures: Figure[] = []

async function measure(name: string, engine: Engine, shape: string, run: () => Promise<unknown>): Promise<void> {
  await run()
  const taken: number[] = []
  for (let i = 0; i < SAMPLES; i++) {
    const before = process.cpuUsage()
    await run()
    const { user, system } = process.cpuUsage(before)
    taken.push((user + system) / 1000)
  }
  taken.sort((a, b) => a - b)
  const at = (share: number) => Number((taken[Math.floor(share * (SAMPLES - 1))] as number).toFixed(2))
  const parameters = `engine=${engine} rows=${ROWS} columns=${COLUMNS} ${shape}`
  figures.push({ name: `he/engines/${name}`, parameters, unit: 'CPU ms', median: at(0.5), p90: at(0.9), n: SAMPLES })
}

const blocksOf = (values: Float64Array, rows: number) =>
  Array.from({ length: Math.ceil(ROWS / rows) }, (_, b) => values.slice(b * rows, (b + 1) * rows))
const cellsBelow = (count: number) =>
  Array.from({ length: COLUMNS }, (_, c) => Uint8Array.from(uniform(`cells ${c}`, ROWS), (value) => value % count))

async function innerProducts(pool: HePool, engine: Engine): Promise<void> {
  const key = await pool.generateKey('gradient')
  const each = 1024
  const columns = Array.from({ length: COLUMNS }, (_, c) =>
    Int32Array.from(uniform(`column ${c}`, ROWS), (value) => (value % 2 ** 13) - 2 ** 12),
  )
  const blocks = await Promise.all(
    blocksOf(uniform('d', ROWS), each).map((some) => pool.encryptCoefficients(key, some)),
  )
  await measure('inner products', engine, `rowsPerBlock=${each}`, () =>
    pool.innerProducts(key.publicKey, blocks, columns, each, new Float64Array(COLUMNS)),
  )
}

async function histogram(pool: HePool, engine: Engine): Promise<void> {
  const key = await pool.generateKey('histogram')
  const values = uniform('rows', ROWS).map((value) => value % 2 ** 20)
  const blocks = await Promise.all(blocksOf(values, 8192 / WINDOWS).map((some) => pool.encryptRows(key, some)))
  const cells = cellsBelow(WINDOWS)
  await measure('histogram', engine, `cells=${WINDOWS}`, async () => {
    const sums = pool.openHistogram(key.publicKey, WINDOWS, COLUMNS)
    await sums.add(blocks, cells)
    for (let column = 0; column < COLUMNS; column++) await sums.protect(column, WINDOWS)
  })
}

async function nodeSums(pool: HePool, engine: Engine, perRow: 1 | 2): Promise<void> {
  const key = await pool.generateKey(perRow === 1 ? 'trees' : 'trees-wide')
  const values = uniform('rows', ROWS).map((value) => value % 2 ** 40)
  const stream = await Promise.all(
    blocksOf(values, 8192 / WINDOWS).map((some) => pool.encryptRows(key, some, perRow === 2 ? some : undefined)),
  )
  const columns = cellsBelow(CELLS).map((cells) => ({ cells, count: CELLS }))
  const layout = { windows: WINDOWS, columns, rows: ROWS, nodes: NODES, values: perRow }
  const shape = `cells=${CELLS} nodes=${NODES} values=${perRow}`
  await measure('node sums', engine, shape, async () => {
    using sums = pool.openNodeSums(key.publicKey, layout)
    await sums.add(Array<Uint8Array[]>(NODES / perRow).fill(stream), 0)
    for (let node = 0; node < NODES; node++) {
      for (let column = 0; column < COLUMNS; column++) await sums.protect(node, column)
    }
  })
}

for (const choice of ['auto', 'seal'] as const) {
  await using pool = await HePool.open({ workers: 1, engine: choice })
  const { engine } = pool.chosen
  await innerProducts(pool, engine)
  await histogram(pool, engine)
  await nodeSums(pool, engine, 1)
  await nodeSums(pool, engine, 2)
}
if (process.argv.includes('--json')) console.log(JSON.stringify(figures))
else for (const { name, parameters, median, unit } of figures) console.log(name, parameters, median, unit)
