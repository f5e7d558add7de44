// The registry of homomorphic parameter sets, and the noise bounds that decide how much flooding an answer gets.
// Derivation of every number: crypto/README.md, "Homomorphic encryption". All sets: BFV, N = 8192.
import { PlatformError } from '#runtime/errors.ts'
import { MAX_MULTIPLIER, T } from '../ring.ts'

export { T } from '../ring.ts'

export type SetName = 'score' | 'gradient' | 'histogram' | 'histogram-wide' | 'trees' | 'trees-wide'

export const SET_NAMES: readonly SetName[] = ['score', 'gradient', 'histogram', 'histogram-wide', 'trees', 'trees-wide']

/** Ring degree of every set. */
export const N = 8192

/** Values in one slot-packed ciphertext. */
export const SLOTS = N

/** Statistical security λ of the flooding over all answers of one key: distance ≤ 2^-40. */
export const STATISTICAL_BITS = 40

/** Largest |e + ½| of a fresh symmetric encryption: SEAL 4.1 samples |e| ≤ 21 and rounds q·m/t to the nearest integer. */
export const FRESH_NOISE = 22

/**
 * Bound of the noise of an encryption of zero: SEAL's, after its switch to the data level, ≤ (1 + N)/2 + 6 + ½; the
 * kernels', e_pk · u + e1 · s, ≤ 2 · 21 · N.
 */
const PUBLIC_KEY_NOISE = 2 ** 19

export interface HeSet {
  readonly name: SetName
  /** the byte that names the set on the wire */
  readonly wireId: number
  /** plaintexts are integers modulo this: a prime where slots are used, else a power of two */
  readonly plainModulus: number
  /** spare bits between the worst noise of an answer and a wrong decryption */
  readonly headroomBits: number
  /** residue primes of the data levels, in the order of SEAL: switching drops the last */
  readonly dataPrimes: readonly bigint[]
  /** dropped by SEAL from a public-key encryption; keys carry residues for it too */
  readonly specialPrime: bigint
  /** how many data primes an answer is switched down to */
  readonly answerPrimes: number
  /** low bits of the first digit that an answer leaves out (truncate.ts), of c0 and of c1 */
  readonly answerDrop: { readonly c0: number; readonly c1: number }
  /** coefficients (or slots) that one key may reveal: answers × revealed each */
  readonly revealedPerKey: number
  /** SEAL's parms_id at the data level, pinned: anything else is another parameter set */
  readonly parmsId: string
}

// The four largest primes ≡ 1 mod 16384 below 2^50. All are above T (SEAL's fast plain lift) and a little below 2^50
// (flood.ts reduces with that).
const P50 = [1125899906826241n, 1125899906629633n, 1125899905744897n, 1125899905351681n] as const
// The five largest primes ≡ 1 mod 16384 below 2^30: kernel.ts multiplies residues of 30 bits.
const P30 = [1073692673n, 1073643521n, 1073479681n, 1073430529n, 1073299457n] as const

// The three largest primes ≡ 1 mod 16384 below 2^60.
const P60 = [1152921504606830593n, 1152921504606748673n, 1152921504606683137n] as const

const SETS: Readonly<Record<SetName, HeSet>> = {
  // 200 bits of data modulus + 18 = 218, the tc128 limit at N = 8192. 256 answers of 8192 slots a key.
  score: {
    name: 'score',
    wireId: 1,
    plainModulus: T,
    headroomBits: 4,
    dataPrimes: P50,
    specialPrime: 163841n,
    answerPrimes: 2,
    answerDrop: { c0: 42, c1: 31 },
    revealedPerKey: 256 * N,
    parmsId: 'fa2a28f548bde908b1a87acdade697fdbea6991c082e8a4b0dd6d8f75e67e5c5',
  },
  // 150 bits of data modulus + 60 = 210. 65,536 inner products a key.
  gradient: {
    name: 'gradient',
    wireId: 2,
    plainModulus: T,
    headroomBits: 4,
    dataPrimes: P30,
    specialPrime: 1152921504606830593n,
    answerPrimes: 3,
    answerDrop: { c0: 23, c1: 23 },
    revealedPerKey: 65_536,
    parmsId: '24843d87069d1110659857f690735a14a518a2d98755fd7dbb545ddbd9892811',
  },
  // 120 bits of data modulus + 60 = 180. Counts of up to 2^17 rows: 2,048 columns of 16 cells a key. An answer of two
  // primes holds noise below 2^18.99: flooding 2^17, switching 2^12.1, bits left out 2^15 and 2^3 · N.
  histogram: {
    name: 'histogram',
    wireId: 3,
    plainModulus: 2 ** 40,
    headroomBits: 1,
    dataPrimes: P30.slice(0, 4),
    specialPrime: 1152921504606830593n,
    answerPrimes: 2,
    answerDrop: { c0: 16, c1: 4 },
    revealedPerKey: 32_768,
    parmsId: 'd3761dfafba993a680257cb7b1e66658babee056c4dd2d4849deb04c84191dc4',
  },
  // 150 bits of data modulus + 60 = 210. Counts of up to 2^23 rows.
  'histogram-wide': {
    name: 'histogram-wide',
    wireId: 4,
    plainModulus: 2 ** 52,
    headroomBits: 4,
    dataPrimes: P30,
    specialPrime: 1152921504606830593n,
    answerPrimes: 3,
    answerDrop: { c0: 23, c1: 20 },
    revealedPerKey: 32_768,
    parmsId: '0ad5cc70c47e3b7143d76f09583ba810e8f1e07d7867500d78fc532f0fadec75',
  },
  // 120 bits of data modulus: one prime of 60 bits, which is all that an answer has, and 60 bits for the flooding.
  trees: {
    name: 'trees',
    wireId: 5,
    plainModulus: 2 ** 50,
    headroomBits: 1,
    dataPrimes: P60.slice(0, 2),
    specialPrime: 163841n,
    answerPrimes: 1,
    answerDrop: { c0: 0, c1: 0 },
    revealedPerKey: 2 ** 20,
    parmsId: '18f9577508017eb8a0ae879b9a097b4e523d614e7f4800c3a8853545a7c0cd16',
  },
  // 180 bits of data modulus: two values a row, and sums over up to 2^20 rows.
  'trees-wide': {
    name: 'trees-wide',
    wireId: 6,
    plainModulus: 2 ** 50,
    headroomBits: 1,
    dataPrimes: P60,
    specialPrime: 163841n,
    answerPrimes: 1,
    answerDrop: { c0: 0, c1: 0 },
    revealedPerKey: 2 ** 20,
    parmsId: 'a1e6bfbcfb6702a27a179c7e6d29b3d9c2790292ecea0a4e5823238f08f1e72c',
  },
}

/** The parameter set of this name. @throws he.parameters */
export function setNamed(name: SetName): HeSet {
  if (!Object.hasOwn(SETS, name)) throw new PlatformError('he.parameters', { name: String(name) })
  return SETS[name]
}

/** The primes of keys: the data primes and the special prime. */
export function keyPrimes(set: HeSet): readonly bigint[] {
  return [...set.dataPrimes, set.specialPrime]
}

/**
 * Worst-case |noise| of a sum of `products` products of fresh ciphertexts with plaintexts of full range:
 * each coefficient is a sum of N terms |e + ½| ≤ 22 times |p| ≤ T/2.
 */
export function slotNoise(products: number): number {
  return products * N * FRESH_NOISE * (T / 2) + PUBLIC_KEY_NOISE
}

/**
 * Worst-case |noise| of Σ ct_b · x_b where the multipliers hold integers with Σ|x| ≤ oneNorm over all blocks of one
 * answer: every coefficient of the noise is a signed sum of |e + ½| ≤ 22 weighted by each |x| at most once.
 */
export function multiplierNoise(oneNorm: number): number {
  return FRESH_NOISE * oneNorm + PUBLIC_KEY_NOISE
}

/**
 * Flooding bits f for a pre-flood noise bound: noise uniform in ±2^f with
 * f ≥ log2(bound) + log2(coefficients revealed by the key) + λ. Sets of sums for the nodes of a tree flood with the sum of
 * three such integers, whose distance grows with the root of the revealed coefficients only:
 * f ≥ log2(bound · √(8/7 · revealed)) + λ. @throws he.noise when the data modulus has no room
 */
export function floodBits(set: HeSet, noiseBound: number): number {
  const bits = isNodeSet(set.name)
    ? Math.ceil(Math.log2(noiseBound * Math.sqrt((8 / 7) * set.revealedPerKey))) + STATISTICAL_BITS
    : Math.ceil(Math.log2(noiseBound)) + Math.ceil(Math.log2(set.revealedPerKey)) + STATISTICAL_BITS
  const limit = maxFloodBits(set)
  if (!(bits <= limit)) throw new PlatformError('he.noise', { set: set.name, floodBits: bits, limit })
  return bits
}

/**
 * The largest f with t · 2^(f + 1) · 2^headroom ≤ q, t the plain modulus: decrypting such an answer is exact. Sums of
 * three are below 2^(f + 2), and t is that of all values of a row together.
 */
export function maxFloodBits(set: HeSet): number {
  const modulus = set.dataPrimes.reduce((product, prime) => product * prime, 1n)
  const room = (modulus / BigInt(set.plainModulus)).toString(2).length - 1 - 1 - set.headroomBits
  return isNodeSet(set.name) ? room - 1 - Math.max(...NODE_SETS[set.name].shifts) : room
}

/**
 * Largest Σ|x| over the columns of one answer to inner products: what the gradient set has room for. 2^21 entries
 * (131,072 rows × 16 columns) of mean 2^12, as standardised columns with 12 fraction bits have, stay below it.
 */
export const MAX_ONE_NORM = Math.floor(2 ** 33.5)

/**
 * The public bound of Σ|x| over `entries` = rows × columns of one answer. Whoever owns the columns checks them against
 * it before it answers (he.noise), so that flooding follows from public numbers only.
 */
export function oneNormBound(entries: number): number {
  return Math.min(entries * MAX_MULTIPLIER, MAX_ONE_NORM)
}

/** Rows that one sum of a histogram set may run over: its noise bound and the digits of its kernel hold for these. */
export const HISTOGRAM_ROWS: Readonly<Record<'histogram' | 'histogram-wide', number>> = {
  histogram: 2 ** 17,
  'histogram-wide': 2 ** 23,
}

/** The smallest histogram set for sums over so many rows, if there is one. */
export function histogramSetFor(rows: number): HistogramSet | undefined {
  return (['histogram', 'histogram-wide'] as const).find((name) => rows <= HISTOGRAM_ROWS[name])
}

export type HistogramSet = keyof typeof HISTOGRAM_ROWS

/**
 * Sets of sums for the nodes of a tree. rows: of one sum; terms: how often all rows together may be counted in one answer;
 * digitBits: the widest digit of c1 that stays exact over so many; shifts: by value of a row, the bit that it starts at.
 */
export const NODE_SETS = {
  trees: { rows: 2 ** 17, terms: 2 ** 19, digitBits: 15, shifts: [0] },
  'trees-wide': { rows: 2 ** 20, terms: 2 ** 21, digitBits: 15, shifts: [56, 0] },
} as const

export type NodeSet = keyof typeof NODE_SETS

export function isNodeSet(name: SetName): name is NodeSet {
  return Object.hasOwn(NODE_SETS, name)
}

/** The smallest set for sums of a tree over so many rows, if there is one. */
export function nodeSetFor(rows: number): NodeSet | undefined {
  return (['trees', 'trees-wide'] as const).find((name) => rows <= NODE_SETS[name].rows)
}

/**
 * Bound of the noise of a sum of `terms` coefficients of fresh encryptions plus an encryption of zero, exceeded in one
 * coefficient with probability below 2^-80: binomial noise of variance 10.5, and of each of two values what is rounded at
 * random, of variance ¼ at most, are sub-Gaussian; weights of square sum terms + 2N (the encryption of zero: noise times u,
 * and noise times the secret). One more for the rounding of a mask, and of the fraction below.
 */
export function sumNoise(terms: number): number {
  return Math.sqrt(2 * 11 * (terms + 2 * N) * 81 * Math.LN2) + 1 + terms * 2 ** (49 - FRACTION_BITS)
}

/**
 * What value `value` of a row is multiplied by before it is added to c0, modulo each prime: ⌊q / (t · 2^shift)⌋; what this
 * leaves out is `rowFraction`.
 */
export function rowScales(set: NodeSet, value: number): bigint[] {
  const { dataPrimes } = setNamed(set)
  const scale = modulusOf(set) / unitOf(set, value)
  return dataPrimes.map((prime) => scale % prime)
}

/** Bits behind the point of `rowFraction`. */
export const FRACTION_BITS = 62

/** The fraction of q / (t · 2^shift), times 2^62, rounded down: exact where t · 2^shift has no more bits. */
export function rowFraction(set: NodeSet, value: number): bigint {
  const unit = unitOf(set, value)
  return ((modulusOf(set) % unit) << BigInt(FRACTION_BITS)) / unit
}

/** round(q · mask / t) modulo each prime: what a mask adds to a coefficient. */
export function scaledMask(set: NodeSet, mask: bigint): bigint[] {
  const { dataPrimes, plainModulus } = setNamed(set)
  const t = BigInt(plainModulus)
  const scaled = (modulusOf(set) * mask + t / 2n) / t
  return dataPrimes.map((prime) => scaled % prime)
}

function modulusOf(set: NodeSet): bigint {
  return setNamed(set).dataPrimes.reduce((product, prime) => product * prime, 1n)
}

function unitOf(set: NodeSet, value: number): bigint {
  return BigInt(setNamed(set).plainModulus) << BigInt(NODE_SETS[set].shifts[value] ?? 0)
}
