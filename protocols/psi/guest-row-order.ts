// The common order of left mode, made by the guest alone: its rows and, among them, decoys that look like its matches.
//
// A decoy is an id of the host that matched nothing. It stands in as many rows of each set as one real match does, so
// that neither how often an id is named nor where tells a match from a decoy: with a decoys for each match, a host that
// sees nothing else is right about a named id with probability 1 / (1 + a).
import { permutation } from '#crypto/prg.ts'
import { type AlignedSet, isRow, NO_ROW, SET_NAMES } from '#protocols/core/aligned-rows.ts'
import type { PartyId } from '#protocols/core/contract.ts'
import type { Secret } from '#runtime/secret.ts'
import { PlatformError } from '#runtime/errors.ts'
import { MAX_ROWS, MOST_ROWS_OF_AN_ID, setsOf } from './left-params.ts'
import { LEAST_INTERSECTION, paddedSize } from './params.ts'

/** One host as the guest sees it after the exchange. */
export interface HostRows {
  readonly host: PartyId
  /** row by row of the guest: position in the host's shuffled set, NO_ROW or NO_CONSENT */
  readonly positionOfRow: Uint32Array
  /** by position: 1 where an id of the guest matched, whether or not a row uses it */
  readonly matched: Uint8Array
}

/** Hosts whose decoys never share a row: members of a group, which have no real row in common either. */
export type Apart = readonly PartyId[]

export interface RowPlan {
  readonly sets: readonly AlignedSet[]
  /** in the common order: rows of the guest, or NO_ROW for a decoy */
  readonly rows: Uint32Array
  /** by host, in the common order: positions, NO_ROW or NO_CONSENT */
  readonly positions: ReadonlyMap<PartyId, Uint32Array>
  readonly decoys: ReadonlyMap<PartyId, { readonly count: number; readonly short: boolean }>
}

const SETS = SET_NAMES.length

/**
 * @param setOfRow place in SET_NAMES, row by row
 * @param decoys for each match, 0 … 10; with decoys, matches and decoys together are a multiple of the bucket
 * @param seed the same seed makes the same plan
 * @param apart lists of hosts that have no row in common, decoys included; every other host by itself
 * @throws PlatformError psi.count where there are more rows, or more rows of one id, than a host takes
 */
export function planRows(
  setOfRow: Uint8Array,
  hosts: readonly HostRows[],
  { decoys, bucket }: { readonly decoys: number; readonly bucket: number },
  seed: Secret | Uint8Array,
  apart: readonly Apart[] = [],
): RowPlan {
  const chosen = hosts.map((host) => chooseDecoys(setOfRow, host, decoys, bucket, seed))
  const rowsOfSet = SET_NAMES.map((_, set) => rowsIn(setOfRow, set))
  const before = hosts.map(({ host }, k) => decoysBefore(host, k, hosts, chosen, apart))
  const slotsOfSet = SET_NAMES.map((_, set) =>
    Math.max(0, ...chosen.map(({ bySet }, k) => (before[k]?.[set] ?? 0) + (bySet[set]?.length ?? 0))),
  )
  const total = setOfRow.length + slotsOfSet.reduce((sum, slots) => sum + slots, 0)
  if (total > MAX_ROWS) throw new PlatformError('psi.count', { rows: total, atMost: MAX_ROWS })
  const rows = new Uint32Array(total)
  const positions = new Map(hosts.map(({ host }) => [host, new Uint32Array(total).fill(NO_ROW)]))
  let from = 0
  for (const [set, name] of SET_NAMES.entries()) {
    const own = rowsOfSet[set] as Uint32Array
    const slots = slotsOfSet[set] as number
    const placed = permutation(seed, `order/${name}`, own.length + slots)
    const placeOf = new Uint32Array(placed.length)
    for (const [i, entry] of placed.entries()) {
      rows[from + i] = entry < own.length ? (own[entry] as number) : NO_ROW
      placeOf[entry] = from + i
    }
    for (const [k, { host, positionOfRow }] of hosts.entries()) {
      const seen = positions.get(host) as Uint32Array
      for (const [i, row] of own.entries()) seen[placeOf[i] as number] = positionOfRow[row] as number
      const order = permutation(seed, `slots/${name}/${firstOf(host, apart)}`, slots)
      const skipped = before[k]?.[set] ?? 0
      for (const [j, position] of (chosen[k]?.bySet[set] ?? []).entries()) {
        seen[placeOf[own.length + (order[skipped + j] as number)] as number] = position
      }
    }
    from += placed.length
  }
  const counts = SET_NAMES.map((_, set) => (rowsOfSet[set] as Uint32Array).length + (slotsOfSet[set] as number))
  return {
    sets: setsOf(SET_NAMES, counts),
    rows,
    positions,
    decoys: new Map(hosts.map(({ host }, k) => [host, (chosen[k] as Chosen).said])),
  }
}

/** By set: rows with decoys of hosts that are kept apart from this one and come before it. */
function decoysBefore(
  host: PartyId,
  place: number,
  hosts: readonly HostRows[],
  chosen: readonly Chosen[],
  apart: readonly Apart[],
): number[] {
  const others = apart.find((list) => list.includes(host)) ?? []
  const earlier = chosen.filter((_, k) => k < place && others.includes(hosts[k]?.host ?? ''))
  return SET_NAMES.map((_, set) => earlier.reduce((sum, { bySet }) => sum + (bySet[set]?.length ?? 0), 0))
}

/** Hosts that are kept apart draw one order of the rows, of which each takes its part. */
function firstOf(host: PartyId, apart: readonly Apart[]): PartyId {
  return apart.find((list) => list.includes(host))?.[0] ?? host
}

interface Chosen {
  /** positions of decoys, one for each row in which they stand */
  readonly bySet: readonly (readonly number[])[]
  readonly said: { readonly count: number; readonly short: boolean }
}

/** Uniformly among what did not match; each copies how often one match stands in each set. */
function chooseDecoys(
  setOfRow: Uint8Array,
  { host, positionOfRow, matched }: HostRows,
  decoys: number,
  bucket: number,
  seed: Secret | Uint8Array,
): Chosen {
  const { patterns, matches } = patternsOf(setOfRow, positionOfRow)
  const free = Uint32Array.from(matched.keys()).filter((position) => matched[position] === 0)
  const asked = Math.round(decoys * matches)
  const wanted = asked === 0 ? 0 : paddedSize(matches + asked, bucket) - matches
  // The few that would be left out would differ from job to job, and the host's differencing guard refuse the second.
  const count = wanted > 0 && free.length - wanted < LEAST_INTERSECTION ? free.length : wanted
  const model = permutation(seed, `model/${host}`, matches)
  const bySet: number[][] = SET_NAMES.map(() => [])
  for (const [k, at] of permutation(seed, `decoys/${host}`, free.length).subarray(0, count).entries()) {
    const pattern = model[k % matches] as number
    for (const [set, list] of bySet.entries()) {
      for (let times = patterns[pattern * SETS + set] as number; times > 0; times--) list.push(free[at] as number)
    }
  }
  return { bySet, said: { count, short: count < asked } }
}

/** For each position that a row names, in how many rows of each set. @throws PlatformError psi.count */
function patternsOf(setOfRow: Uint8Array, positionOfRow: Uint32Array): { patterns: Uint32Array; matches: number } {
  const numberOf = new Map<number, number>()
  const patterns = new Uint32Array(positionOfRow.length * SETS)
  for (const [row, position] of positionOfRow.entries()) {
    if (!isRow(position)) continue
    let number = numberOf.get(position)
    if (number === undefined) numberOf.set(position, (number = numberOf.size))
    patterns[number * SETS + (setOfRow[row] as number)]! += 1
  }
  for (let number = 0; number < numberOf.size; number++) {
    const rows = patterns.subarray(number * SETS, (number + 1) * SETS).reduce((sum, count) => sum + count, 0)
    if (rows > MOST_ROWS_OF_AN_ID)
      throw new PlatformError('psi.count', { rowsOfAnId: rows, atMost: MOST_ROWS_OF_AN_ID })
  }
  return { patterns, matches: numberOf.size }
}

function rowsIn(setOfRow: Uint8Array, set: number): Uint32Array {
  return Uint32Array.from(setOfRow.keys()).filter((row) => setOfRow[row] === set)
}
