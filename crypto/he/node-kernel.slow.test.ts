// The kernel of sums for the nodes of a level, against SEAL's own products, sums and switching: bit for bit.
import { createHash, randomBytes } from 'node:crypto'
import { expect, test } from 'vitest'
import { SHARED_PAGES } from './assembler.ts'
import { assembleHistogram } from './histogram-code.ts'
import { assembleKernel } from './kernel-code.ts'
import { assembleNodeSums } from './node-code.ts'
import { NodeKernel } from './node-kernel.ts'
import { layoutOf } from './node-layout.ts'
import { N, NODE_SETS, setNamed } from './params.ts'
import { assemblePhases } from './phase-code.ts'
import { newCiphertext, readCiphertext } from './raw.ts'
import { type Cipher, compileSeal, liveHandles, SealSet, startSeal } from './seal.ts'
import { assembleSeeds } from './seed-code.ts'

function draw(count: number, limit: number): number[] {
  const words = new Uint32Array(Uint8Array.from(randomBytes(4 * count)).buffer)
  return Array.from(words, (word) => Math.floor((word / 2 ** 32) * limit))
}

function residuesOf(he: SealSet, cipher: Cipher, level = he.set.dataPrimes.length): BigUint64Array {
  const parmsId = he.parmsIds[level] as string
  const { words } = readCiphertext(he.saveCiphertext(cipher), { parmsId, primes: level, ntt: false, seeded: false })
  return new BigUint64Array(words.buffer, words.byteOffset, words.length / 2)
}

function bytesOf(values: BigUint64Array): Uint8Array {
  return new Uint8Array(values.buffer, values.byteOffset, values.byteLength)
}

/** Σ blocks × masks by SEAL, all in coefficient form. */
function sumBySeal(he: SealSet, terms: readonly { cipher: Cipher; multiplier: Float64Array }[]): Cipher {
  let total: Cipher | undefined
  for (const { cipher, multiplier } of terms) {
    using plain = he.encodeCoefficients(multiplier)
    he.transformPlain(plain)
    using copy = he.copy(cipher)
    he.transform(copy)
    const product = he.multiply(copy, plain)
    if (total === undefined) total = product
    else {
      he.addInto(total, product)
      product[Symbol.dispose]()
    }
  }
  he.transformBack(total as Cipher)
  return total as Cipher
}

/** Differences of counts of 21 bits, as the kernel draws them. */
function binomial(random: Uint8Array): number[] {
  const count = (byte: number) => byte.toString(2).replaceAll('0', '').length
  const at = (stream: number, i: number) => random[stream * N + i] as number
  return Array.from({ length: N }, (_, i) => {
    const side = (from: number) => count(at(from, i)) + count(at(from + 1, i)) + count(at(from + 2, i) & 31)
    return side(0) - side(3)
  })
}

/** A ciphertext with these residues times 2^bits, at the level of answers. */
function lowest(he: SealSet, words: BigUint64Array, bits: number): Cipher {
  const primes = he.set.dataPrimes
  const raw = newCiphertext({ parmsId: he.set.parmsId, primes: primes.length, ntt: false, seeded: false })
  const scaled = words.map((word, i) => (word << BigInt(bits)) % (primes[Math.floor(i / N) % primes.length] as bigint))
  raw.bytes.set(bytesOf(scaled), raw.bytes.length - words.byteLength)
  const cipher = he.loadCiphertext(raw.bytes)
  he.switchTo(cipher, 1)
  return cipher
}

test.each([
  ['trees', 8, 2, 3, [20]],
  ['trees', 16, 1, 9, [16]],
  ['trees', 64, 2, 1, [1]],
  ['trees', 8, 1, 15, [130]], // masks are held for 8 blocks at a time
  ['trees', 4, 1, 3, [3, 2, 9]], // two and three columns in a group
  ['trees-wide', 4, 2, 3, [7]],
  ['trees-wide', 8, 1, 2, [6, 11]],
] as const)(
  '%s, %i windows, %i nodes, %i blocks, cells %j: what SEAL computes',
  async (name, windows, nodes, blocks, counts) => {
    const set = setNamed(name)
    const primes = set.dataPrimes.length
    const { shifts } = NODE_SETS[name]
    const before = liveHandles()
    {
      using he = new SealSet(await startSeal(await compileSeal()), name)
      const saved = he.generateKey()
      using key = he.loadKey(saved.publicKey, saved.secretKey)
      using publicCipher = he.publicCiphertext(saved.publicKey)
      const cellCount = counts.reduce((sum, count) => sum + count, 0)
      const groups = Math.ceil(cellCount / windows)
      const layout = { set: name, windows, nodes, blocks, groups, columns: counts.length, slots: 2 }
      const pages = Math.ceil(layoutOf(layout).end / 65_536)
      const memory = new WebAssembly.Memory({ initial: pages, maximum: SHARED_PAGES, shared: true })
      const writer = new NodeKernel(layout, memory, 1)
      const kernel = new NodeKernel(layout, memory, 0)
      writer.residues().set(bytesOf(residuesOf(he, publicCipher)))
      writer.writePublicKey()
      using dropped = he.copy(publicCipher)
      he.switchTo(dropped, 1)
      const [first, lowered] = [residuesOf(he, publicCipher), bytesOf(residuesOf(he, dropped, 1).slice(N))]
      writer.checkAgainst(first, lowered)
      expect(() => writer.checkAgainst(first.toReversed(), lowered)).toThrow(
        expect.objectContaining({ code: 'he.seal' }),
      )
      expect(() => writer.checkAgainst(first, lowered.toReversed())).toThrow(
        expect.objectContaining({ code: 'he.seal' }),
      )
      using scope = new DisposableStack()
      const ciphers = Array.from({ length: nodes }, (_, node) =>
        Array.from({ length: blocks }, (_, block) => {
          using plain = he.encodeCoefficients(Float64Array.from(draw(N, 2 ** 32)))
          const cipher = scope.use(he.encryptPublic(key, plain))
          writer.residues().set(bytesOf(residuesOf(he, cipher)))
          writer.writeBlock(node, block)
          return cipher
        }),
      )
      const { rows } = kernel.map
      // the last block is short; groups may stay empty
      const numbers = counts.map((count, c) => {
        const before = counts.slice(0, c).reduce((sum, some) => sum + some, 0)
        return draw(blocks * rows, count).map((cell, r) => (r < (blocks - 0.3) * rows ? before + cell : 10_000))
      })
      const byGroup = Array.from({ length: groups }, (_, g) =>
        numbers.map((cells) =>
          Uint8Array.from(cells, (cell) => (Math.floor(cell / windows) === g ? cell % windows : windows)),
        ),
      )
      kernel.sumGroups(
        byGroup.map((columns) => columns.map((cells) => ({ cells, lowest: 0, highest: windows, window: 0 }))),
      )
      for (const node of ciphers.keys()) {
        for (const [group, own] of byGroup.entries()) {
          const ternary = Int8Array.from(draw(N, 3), (x) => x - 1)
          const random = randomBytes(6 * N)
          kernel.addZero(node, group, groups, ternary)
          const lowered = kernel.lower(node, group, groups, random, shifts.length)

          const masks = Array.from({ length: blocks }, (_, b) => {
            const mask = new Float64Array(N)
            for (const cells of own) {
              for (let r = 0; r < rows; r++) {
                const cell = cells[b * rows + r] as number
                if (cell < windows) mask[rows * cell + rows - 1 - r] = 1
              }
            }
            return { cipher: (ciphers[node] as Cipher[])[b] as Cipher, multiplier: mask }
          }).filter(({ multiplier }) => multiplier.some((x) => x !== 0))
          const u = Float64Array.from(ternary, (x) => (x < 0 ? set.plainModulus - 1 : x))
          using total = sumBySeal(he, [...masks, { cipher: publicCipher, multiplier: u }])
          const words = residuesOf(he, total).slice()
          const noise = binomial(random)
          for (const [j, prime] of set.dataPrimes.entries()) {
            for (let i = 0; i < N; i++) {
              const at = (primes + j) * N + i
              words[at] = ((words[at] as bigint) + BigInt(noise[i] as number) + prime) % prime
            }
            for (let window = 0; window < windows; window++) {
              const first = kernel.firstOf(node, group, groups, window)[j]
              expect(first).toBe(words[j * N + rows * window + rows - 1])
            }
          }
          expect(lowered).toHaveLength(shifts.length)
          for (const [value, shift] of shifts.entries()) {
            using expected = lowest(he, words, shift)
            expect(Buffer.compare(lowered[value] as Uint8Array, bytesOf(residuesOf(he, expected, 1).slice(N)))).toBe(0)
          }
        }
      }
    }
    expect(liveHandles()).toBe(before)
  },
)

test.each([
  ['zero, of which the prime is added where it is taken away', 0, 3, (): bigint => 0n],
  ['the largest', -1, 0, (prime: bigint, rows: bigint): bigint => prime - rows],
] as const)('sums of residues at the ends of their range stay exact: %s', (_, residue, cell, expected) => {
  const layout = { set: 'trees', windows: 4, nodes: 1, blocks: 1, groups: 1, columns: 1, slots: 1 } as const
  const pages = Math.ceil(layoutOf(layout).end / 65_536)
  const kernel = new NodeKernel(
    layout,
    new WebAssembly.Memory({ initial: pages, maximum: SHARED_PAGES, shared: true }),
    0,
  )
  const primes: readonly bigint[] = setNamed('trees').dataPrimes
  const residues = kernel.residues()
  const words = new BigUint64Array(residues.buffer, residues.byteOffset, residues.length / 8)
  for (const i of words.keys())
    words[i] = residue === 0 ? 0n : (primes[Math.floor(i / N) % primes.length] as bigint) - 1n
  kernel.writeBlock(0, 0)
  const rows = kernel.map.rows
  kernel.sumGroups([[{ cells: new Uint8Array(rows).fill(cell), lowest: 0, highest: 4, window: 0 }]])
  for (const window of [0, 1, 2, ...(residue === 0 ? [] : [3])]) {
    expect(kernel.firstOf(0, 0, 1, window)).toEqual(primes.map((prime) => expected(prime, BigInt(rows))))
  }
})

test('the assembled code is the one that was checked: the same bytes on every machine', () => {
  const hash = (code: Uint8Array) => createHash('sha256').update(code).digest('hex').slice(0, 32)
  expect({
    'trees 8': hash(assembleNodeSums(N, 8, 'trees')),
    'trees 16': hash(assembleNodeSums(N, 16, 'trees')),
    'trees-wide 8': hash(assembleNodeSums(N, 8, 'trees-wide')),
    'histogram 16': hash(assembleHistogram({ n: N, windows: 16, digits: 8 })),
    'inner products': hash(assembleKernel()),
    seeds: hash(assembleSeeds()),
    phases: hash(assemblePhases(setNamed('trees').dataPrimes[0] as bigint)),
  }).toEqual({
    'histogram 16': '5d80a4103da9c4f4133f18df4bafa251',
    'inner products': '6284582dbfd3d9f688ec58205d8006c5',
    seeds: 'ed94716a145c61324007d3d791f28b4f',
    phases: '8318c8fc64f19c1f4fc50a410be81f83',
    'trees 16': '1e59f8bec12d35f594fb6ef534d4861d',
    'trees 8': 'e8ff660c8b9e61ac93cbf810cb7b88a2',
    'trees-wide 8': '96b6f8fbe96360b12a57e6b5504377e7',
  })
})
