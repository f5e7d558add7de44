// Under which ids a partner holds a firm, and how they are spelled there. The same for the files and for the counts.
import type { Applicant } from './applicant.ts'
import { drawNoise, noiseRates, type RowNoise } from './noise.ts'
import type { SynthRecord } from './record.ts'
import { openStream, STREAM } from './stream.ts'
import type { SynthParty } from './tables/table.ts'

export type KeyKind = 'uscc' | 'id-card'

/** One row of a partner's file, before duplicates. */
export interface HeldRow {
  readonly kind: KeyKind
  readonly noise: RowNoise
  /** the second of two rows of one owner: part of what the first row sums up */
  readonly partial: boolean
}

const NOISE_NUMBER = { bank: 0, tax: 1, social: 2, property: 3, parks: 4 } as const
const REPRESENTATIVE_NOISE = 5
const OWNER_KIND_STREAM = STREAM.people + 2000

/** Property is registered to the firm, to its legal representative, or to both. */
const TO_THE_FIRM = 0.55
const TO_THE_REPRESENTATIVE = 0.35

/** The rows of a table about one firm; none where the party does not know the firm, or knows of no property. */
export function heldRows(seed: number, table: SynthParty, record: SynthRecord, noise: boolean): readonly HeldRow[] {
  const { row } = record.applicant
  if (!record.covered.has(table)) return []
  const rates = noiseRates(table, noise)
  const underUscc: HeldRow = {
    kind: 'uscc',
    noise: drawNoise(seed, NOISE_NUMBER[table], row, rates),
    partial: false,
  }
  if (table !== 'property') return [underUscc]
  if (record.values['p_has'] !== 1) return []
  const u = openStream(seed, OWNER_KIND_STREAM, row).uniform()
  if (u < TO_THE_FIRM) return [underUscc]
  const representative = drawNoise(seed, REPRESENTATIVE_NOISE, row, { ...rates, 'renamed-region': 0 })
  const underIdCard: HeldRow = {
    kind: 'id-card',
    noise: representative,
    partial: u >= TO_THE_FIRM + TO_THE_REPRESENTATIVE,
  }
  return underIdCard.partial ? [underUscc, underIdCard] : [underIdCard]
}

/** The bank's own spelling of a firm's code. */
export function bankNoise(seed: number, a: Applicant, noise: boolean): RowNoise {
  return drawNoise(seed, NOISE_NUMBER.bank, a.row, noiseRates('bank', noise))
}
