// Speed of the homomorphic engine: `node crypto/he/he.bench.ts [--json]`. One line a primitive: name with parameters,
// median milliseconds, samples. One worker, so a figure is the cost on one core; `pool` lines use two workers.
import { expandUniform } from '../prg.ts'
import { dotInt } from '../ring.ts'
import { HePool, SLOTS } from './pool.ts'

interface Result {
  readonly name: string
  readonly medianMs: number
  readonly p90Ms: number
  readonly n: number
}

const SEED = new Uint8Array(32)
const results: Result[] = []
const uniform = (label: string, n: number) => expandUniform(SEED, label, n)

async function measure(name: string, n: number, run: () => unknown): Promise<void> {
  await run()
  const samples: number[] = []
  for (let i = 0; i < n; i++) {
    const start = performance.now()
    await run()
    samples.push(performance.now() - start)
  }
  samples.sort((a, b) => a - b)
  const at = (share: number) => Number((samples[Math.floor(share * (n - 1))] as number).toFixed(3))
  results.push({ name, medianMs: at(0.5), p90Ms: at(0.9), n })
}

function columnsOf(count: number, rows: number): Int32Array[] {
  const source = uniform('columns', rows)
  return Array.from({ length: count }, (_, j) => {
    const column = new Int32Array(new SharedArrayBuffer(4 * rows))
    for (let i = 0; i < rows; i++) column[i] = (((source[i] as number) + 977 * j) % (2 ** 14 + 1)) - 2 ** 13
    return column
  })
}

async function slots(): Promise<void> {
  await using he = await HePool.open({ workers: 1 })
  const key = await he.generateKey('score')
  const values = uniform('values', SLOTS)
  const ct = await he.encryptSlots(key, values)
  const accumulators = await he.multiplySlots(key.publicKey, [ct], [[values]])
  await measure('generateKey/score', 10, () => he.generateKey('score'))
  await measure('encryptSlots/N=8192', 30, () => he.encryptSlots(key, values))
  await measure('multiplySlots/cts=1,outputs=1', 30, () => he.multiplySlots(key.publicKey, [ct], [[values]]))
  const cts = Array(16).fill(ct)
  const weights = Array(16).fill(values)
  await measure('multiplySlots/cts=16,outputs=2', 10, () => he.multiplySlots(key.publicKey, cts, [weights, weights]))
  let fresh = key
  await measure('protectSlots/accumulators=1', 30, () => he.protectSlots(key.publicKey, accumulators, values))
  const many = Array(16).fill(accumulators[0])
  await measure('protectSlots/accumulators=16', 30, () => he.protectSlots(key.publicKey, many, values))
  fresh = await he.generateKey('score')
  const freshCt = await he.encryptSlots(fresh, values)
  const answer = await he.protectSlots(
    fresh.publicKey,
    await he.multiplySlots(fresh.publicKey, [freshCt], [[values]]),
    values,
  )
  await measure(`decryptSlots/bytes=${answer.length}`, 30, () => he.decryptSlots(fresh, answer))
}

async function innerProducts(): Promise<void> {
  const rows = 100_000
  const count = 300
  await using he = await HePool.open({ workers: 2 })
  const columns = columnsOf(count, rows)
  const d = uniform('d', rows)
  const masks = uniform('masks', count)
  for (const rowsPerBlock of [1024, 4096]) {
    const key = await he.generateKey('gradient')
    const blocks = Array.from({ length: Math.ceil(rows / rowsPerBlock) }, (_, b) =>
      d.slice(b * rowsPerBlock, (b + 1) * rowsPerBlock),
    )
    const encrypt = () => Promise.all(blocks.map((block) => he.encryptCoefficients(key, block)))
    const cts = await encrypt()
    const shape = `rows=${rows},columns=${count},rowsPerBlock=${rowsPerBlock}`
    await measure(`pool encryptCoefficients/${shape}`, 3, encrypt)
    await measure(`pool innerProducts/${shape}`, 3, () =>
      he.innerProducts(key.publicKey, cts, columns, rowsPerBlock, masks),
    )
    const answers = await he.innerProducts(key.publicKey, cts, columns, rowsPerBlock, masks)
    const first = answers[0] as Uint8Array
    const each = Math.min(count, SLOTS / rowsPerBlock)
    await measure(`decryptInnerProducts/bytes=${first.length}`, 20, () =>
      he.decryptInnerProducts(key, first, rowsPerBlock, each),
    )
  }
  await measure(`dotInt/rows=${rows}`, 50, () => dotInt(columns[0] as Int32Array, d))
}

/** Sums by cell for the nodes of a level, at the size of the bar: the answers of four streams to 30 columns. */
async function trees(set: 'trees' | 'trees-wide', perRow: 1 | 2): Promise<void> {
  const [rows, width, count, windows, streams] = [100_000, 30, 32, 8, 4]
  await using he = await HePool.open({ workers: 2 })
  const key = await he.generateKey(set)
  const perBlock = SLOTS / windows
  const values = uniform('rows', perBlock).map((value) => value % 2 ** 50)
  const encrypt = () => he.encryptRows(key, values, perRow === 2 ? values : undefined)
  const block = await encrypt()
  await measure(`encryptRows ${set}/rows=${perBlock},values=${perRow},bytes=${block.length}`, 30, encrypt)
  const columns = Array.from({ length: width }, (_, c) => ({
    count,
    cells: Uint8Array.from(uniform(`cells ${c}`, rows), (value) => value % count),
  }))
  const blocks = Array.from({ length: streams }, () => Array<Uint8Array>(Math.ceil(rows / perBlock)).fill(block))
  const nodes = streams * perRow
  const shape = `rows=${rows},columns=${width},cells=${count},nodes=${nodes},windows=${windows}`
  const answers: Uint8Array[][] = []
  const whole = async () => {
    using sums = he.openNodeSums(key.publicKey, { windows, columns, rows, nodes, values: perRow })
    await sums.add(blocks, 0)
    answers.length = 0
    for (let c = 0; c < width; c++) for (let n = 0; n < nodes; n++) answers.push(await sums.protect(n, c))
  }
  await measure(`pool nodeSums ${set}/${shape}`, 3, whole)
  const first = answers[0] as Uint8Array[]
  const bytes = (first[0] as Uint8Array).length
  await measure(`pool decryptSums ${set}/answers=${first.length},bytes=${bytes}`, 20, () =>
    he.decryptSums(key, first, windows, count),
  )
}

await slots()
await innerProducts()
await trees('trees', 1)
await trees('trees-wide', 2)
if (process.argv.includes('--json')) {
  const figures = results.map(({ name, medianMs, p90Ms, n }) => {
    const [primitive = '', ...parameters] = name.split('/')
    return { name: `he/${primitive}`, parameters: parameters.join(' '), unit: 'ms', median: medianMs, p90: p90Ms, n }
  })
  process.stdout.write(`${JSON.stringify(figures)}\n`)
} else {
  for (const { name, medianMs, p90Ms, n } of results) {
    process.stdout.write(`${name.padEnd(70)} median ${medianMs} ms  p90 ${p90Ms} ms  n=${n}\n`)
  }
}
