// Xᵀd for one owner's columns and a residual that is shared between guest and pivot.
//
// The key owner sends its share in ciphertexts of `rowsPerBlock` coefficients; the column owner multiplies each
// with N / rowsPerBlock columns at once and answers with ciphertexts in which only those coefficients are opened.
import { SLOTS, T } from '#crypto/he/params.ts'
import type { HeKeyPair, HePool, HePublicKey } from '#crypto/he/pool.ts'
import { dotInt } from '#crypto/ring.ts'
import type { Secret } from '#runtime/secret.ts'
import { expandUniform } from '#crypto/prg.ts'
import { rangeOf } from './parts.ts'
import { centred } from './residual.ts'
import type { GradientColumns } from './columns.ts'

/** Bytes of a ciphertext that carries rows, and of an answer, for choosing a layout. */
const UPLOAD_BYTES = 153_700
const ANSWER_BYTES = 68_700

/** How one direction of the gradient phase is cut into ciphertexts and messages. */
export interface GradientLayout {
  readonly rowsPerBlock: number
  readonly blocks: number
}

/** The power of two that moves the fewest bytes: few rows a block cost uploads, many rows cost answers. */
export function chooseLayout(rows: number, receiverWidths: readonly number[]): GradientLayout {
  let best: { layout: GradientLayout; bytes: number } | undefined
  for (let rowsPerBlock = 512; rowsPerBlock <= SLOTS; rowsPerBlock *= 2) {
    const blocks = Math.ceil(rows / rowsPerBlock)
    const answers = receiverWidths.reduce((sum, width) => sum + answerCount(width, rowsPerBlock), 0)
    const bytes = blocks * receiverWidths.length * UPLOAD_BYTES + answers * ANSWER_BYTES
    if (best === undefined || bytes < best.bytes) best = { layout: { rowsPerBlock, blocks }, bytes }
  }
  return best!.layout
}

/** Answers that `columns` columns need. */
export function answerCount(columns: number, rowsPerBlock: number): number {
  return Math.ceil(columns / (SLOTS / rowsPerBlock))
}

/** Encrypts part `part` of a residual share. */
export function encryptShare(
  pool: HePool,
  key: HeKeyPair,
  share: Float64Array,
  layout: GradientLayout,
  part: number,
): Promise<Uint8Array[]> {
  const [first, end] = rangeOf(part, layout.blocks)
  return Promise.all(
    Array.from({ length: end - first }, (_, i) => {
      const from = (first + i) * layout.rowsPerBlock
      return pool.encryptCoefficients(key, share.subarray(from, Math.min(share.length, from + layout.rowsPerBlock)))
    }),
  )
}

/** What the column owner keeps (the masks) and sends (the answers). */
export interface MaskedProducts {
  readonly keep: Float64Array
  readonly send: readonly Uint8Array[]
}

/** Encrypted, masked, flooded inner products of rows from … to−1 of every limb of the columns with an encrypted share. */
export async function maskedProducts(
  pool: HePool,
  key: HePublicKey,
  ciphertexts: readonly Uint8Array[],
  data: GradientColumns,
  batch: { readonly from: number; readonly to: number },
  layout: GradientLayout,
  seed: Secret,
): Promise<MaskedProducts> {
  const columns = data.columns.map((column) => column.subarray(batch.from, batch.to))
  const keep = expandUniform(seed, 'gradient-mask', columns.length)
  const send = await pool.innerProducts(key, ciphertexts, columns, layout.rowsPerBlock, keep)
  return { keep, send }
}

/** The key owner's part: opens the answers to residues that are still masked by the column owner. */
export async function openProducts(
  pool: HePool,
  key: HeKeyPair,
  answers: readonly Uint8Array[],
  width: number,
  layout: GradientLayout,
): Promise<Float64Array> {
  const perAnswer = SLOTS / layout.rowsPerBlock
  const opened = await Promise.all(
    answers.map((answer, i) =>
      pool.decryptInnerProducts(key, answer, layout.rowsPerBlock, Math.min(perAnswer, width - i * perAnswer)),
    ),
  )
  const values = new Float64Array(width)
  for (const [i, part] of opened.entries()) values.set(part, i * perAnswer)
  return values
}

/** Inner products with a share that the column owner itself holds in the clear, modulo T. */
export function localProducts(
  data: GradientColumns,
  batch: { readonly from: number; readonly to: number },
  share: Float64Array,
): Float64Array {
  return Float64Array.from(data.columns, (column) => dotInt(column.subarray(batch.from, batch.to), share))
}

/**
 * What an owner's inner products come to modulo T, one a limb and column.
 * @param plus residues to add @param minus masks to take away
 */
export function sumResidues(plus: readonly Float64Array[], minus: readonly Float64Array[]): Float64Array {
  return Float64Array.from(plus[0]!, (first, at) => {
    let sum = first
    for (const piece of plus.slice(1)) sum = (sum + piece[at]!) % T
    for (const mask of minus) sum = (sum - mask[at]! + T) % T
    return sum
  })
}

/** The owner's gradient, one number a column: the mean over `rows` rows of the residual times the column. */
export function gradientOf(
  residues: Float64Array,
  { scales, width }: GradientColumns,
  residualBits: number,
  rows: number,
): Float64Array {
  const gradient = new Float64Array(width)
  for (const [at, scale] of scales.entries())
    gradient[at % width]! += centred(residues[at]!) / scale / 2 ** residualBits / rows
  return gradient
}

/**
 * The guest's mask on what it opens for a member of a group, modulo T: uniform, and over all members 0, so that a member
 * reads the gradient of the group and not that of its own rows.
 * @param seed of the round
 */
export function maskOfMember(
  seed: Secret,
  { name, members }: { readonly name: string; readonly members: readonly string[] },
  member: string,
  width: number,
): Float64Array {
  const [first, ...others] = members
  const uniform = (of: string) => expandUniform(seed, `group-gradient/${name}/${of}`, width)
  return member === first ? sumResidues([new Float64Array(width)], others.map(uniform)) : uniform(member)
}
