// SEAL as an oracle: our sums and keys, loaded into SEAL as a BFV ciphertext and a secret key in transformed form, decrypt
// to what we say. SEAL brings its own transform back, c0 + c1·s, and the composition of primes.
import { beforeAll, expect, test } from 'vitest'
import { compileSeal, Owned, startSeal } from '../he/seal.ts'
import { type ChunkPlace, readChunk } from './chunk-bytes.ts'
import { decodeChunk } from './decoding.ts'
import { addProduct, powMod, type Residues, type Ring, transform, transformBack } from './ring-transform.ts'
import { noiseStream, publicStream, type RoundKey, sumOfKeys } from './round-keys.ts'
import { addAll, encryptAll, type SampleRound, sampleRound } from './sample-round.ts'
import { Expansion } from './streams.ts'

type Seal = Awaited<ReturnType<typeof startSeal>>
/** Where the residues stand in what SEAL saves, and the byte that says they are transformed (crypto/he/raw.ts). */
const [CIPHER_AT, KEY_AT, FORM_AT] = [113, 88, 48]
/** ≡ 1 mod 8192; SEAL keeps its last prime for itself */
const SPECIAL = 133_881_857n
const PARTIES = 5

let seal: Seal
beforeAll(async () => {
  seal = await startSeal(await compileSeal())
})

/** What SEAL decrypts (c0, c1) to: round(t · (c0 + c1·s) / q) modulo t, by coefficient. All in transformed form. */
function sealDecrypts(ring: Ring, t: bigint, c0: Residues, c1: Residues, key: RoundKey): bigint[] {
  using scope = new DisposableStack()
  const own = <H extends { delete(): void }>(handle: H): H =>
    scope.use(new Owned(handle as never)).handle as unknown as H
  const primes = own(new seal.VectorModulus())
  for (const p of [...ring.primes.map(BigInt), SPECIAL]) primes.push_back(own(new seal.Modulus(p)))
  const parameters = own(new seal.EncryptionParameters(seal.SchemeType.bfv))
  parameters.setPolyModulusDegree(ring.degree)
  parameters.setCoeffModulus(primes)
  parameters.setPlainModulus(own(new seal.Modulus(t)))
  // not a parameter set for use: only the special prime, which nothing here touches, exceeds what is secure
  const context = own(new seal.SEALContext(parameters, true, seal.SecLevelType.none))
  expect(context.parametersSet()).toBe(true)
  const none = seal.ComprModeType.none
  const generator = own(new seal.KeyGenerator(context))
  const [secret, publicKey] = [own(generator.secretKey()), own(generator.createPublicKey())]
  const keyBytes = Uint8Array.from(secret.saveToArray(none) as Uint8Array)
  const zero = own(new seal.Ciphertext())
  own(new seal.Encryptor(context, publicKey)).encrypt(own(new seal.Plaintext()), zero)
  const cipherBytes = Uint8Array.from(zero.saveToArray(none) as Uint8Array)
  put(keyBytes, KEY_AT, key)
  put(cipherBytes, CIPHER_AT, [...c0, ...c1])
  cipherBytes[FORM_AT] = 1
  const [loaded, cipher, plain] = [own(new seal.SecretKey()), own(new seal.Ciphertext()), own(new seal.Plaintext())]
  loaded.loadFromArray(context, keyBytes)
  cipher.loadFromArray(context, cipherBytes)
  own(new seal.Evaluator(context)).cipherTransformFromNttInplace(cipher)
  own(new seal.Decryptor(context, loaded)).decrypt(cipher, plain)
  const saved = plain.saveToArray(none) as Uint8Array
  const words = new BigUint64Array(Uint8Array.from(saved.subarray(KEY_AT)).buffer)
  return Array.from({ length: ring.degree }, (_, i) => words[i] ?? 0n)
}

function put(bytes: Uint8Array, at: number, polynomials: Residues): void {
  const view = new DataView(bytes.buffer)
  for (const words of polynomials)
    for (const word of words) {
      view.setBigUint64(at, BigInt(word), true)
      at += 8
    }
}

const valuesOf = ({ fields }: SampleRound, party: number, length: number) =>
  Uint32Array.from({ length }, (_, i) => (i * 7919 + party) % (fields.levels + 1))

test.each([
  ['one party opens', undefined, 1n << 52n],
  ['all parties open', 8192, 1n << 59n],
] as const)('SEAL decrypts the sum of %s to Δ·Σm + Σe, and the values follow', (_, shared, t) => {
  const round = sampleRound(PARTIES, { shared })
  const { fields, label, names, keys } = round
  const { ring, delta, bits } = fields
  const length = 2 * ring.degree
  const values = names.map((__, party) => valuesOf(round, party, length))
  const [sum] = addAll(
    round,
    values.map((own, party) => encryptAll(round, party, own)),
  ) as [Uint8Array]
  const place: ChunkPlace = { kind: 'sum', fields, label, chunk: 0, chunks: 1 }
  const open = publicStream(label)
  const a = ring.primes.map((p) => open.residues(p, ring.degree))
  const key = sumOfKeys(
    keys.map((own) => own.key),
    ring,
  )
  const answered = sealDecrypts(ring, t, readChunk(sum, place), a, key)
  const noises = keys.map((own) => noiseStream(own.noise, label).noise(ring.degree))
  const total = (i: number) => values.reduce((so, own) => so + BigInt(own[i] as number), 0n)
  for (let i = 0; i < ring.degree; i++) {
    const e = noises.reduce((so, noise) => so + BigInt(noise[i] as number), 0n)
    const m = total(2 * i) + (total(2 * i + 1) << BigInt(bits))
    const phase = (delta * m + e + ring.modulus) % ring.modulus
    const off = (answered[i] as bigint) - (phase * t + ring.modulus / 2n) / ring.modulus
    // SEAL's own rounding may fall to the other side of a half
    expect([0n, 1n, -1n, t - 1n, 1n - t]).toContain(off)
    const read = ((answered[i] as bigint) * ring.modulus + (t * delta) / 2n) / (t * delta)
    expect(read % (1n << BigInt(2 * bits))).toBe(m)
  }
  // and our own opening says the same
  const residues = readChunk(sum, place)
  for (const [j, p] of ring.primes.entries()) {
    addProduct(residues[j] as Uint32Array, a[j] as Uint32Array, key[j] as Uint32Array, p, 1)
    transformBack(residues[j] as Uint32Array, p)
  }
  expect([...decodeChunk(fields, residues, 0, length)]).toEqual(Array.from({ length }, (__, i) => Number(total(i))))
})

test.each([
  ['one party opens', 3, undefined, 1n << 52n],
  ['all parties open', 3, 8192, 1n << 59n],
] as const)("where %s, our products of any polynomials are SEAL's", (_, parties, shared, t) => {
  const { ring } = sampleRound(parties, { shared }).fields
  const stream = new Expansion(new Uint8Array(32).fill(9), 'any polynomials')
  const [c0, c1] = [0, 1].map(() => ring.primes.map((p) => stream.residues(p, ring.degree))) as unknown as [
    Residues,
    Residues,
  ]
  const ternary = stream.ternary(ring.degree)
  const key = ring.primes.map((p) => {
    const words = Uint32Array.from(ternary, (value) => (value < 0 ? p - 1 : value))
    transform(words, p)
    return words
  })
  const answered = sealDecrypts(ring, t, c0, c1, key)
  const own = c0.map((words) => words.slice())
  for (const [j, p] of ring.primes.entries()) {
    addProduct(own[j] as Uint32Array, c1[j] as Uint32Array, key[j] as Uint32Array, p, 1)
    transformBack(own[j] as Uint32Array, p)
  }
  for (let i = 0; i < ring.degree; i++) {
    const off = (answered[i] as bigint) - (composed(own, i, ring) * t + ring.modulus / 2n) / ring.modulus
    expect([0n, 1n, -1n, -t, 1n - t, -1n - t]).toContain(off)
  }
})

/** Coefficient i in [0, q). */
function composed(residues: Residues, i: number, { primes, modulus }: Ring): bigint {
  const terms = primes.map((p, j) => {
    const rest = modulus / BigInt(p)
    return (
      rest * ((BigInt(residues[j]?.[i] as number) * BigInt(powMod(Number(rest % BigInt(p)), p - 2, p))) % BigInt(p))
    )
  })
  return terms.reduce((total, term) => total + term, 0n) % modulus
}
