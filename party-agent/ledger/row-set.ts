// Sets of row numbers of one data set version, as bitmaps: how many rows two of them differ in.
import { deflateRawSync, inflateRawSync } from 'node:zlib'

/** Bit i of the bitmap is row i. */
export interface RowSet {
  /** rows of the data set version */
  readonly total: number
  readonly bits: Uint8Array
}

/** @param rows numbers below `total`, in any order */
export function rowSet(total: number, rows: ArrayLike<number>): RowSet {
  const bits = new Uint8Array(Math.ceil(total / 8))
  for (let i = 0; i < rows.length; i++) {
    const row = rows[i] as number
    if (!Number.isInteger(row) || row < 0 || row >= total) throw new RangeError(`row ${row} of ${total}`)
    bits[row >> 3]! |= 1 << (row & 7)
  }
  return { total, bits }
}

/** Rows that are in one of two sets of the same version and not in the other. */
export function differenceOf(a: RowSet, b: RowSet): number {
  let rows = 0
  for (let i = 0; i < a.bits.length; i++) rows += ONES[(a.bits[i] as number) ^ (b.bits[i] as number)] as number
  return rows
}

export function sizeOf(set: RowSet): number {
  return set.bits.reduce((sum, byte) => sum + (ONES[byte] as number), 0)
}

export function packSet(set: RowSet): Uint8Array {
  return deflateRawSync(set.bits)
}

/** @throws Error for bytes that packSet did not write */
export function unpackSet(total: number, packed: Uint8Array): RowSet {
  const expected = Math.ceil(total / 8)
  const bits = inflateRawSync(packed, { maxOutputLength: expected + 1 })
  if (bits.length !== expected) throw new Error('a bitmap of another length')
  return { total, bits: new Uint8Array(bits) }
}

const ONES = Uint8Array.from({ length: 256 }, (_, byte) => {
  let ones = 0
  for (let rest = byte; rest > 0; rest >>= 1) ones += rest & 1
  return ones
})
