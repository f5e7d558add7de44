// The plain form of a federation, for the demo: one CSV file a party with a row a firm, every label, and clean ids. The
// full form, with loans, consents, noise and raw tables, is in federation.ts.
import { createWriteStream } from 'node:fs'
import { mkdir, writeFile } from 'node:fs/promises'
import { once } from 'node:events'
import { join } from 'node:path'
import { finished } from 'node:stream/promises'
import { formatValue } from './number-text.ts'
import { permutation } from './permutation.ts'
import { defaultIntercept, SYNTH_SIZES } from './plan.ts'
import { drawRecord, holdsRow, oracleColumns, oracleRow, SYNTH_PARTIES, TABLES } from './record.ts'
import { type SynthParty, writtenColumns } from './tables/table.ts'
import { usccMaker } from './uscc.ts'
import { referenceWorld } from './world.ts'

export { SYNTH_SIZES }

export interface SynthOptions {
  readonly directory: string
  readonly seed: number
  /** applications in the whole federation; parties hold fewer */
  readonly applications: number
  /** intercept of the log odds; without it, by size: 13 % defaults up to 10,000 applications, 4.4 % above */
  readonly intercept?: number
  readonly parties?: readonly SynthParty[]
  /** written after each part, in [0, 1] */
  readonly onProgress?: (share: number) => void
}

export interface SynthManifest {
  readonly seed: number
  readonly applications: number
  readonly intercept: number
  readonly bankBadRate: number
  readonly parties: Readonly<
    Record<string, { readonly file: string; readonly rows: number; readonly columns: readonly string[] }>
  >
  /** applicants that both parties hold, by `a+b` */
  readonly overlaps: Readonly<Record<string, number>>
  /** applicants that all parties of this federation hold */
  readonly jointOverlap: number
}

export const ID_COLUMN = 'match_id'
export const LABEL_COLUMN = 'y'
const FLUSH_BYTES = 1 << 18

/**
 * Writes <directory>/<party>.csv for each party, manifest.json and oracle/oracle.csv, in bounded memory.
 * Every party's file has its own row order. The bank holds booked loans with their label; the partners hold every
 * applicant whom they cover, so also those whom the bank turned down.
 */
export async function writeFederation(options: SynthOptions): Promise<SynthManifest> {
  const { directory, seed, applications } = options
  const parties = options.parties ?? SYNTH_PARTIES
  const intercept = options.intercept ?? defaultIntercept(applications)
  await mkdir(join(directory, 'oracle'), { recursive: true })
  const steps = parties.length + 1
  const counts = await writeOracle(join(directory, 'oracle', 'oracle.csv'), seed, applications, intercept, parties)
  options.onProgress?.(1 / steps)
  for (const [index, party] of parties.entries()) {
    await writeParty(join(directory, `${party}.csv`), party, seed, applications, intercept)
    options.onProgress?.((index + 2) / steps)
  }
  const manifest: SynthManifest = {
    seed,
    applications,
    intercept,
    bankBadRate: Number(
      (counts.bankBad / Math.max(1, counts.both(parties.indexOf('bank'), parties.indexOf('bank')))).toFixed(6),
    ),
    parties: Object.fromEntries(
      parties.map((party, i) => [
        party,
        { file: `${party}.csv`, rows: counts.both(i, i), columns: fileColumns(party) },
      ]),
    ),
    overlaps: Object.fromEntries(
      parties.flatMap((a, i) => parties.slice(i + 1).map((b, k) => [`${a}+${b}`, counts.both(i, i + 1 + k)])),
    ),
    jointOverlap: counts.all(),
  }
  await writeFile(join(directory, 'manifest.json'), `${JSON.stringify(manifest, null, 2)}\n`)
  return manifest
}

/** Header of a party's file. */
export function fileColumns(party: SynthParty): readonly string[] {
  const columns = writtenColumns(TABLES[party]).map((column) => column.code)
  return [ID_COLUMN, ...(party === 'bank' ? [LABEL_COLUMN] : []), ...columns]
}

async function writeParty(
  path: string,
  party: SynthParty,
  seed: number,
  applications: number,
  intercept: number,
): Promise<void> {
  const world = referenceWorld(seed, intercept)
  const order = permutation(seed, 100 + SYNTH_PARTIES.indexOf(party), applications)
  const uscc = usccMaker(seed)
  const codes = writtenColumns(TABLES[party]).map((column) => column.code)
  const file = await openLines(path)
  await file.line(fileColumns(party).join(','))
  for (let i = 0; i < applications; i++) {
    const record = drawRecord(world, order(i))
    if (!holdsRow(party, record)) continue
    const head = [uscc(record.applicant, record.values['park'] ?? 0)]
    if (party === 'bank') head.push(String(record.applicant.bad))
    await file.line([...head, ...codes.map((code) => formatValue(record.values[code]))].join(','))
  }
  await file.close()
}

/** The oracle table in row order, and on the way the counts of who holds whom. */
async function writeOracle(
  path: string,
  seed: number,
  applications: number,
  intercept: number,
  parties: readonly SynthParty[],
): Promise<{ both(i: number, k: number): number; all(): number; bankBad: number }> {
  const world = referenceWorld(seed, intercept)
  const byMask = new Array<number>(2 ** parties.length).fill(0)
  let bankBad = 0
  const file = await openLines(path)
  await file.line(oracleColumns().join(','))
  for (let row = 0; row < applications; row++) {
    const record = drawRecord(world, row)
    const mask = parties.reduce((bits, party, i) => (holdsRow(party, record) ? bits | (1 << i) : bits), 0)
    byMask[mask] = (byMask[mask] ?? 0) + 1
    if (holdsRow('bank', record)) bankBad += record.applicant.bad
    await file.line(oracleRow(record).map(formatValue).join(','))
  }
  await file.close()
  const holding = (bits: number): number =>
    byMask.reduce((total, count, mask) => ((mask & bits) === bits ? total + count : total), 0)
  return {
    both: (i, k) => (i < 0 || k < 0 ? 0 : holding((1 << i) | (1 << k))),
    all: () => holding(2 ** parties.length - 1),
    bankBad,
  }
}

/** A text file written line by line in pieces, with back-pressure. */
async function openLines(path: string): Promise<{ line(text: string): Promise<void>; close(): Promise<void> }> {
  const stream = createWriteStream(path)
  await once(stream, 'open')
  let buffer = ''
  const flush = async (): Promise<void> => {
    const full = !stream.write(buffer)
    buffer = ''
    if (full) await once(stream, 'drain')
  }
  return {
    line: async (text) => {
      buffer += `${text}\n`
      if (buffer.length >= FLUSH_BYTES) await flush()
    },
    close: async () => {
      await flush()
      stream.end()
      await finished(stream)
    },
  }
}
