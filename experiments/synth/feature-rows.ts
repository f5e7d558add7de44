// The rows of the parties' feature tables as text.
import { CITY_CODES } from './applicant.ts'
import { monthEnd, monthText } from './calendar.ts'
import { type Application, drawApplication } from './loans.ts'
import { formatValue } from './number-text.ts'
import { bankNoise, type HeldRow, heldRows } from './holders.ts'
import { spell } from './noise.ts'
import type { FederationPlan } from './plan.ts'
import { type SynthRecord, TABLES } from './record.ts'
import { openStream } from './stream.ts'
import { keyOf, type SynthParty, type Values, writtenColumns } from './tables/table.ts'

/** Ids of one firm, clean. */
export interface FirmIds {
  readonly uscc: string
  readonly legalRepresentative: string
}

const CODES: Readonly<Record<SynthParty, readonly string[]>> = Object.fromEntries(
  Object.entries(TABLES).map(([party, table]) => [party, writtenColumns(table).map((column) => column.code)]),
) as unknown as Record<SynthParty, readonly string[]>

export const CHANNELS = ['branch', 'mini-program', 'partner'] as const

/** The bank's rows about one firm, one a loan; none where the bank turned the firm down. */
export function bankRows(plan: FederationPlan, record: SynthRecord, ids: FirmIds): readonly string[] {
  const { applicant: a, values } = record
  const application: Application = drawApplication(plan.world, a, values, plan.labelNoise)
  if (application.loans.length === 0) return []
  const matchId = spell(ids.uscc, bankNoise(plan.world.seed, a, plan.noise))
  const features = featureText('bank', values)
  const vintage = monthText(a.month)
  const asOf = monthEnd(a.month - 1)
  const segments = [
    CITY_CODES[a.city],
    a.industry,
    a.micro ? 'micro' : 'standard',
    CHANNELS[a.channel],
    sizeClass(record),
  ].join(',')
  return application.loans.map(
    (loan) =>
      `${loan.loanId},${matchId},${ids.legalRepresentative},${vintage},${application.appliedOn},${loan.drawnOn},${asOf},${loan.label},${segments},${loan.amount},${features}`,
  )
}

/** By yearly inflow, in the spirit of the classes of 2011: micro, small, medium. */
export function sizeClass({ values }: SynthRecord): string {
  const inflow = values['b_inflow'] ?? 0
  return inflow < 150 ? 'micro' : inflow < 1000 ? 'small' : 'medium'
}

/** A partner's rows about one firm, duplicates included, and the spelling of its first id for the raw tables. */
export function partnerRows(
  plan: FederationPlan,
  table: SynthParty,
  record: SynthRecord,
  ids: FirmIds,
): { readonly rows: readonly string[]; readonly key: string } {
  const rows: string[] = []
  let key = ''
  const asOf = monthEnd(record.applicant.month - 1)
  for (const held of heldRows(plan.world.seed, table, record, plan.noise)) {
    const spelled = spell(held.kind === 'uscc' ? ids.uscc : ids.legalRepresentative, held.noise)
    if (key === '') key = spelled
    const head = table === 'property' ? `${spelled},${held.kind}` : spelled
    const row = `${head},${asOf},${featureText(table, valuesOf(held, record.values))}`
    rows.push(row)
    if (held.noise.duplicate === 'none') continue
    const second = held.noise.duplicate === 'exact' ? row : staleRow(plan, table, record, head)
    if (held.noise.random.uniform() < 0.5) rows.push(second)
    else rows.splice(-1, 0, second)
  }
  return { rows, key }
}

/** The rest of an owner's property, where the firm's row has the sum of all. */
function valuesOf(held: HeldRow, values: Readonly<Values>): Readonly<Values> {
  return held.partial ? { ...values, p_cnt: 1, p_val: 0.4 * (values['p_val'] ?? 0) } : values
}

const STALE_MONTHS = 3
const REDRAW = 2 ** 33
const REDRAWS = 20

/** What the party knew three months earlier: the same columns drawn again, with the older date. */
function staleRow(plan: FederationPlan, table: SynthParty, record: SynthRecord, head: string): string {
  const { applicant: a } = record
  const values: Values = { ...record.values }
  for (let attempt = 1; attempt <= REDRAWS; attempt++) {
    const random = openStream(plan.world.seed, TABLES[table].stream, a.row + attempt * REDRAW)
    for (const column of TABLES[table].columns) values[keyOf(column)] = column.draw(a, random, values)
    if (table !== 'property' || values['p_has'] === 1) break
  }
  return `${head},${monthEnd(a.month - 1 - STALE_MONTHS)},${featureText(table, values)}`
}

function featureText(table: SynthParty, values: Readonly<Values>): string {
  const codes = CODES[table]
  let text = formatValue(values[codes[0]!])
  for (let k = 1; k < codes.length; k++) text += `,${formatValue(values[codes[k]!])}`
  return text
}
