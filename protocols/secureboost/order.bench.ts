// What orders of cells drawn for each node would cost (docs/decisions/0018): `node protocols/secureboost/order.bench.ts [--json]`.
// One tree's sums for one host while membership is hidden. Drawn for a tree: of two siblings one is asked for, two nodes go in a
// ciphertext and share masks. Drawn for a node: both are asked for, each in ciphertexts and with masks of its own. CPU seconds
// of all threads, guest and host together; bytes of rows and answers.
import { HePool } from '#crypto/he/pool.ts'
import { hiddenNodes } from './layout.ts'
import { uniform } from './sample.ts'

const [ROWS, COLUMNS, CELLS, DEPTH, WINDOWS] = [20_000, 10, 32, 5, 8]
const PER_BLOCK = 8192 / WINDOWS

await using pool = await HePool.open({ workers: 2 })
const cells = Array.from({ length: COLUMNS }, (_, c) => ({
  cells: Uint8Array.from(uniform(`cells ${c}`, ROWS), (value) => Math.floor(value * CELLS)),
  count: CELLS,
}))
const values = uniform('rows', ROWS).map((value) => Math.floor(value * 2 ** 40))

/** Sums of `nodes` nodes that share what they can; `perRow` of them in one ciphertext. @returns bytes */
async function sumNodes(set: 'trees' | 'trees-wide', nodes: number, perRow: 1 | 2): Promise<number> {
  const key = await pool.generateKey(set)
  const blocks = await Promise.all(
    Array.from({ length: Math.ceil(nodes / perRow) }, () =>
      Promise.all(
        Array.from({ length: Math.ceil(ROWS / PER_BLOCK) }, (_, b) => {
          const rows = values.slice(b * PER_BLOCK, (b + 1) * PER_BLOCK)
          return pool.encryptRows(key, rows, perRow === 2 ? rows : undefined)
        }),
      ),
    ),
  )
  using sums = pool.openNodeSums(key.publicKey, { windows: WINDOWS, columns: cells, rows: ROWS, nodes, values: perRow })
  await sums.add(blocks, 0)
  const answers = await Promise.all(
    Array.from({ length: nodes * COLUMNS }, (_, i) => sums.protect(Math.floor(i / COLUMNS), i % COLUMNS)),
  )
  await Promise.all(answers.map((wires) => pool.decryptSums(key, wires, WINDOWS, CELLS)))
  return [...blocks.flat(), ...answers.flat()].reduce((total, wire) => total + wire.length, 0)
}

async function forTree(): Promise<number> {
  let bytes = 0
  for (let level = 0; level < DEPTH; level++) bytes += await sumNodes('trees-wide', hiddenNodes(level), 2)
  return bytes
}

async function forNodes(): Promise<number> {
  let bytes = 0
  for (let node = 0; node < 2 ** DEPTH - 1; node++) bytes += await sumNodes('trees', 1, 1)
  return bytes
}

const figures: { name: string; parameters: string; unit: string; median: number; p90: number; n: number }[] = []
await sumNodes('trees', 1, 1)
await sumNodes('trees-wide', 2, 2)
for (const [order, run] of [
  ['tree', forTree],
  ['node', forNodes],
] as const) {
  const before = process.cpuUsage()
  const bytes = await run()
  const { user, system } = process.cpuUsage(before)
  const parameters = `order=${order} rows=${ROWS} columns=${COLUMNS} cells=${CELLS} depth=${DEPTH}`
  for (const [name, unit, value] of [
    ['CPU per tree', 's', (user + system) / 1e6],
    ['bytes per tree', 'MB', bytes / 1e6],
  ] as const) {
    const median = Number(value.toFixed(2))
    figures.push({ name: `secureboost/order/${name}`, parameters, unit, median, p90: median, n: 1 })
  }
}
if (process.argv.includes('--json')) console.log(JSON.stringify(figures))
else for (const { name, parameters, median, unit } of figures) console.log(name, parameters, median, unit)
