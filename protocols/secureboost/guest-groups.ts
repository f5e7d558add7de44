// Where a group of hosts is one host: what its members answer, put together. A host of its own is a group of one here.
import { streams as streamsOf, type Quantised } from '#credit/trees/quantise.ts'
import { checkSides, type SideBits } from '#credit/trees/tree.ts'
import { addModulo, takeOff } from '#crypto/he/masks.ts'
import type { SetName } from '#crypto/he/params.ts'
import { refuseUnless } from '#protocols/core/codec.ts'
import { sameOfAll } from '#protocols/group/answers.ts'
import type { ShownColumn, SplitSides } from './bodies.ts'
import { shownCells } from './layout.ts'

/**
 * Sums by cell over the members. A member counts the rows that it lacks in the last cell of each column, as any host
 * does: of a group all rows but its own are there, so the rows of the node are counted once too often for each member but one.
 * @param opened by member: sums of consecutive columns, masked where there is more than one member
 * @param total of all rows of the node, as a residue
 */
export function sumMembers(
  set: SetName,
  opened: readonly Float64Array[],
  columns: readonly ShownColumn[],
  total: number,
): Float64Array {
  const sums = addModulo(set, opened)
  let end = 0
  for (const column of opened.length === 1 ? [] : columns) {
    end += shownCells(column)
    sums[end - 1] = takeOff(set, sums[end - 1]!, total, opened.length - 1)
  }
  return sums
}

/** By kind of stream: the sum over some rows, as a residue. */
export function streamTotals(quantised: Quantised, rows: Uint32Array): number[] {
  const { modulus } = quantised.code
  return streamsOf(quantised).map((residues) => {
    let total = 0
    for (const row of rows) {
      total += residues[row]!
      if (total >= modulus) total -= modulus
    }
    return total
  })
}

/**
 * The sides of a split as one host would tell them: each row where its member says, rows of no member where `missingLeft`
 * says, as all members do with rows that they lack. Refused only by all members: they go by the same counts.
 * @throws PlatformError protocol.malformed where members differ, or where two tell of one row; boost.invalid
 */
export function sidesOfMembers(heard: readonly SplitSides[], missingLeft: boolean, rows: number): SplitSides {
  const alias = sameOfAll(
    heard.map((one) => (one.refused ? '' : one.alias)),
    'answer',
  )
  if (alias === '') return { refused: true }
  const sides = heard.flatMap((one) => (one.refused ? [] : [one.sides]))
  for (const bits of sides) checkSides(bits, rows)
  return {
    refused: false,
    alias,
    sides: sides.length === 1 ? Uint8Array.from(sides[0]!) : joined(sides, !missingLeft, rows),
  }
}

function joined(sides: readonly SideBits[], absentRight: boolean, rows: number): SideBits {
  const out = new Uint8Array(sides[0]!.length)
  const last = rows & 7
  for (let i = 0; i < out.length; i++) {
    let told = 0
    const all = last > 0 && i === out.length - 1 ? 2 ** last - 1 : 0xff
    const absent = absentRight ? all : 0
    for (const bits of sides) {
      // where it differs from the side of rows that it lacks, the member has the row
      const own = bits[i]! ^ absent
      refuseUnless((told & own) === 0, 'each row at one member')
      told |= own
    }
    out[i] = told ^ absent
  }
  return out
}
