// The two engines answer the same questions: a party with kernels and one with SEAL alone, in both roles, and a machine
// without WebAssembly SIMD.
import { spawnSync } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import { fileURLToPath } from 'node:url'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { chooseEngine, ENGINE_VARIABLE } from './engine.ts'
import { SHARED_PAGES } from './assembler.ts'
import { layoutOf } from './node-layout.ts'
import { type KeyMaterial, Operations } from './operations.ts'
import { N, type SetName } from './params.ts'
import { HePool } from './pool.ts'
import { compileSeal, liveHandles, startSeal } from './seal.ts'

let pools: Readonly<Record<'kernel' | 'seal', HePool>>
beforeAll(async () => {
  pools = { kernel: await HePool.open({ workers: 1 }), seal: await HePool.open({ workers: 1, engine: 'seal' }) }
})
afterAll(async () => {
  for (const pool of Object.values(pools)) await pool[Symbol.asyncDispose]()
})

function draw(count: number, limit: number): number[] {
  const words = new Uint32Array(Uint8Array.from(randomBytes(4 * count)).buffer)
  return Array.from(words, (word) => Math.floor((word / 2 ** 32) * limit))
}

/** Header, length: all but what is encrypted. */
const form = (wire: Uint8Array) => [wire.length, Buffer.from(wire.subarray(0, 32)).toString('hex')]

test('each pool computes with the engine that it was opened for', () => {
  expect(pools.kernel.chosen).toEqual({ engine: 'kernel' })
  expect(pools.seal.chosen).toEqual({ engine: 'seal', reason: 'configured' })
})

describe('one owner, two hosts', () => {
  test.each(['trees', 'trees-wide'] as const)('%s: sums for nodes open to the same numbers', async (set) => {
    const values = set === 'trees' ? 1 : 2
    const key = await pools.kernel.generateKey(set)
    const [rows, nodes, counts, bundles, windows] = [2500, 2 * values, [3, 9, 2], [2, 1], 8]
    // of the last column, no row is in a cell above the first two
    const columns = counts.map((count, c) => ({ count: count + c, cells: Uint8Array.from(draw(rows, count)) }))
    const streams = Array.from({ length: nodes }, (_, n) => Float64Array.from(draw(rows, 2 ** 31), (x) => x + n))
    const blocks = await Promise.all(
      [0, 1].map((stream) =>
        Promise.all(
          [0, 1, 2].map((b) => {
            const [first, second] = streams
              .slice(stream * values, (stream + 1) * values)
              .map((all) => all.slice(1024 * b, 1024 * (b + 1)))
            return pools.kernel.encryptRows(key, first as Float64Array, second)
          }),
        ),
      ),
    )
    const opened = { kernel: [] as number[][], seal: [] as number[][] }
    const forms = { kernel: [] as unknown[], seal: [] as unknown[] }
    for (const engine of ['kernel', 'seal'] as const) {
      const foreign = await pools[engine].readPublicKey(set, key.publicKey.wire)
      using sums = pools[engine].openNodeSums(foreign, { windows, columns, bundles, rows, nodes, values })
      await sums.add(blocks, 0)
      for (let node = 0; node < nodes; node++) {
        for (const [bundle, cells] of [13, 4].entries()) {
          const answers = await sums.protect(node, bundle)
          forms[engine].push(answers.map(form))
          opened[engine].push([...(await pools.kernel.decryptSums(key, answers, windows, cells))])
          // whoever has no kernels opens them just as well
          expect([...(await pools.seal.decryptSums(key, answers, windows, cells))]).toEqual(opened[engine].at(-1))
        }
      }
    }
    const plain = streams.flatMap((stream) => {
      const sums = columns.map(({ cells, count }) => {
        const out = new Array<number>(count).fill(0)
        for (const [row, cell] of cells.entries()) out[cell] = (out[cell] as number) + (stream[row] as number)
        return out
      })
      return [[...(sums[0] as number[]), ...(sums[1] as number[])], sums[2] as number[]]
    })
    expect(opened.kernel).toEqual(plain)
    expect(opened.seal).toEqual(plain)
    expect(forms.seal).toEqual(forms.kernel)
  })

  test.each(['histogram', 'histogram-wide'] as const)('%s: sums by cell open to the same numbers', async (set) => {
    const key = await pools.seal.generateKey(set) // rows from a party without kernels
    const [rows, windows] = [3000, 8]
    const cells = [Uint8Array.from(draw(rows, 8)), Uint8Array.from(draw(rows, 3))]
    const values = Float64Array.from(draw(rows, 2 ** 20))
    const blocks = await Promise.all(
      [0, 1, 2].map((b) => pools.seal.encryptRows(key, values.slice(1024 * b, 1024 * (b + 1)))),
    )
    const masks = BigUint64Array.from({ length: 8 }, (_, i) => BigInt(i) * 1000n)
    const plain = cells.map((column) => {
      const out = new Array<number>(8).fill(0)
      for (const [row, cell] of column.entries()) out[cell] = (out[cell] as number) + (values[row] as number)
      return out
    })
    for (const engine of ['kernel', 'seal'] as const) {
      const sums = pools[engine].openHistogram(key.publicKey, windows, 2)
      await sums.add(
        blocks.slice(0, 2),
        cells.map((column) => column.subarray(0, 2048)),
      )
      await sums.add(
        blocks.slice(2),
        cells.map((column) => column.subarray(2048)),
      )
      const answers = [await sums.protect(0, 8), await sums.protect(1, 8, masks)]
      const [first, second] = await Promise.all(answers.map((wire) => pools.seal.decryptCells(key, wire, windows, 8)))
      expect([...(first as Float64Array)]).toEqual(plain[0])
      expect([...(second as Float64Array)]).toEqual(plain[1]?.map((sum, i) => sum + 1000 * i))
      expect((await pools.kernel.decryptCells(key, answers[0] as Uint8Array, windows, 8)).length).toBe(8)
    }
  })

  test('what a histogram cannot be is refused by both alike', async () => {
    const key = await pools.seal.generateKey('histogram')
    const block = await pools.seal.encryptRows(key, Float64Array.of(1, 2))
    for (const pool of Object.values(pools)) {
      const outside = pool.openHistogram(key.publicKey, 8, 1).add([block], [Uint8Array.of(0, 9)])
      await expect(outside).rejects.toMatchObject({ code: 'he.range' })
      const odd = pool.openHistogram(key.publicKey, 2, 1).add([block], [Uint8Array.of(0, 1)])
      await expect(odd).rejects.toMatchObject({ code: 'he.parameters' })
    }
  })

  test('gradient: inner products open to the same numbers', async () => {
    const key = await pools.kernel.generateKey('gradient')
    const rows = 1500
    const d = Float64Array.from(draw(rows, 2 ** 40))
    const columns = Array.from({ length: 8 }, () => Int32Array.from(draw(rows, 2 ** 13), (x) => x - 2 ** 12))
    columns.push(new Int32Array(rows)) // nothing at all, as a member of a group brings for rows that it lacks
    const blocks = [
      await pools.kernel.encryptCoefficients(key, d.slice(0, 1024)),
      await pools.kernel.encryptCoefficients(key, d.slice(1024)),
    ]
    const masks = Float64Array.from(draw(9, 2 ** 32))
    const opened = await Promise.all(
      (['kernel', 'seal'] as const).map(async (engine) => {
        const answers = await pools[engine].innerProducts(key.publicKey, blocks, columns, 1024, masks)
        const parts = await Promise.all(
          answers.map((wire, a) => pools.kernel.decryptInnerProducts(key, wire, 1024, a === 0 ? 8 : 1)),
        )
        return { forms: answers.map(form), values: parts.flatMap((part) => [...part]) }
      }),
    )
    expect(opened[1]).toEqual(opened[0])
  })
})

test('SEAL alone gives back every handle that it took, also when it refuses', async () => {
  using he = new Operations(await startSeal(await compileSeal()), 'seal')
  const newKey = (set: SetName): KeyMaterial => ({
    set,
    id: randomBytes(16).toString('hex'),
    ...he.generateKey({ set }),
  })
  const [gradient, histogram, trees] = [newKey('gradient'), newKey('histogram'), newKey('trees-wide')]
  const refused = (code: string) => expect.objectContaining({ code })
  const shape = { set: 'trees-wide', windows: 8, nodes: 1, blocks: 1, groups: 2, columns: 1, slots: 1 } as const
  const pages = Math.ceil(layoutOf(shape).end / 65_536)
  const memory = new WebAssembly.Memory({ initial: pages, maximum: SHARED_PAGES, shared: true })
  const place = { key: { ...trees, set: 'trees-wide' as const }, shape, memory, slot: 0 }
  const run = () => {
    const prepared = he.prepare({ key: gradient, cts: [he.encrypt({ key: gradient, values: Float64Array.of(1, 2) })] })
    const work = { key: gradient, prepared, rowsPerBlock: 2, masks: Float64Array.of(1), floodBits: 80 }
    he.innerProducts({ ...work, answers: [[Int32Array.of(1, 2)]], oneNormBound: 9 })
    const tooLarge = () => he.innerProducts({ ...work, answers: [[Int32Array.of(5, 5)]], oneNormBound: 9 })
    expect(tooLarge).toThrow(refused('he.noise'))
    const row = he.encrypt({ key: histogram, values: Float64Array.of(1) })
    const blocks = he.prepareRows({ key: histogram, cts: [row], windows: 8 })
    const sums = { second: new Uint32Array(8 * N), asked: new Float64Array(0) }
    const part = { set: 'histogram', windows: 8, blocks, second: [sums.second] } as const
    he.addColumns({ ...part, cells: [new Uint8Array(N / 8)] })
    expect(() => he.addColumns({ ...part, cells: [new Uint8Array(3)] })).toThrow(refused('he.range'))
    he.protectColumn({ key: histogram, windows: 8, sums, cells: 2, floodBits: 70 })
    const wire = he.encrypt({ key: trees, values: Float64Array.of(1), second: Float64Array.of(2) })
    he.prepareNodeKey(place)
    he.prepareNodeBlocks({ ...place, blocks: [{ node: 0, block: 0, wire }] })
    const foreign = () => he.prepareNodeBlocks({ ...place, blocks: [{ node: 0, block: 0, wire: row }] })
    expect(foreign).toThrow(refused('he.parameters'))
    const columns = [{ cells: Uint8Array.of(3), count: 9 }] // nothing in the second group
    const task = { keyId: trees.id, columns, windows: 8, floodBits: 60, values: [2] }
    expect(he.sumNodeColumns({ ...place, task })).toHaveLength(4)
  }
  run() // loads the keys that stay
  const before = liveHandles()
  run()
  expect(liveHandles()).toBe(before)
})

test('a kernel that does not compile, the configuration and the environment choose SEAL; kernels are the rule', () => {
  const broken = () => {
    throw new WebAssembly.CompileError('Wasm SIMD unsupported')
  }
  expect(chooseEngine('auto', {}, broken)).toEqual({ engine: 'seal', reason: 'Wasm SIMD unsupported' })
  expect(chooseEngine('auto', {}, () => undefined)).toEqual({ engine: 'kernel' })
  expect(chooseEngine('seal', {}, () => undefined)).toEqual({ engine: 'seal', reason: 'configured' })
  const set = chooseEngine('auto', { [ENGINE_VARIABLE]: 'seal' })
  expect(set).toEqual({ engine: 'seal', reason: 'TRIBUTARY_HE_ENGINE is set' })
})

// there is a switch to test it with on this architecture only
if (process.arch === 'x64') {
  test('without WebAssembly SIMD in the machine sums are the same', () => {
    const pool = fileURLToPath(new URL('pool.ts', import.meta.url))
    const program = `
      const { HePool } = await import(${JSON.stringify(pool)})
      await using pool = await HePool.open({ workers: 1 })
      const key = await pool.generateKey('trees')
      const columns = [{ cells: Uint8Array.of(0, 1, 1), count: 2 }]
      using sums = pool.openNodeSums(key.publicKey, { windows: 8, columns, rows: 3, nodes: 1 })
      await sums.add([[await pool.encryptRows(key, Float64Array.of(5, 6, 7))]], 0)
      const opened = await pool.decryptSums(key, await sums.protect(0, 0), 8, 2)
      console.log(JSON.stringify({ ...pool.chosen, opened: [...opened] }))`
    // V8 has no vectors where the processor lacks SSE 4.1
    const flags = ['--no-enable-sse4-1', '--input-type=module', '--eval', program]
    const { stdout, stderr } = spawnSync(process.execPath, flags, { encoding: 'utf8' })
    expect(stderr).toBe('')
    const told = JSON.parse(stdout) as { engine: string; reason: string; opened: number[] }
    expect(told).toMatchObject({ engine: 'seal', opened: [5, 13] })
    expect(told.reason).toMatch(/SIMD/)
  })
}
