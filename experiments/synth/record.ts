// One row of the whole federation: the applicant, every party's columns, and what only the oracle knows.
import { type Applicant, drawApplicant, INDUSTRIES } from './applicant.ts'
import { openStream, STREAM, sigmoid } from './stream.ts'
import { BANK } from './tables/bank.ts'
import { PARKS } from './tables/parks.ts'
import { PROPERTY } from './tables/property.ts'
import { SOCIAL } from './tables/social.ts'
import { keyOf, type PartyTable, type SynthParty, type Values, writtenColumns } from './tables/table.ts'
import { TAX } from './tables/tax.ts'
import type { World } from './world.ts'

export const TABLES: Readonly<Record<SynthParty, PartyTable>> = {
  bank: BANK,
  tax: TAX,
  social: SOCIAL,
  property: PROPERTY,
  parks: PARKS,
}
export const SYNTH_PARTIES = Object.keys(TABLES) as readonly SynthParty[]
const ALL_TABLES = Object.values(TABLES)

export interface SynthRecord {
  readonly applicant: Applicant
  /** tables that cover the applicant; the bank's file holds only those that it approved */
  readonly covered: ReadonlySet<SynthParty>
  readonly values: Readonly<Values>
}

/**
 * The row `row` of the federation. Rows do not depend on each other, and tables draw from streams of their own, so that
 * `wanted` leaves out the columns of the others without a change of its own.
 */
export function drawRecord(world: World, row: number, wanted: readonly SynthParty[] = SYNTH_PARTIES): SynthRecord {
  const applicant = drawApplicant(world, row)
  const covered = new Set<SynthParty>()
  const values: Values = {}
  for (const table of ALL_TABLES) {
    const random = openStream(world.seed, table.stream, row)
    if (!table.covers(applicant, random)) continue
    covered.add(table.party)
    // The park decides the region in a firm's code, which every party writes: its draw comes first in its table.
    const columns = wanted.includes(table.party) ? table.columns : table === PARKS ? PARKS.columns.slice(0, 1) : []
    for (const column of columns) values[keyOf(column)] = column.draw(applicant, random, values)
  }
  drawResponse(world.seed, applicant, covered, values)
  return { applicant, covered, values }
}

/** Demand for credit, and the columns that show it, from a stream of their own. */
function drawResponse(seed: number, a: Applicant, covered: ReadonlySet<SynthParty>, values: Values): void {
  const random = openStream(seed, STREAM.response, a.row)
  const need = random.normal()
  const logOdds =
    -3.75 +
    1.0 * need +
    0.3 * a.F2 +
    0.25 * a.F3 +
    (covered.has('parks') ? 0.35 * a.F5 : 0) -
    0.35 * a.F1 +
    0.15 * a.size +
    (a.channel === 1 ? 0.35 : 0) +
    (a.micro ? 0.3 : 0)
  values['need'] = need
  values['response'] = random.uniform() < sigmoid(logOdds) ? 1 : 0
  for (const table of ALL_TABLES) {
    if (!covered.has(table.party)) continue
    for (const column of table.responseColumns) values[column.code] = column.draw(a, random, values)
  }
}

const ORACLE_HEAD = ['i', 'm', 'city', 'ind', 'est', 'S', 'prod', 'chan', 'approve', 'y', 'truePD', 'resp', 'need']

/** Header of the oracle table, in which every party's columns stand side by side. */
export function oracleColumns(): readonly string[] {
  return [
    ...ORACLE_HEAD,
    ...Object.values(TABLES).flatMap((table) => [
      ...(table.party === 'parks' ? ['park'] : []),
      ...writtenColumns(table).map((column) => column.code),
    ]),
  ]
}

/** Values of one row of the oracle table, in the order of `oracleColumns`. */
export function oracleRow({ applicant: a, values }: SynthRecord): readonly (number | undefined)[] {
  const known: Readonly<Record<string, number | undefined>> = {
    ...values,
    i: a.row,
    m: a.month,
    city: a.city,
    ind: INDUSTRIES.indexOf(a.industry as (typeof INDUSTRIES)[number]),
    est: a.establishedYears,
    S: a.size,
    prod: a.micro ? 1 : 0,
    chan: a.channel,
    approve: values['approved'],
    y: a.bad,
    truePD: a.trueRisk,
    resp: values['response'],
    park: values['park'] ?? 0,
  }
  return oracleColumns().map((name) => known[name])
}
