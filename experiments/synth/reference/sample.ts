// The pooled table that no party has: all columns of all parties about the bank's rows. From the generator itself, or
// from the files of a federation, joined as an alignment must join them.
import { hash } from 'node:crypto'
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { NO_CONSENT, NO_ROW } from '#credit/bins.ts'
import { normaliseId } from '#protocols/core/ids.ts'
import { monthText } from '../calendar.ts'
import { LOAN_PURPOSE } from '../consent.ts'
import { offeredColumns } from '../declaration.ts'
import type { FederationManifest } from '../manifest.ts'
import { FILE_PARTIES, type FileParty, PARTY_FILES } from '../parties.ts'
import { readTable, rowsById, type TextTable } from '../read-tables.ts'
import { drawRecord, TABLES } from '../record.ts'
import type { SynthParty } from '../tables/table.ts'
import { FIRST_OUT_OF_TIME_MONTH, FIRST_RECENT_MONTH, type World } from '../world.ts'

export const SETS = ['train', 'holdout', 'oot', 'recent'] as const
export type SetName = (typeof SETS)[number]

export interface SampleColumn {
  readonly party: SynthParty
  readonly code: string
  /** NaN where missing */
  readonly values: Float64Array
  /** NO_ROW and NO_CONSENT where this party says nothing; another number elsewhere */
  readonly rows: Uint32Array
}

export interface Sample {
  readonly columns: readonly SampleColumn[]
  /** 1 bad, 0 good, −1 without a label */
  readonly labels: Int8Array
  /** index into SETS */
  readonly sets: Uint8Array
}

const HOLDOUT = 0.3

/** Set of a firm's rows: by month, and before April 2023 by a hash of the id. */
function setOf(month: number, id: string): number {
  if (month >= FIRST_RECENT_MONTH) return 3
  if (month >= FIRST_OUT_OF_TIME_MONTH) return 2
  return Number.parseInt(hash('sha256', id).slice(0, 12), 16) / 2 ** 48 < HOLDOUT ? 1 : 0
}

function emptyColumns(rows: number): SampleColumn[] {
  const parties: readonly FileParty[] = ['bank', 'tax', 'social', 'property', 'park-a']
  return parties.flatMap((party) =>
    offeredColumns(party).map(({ code }) => ({
      party: PARTY_FILES[party].table,
      code,
      values: new Float64Array(rows).fill(Number.NaN),
      rows: new Uint32Array(rows),
    })),
  )
}

/**
 * One row an approved application, with the label of its first loan: the sample of the design's table.
 * @param training whether an application of the development months trains; by a hash of its number unless given
 */
export function sampleFromGenerator(world: World, applications: number, training?: readonly boolean[]): Sample {
  const booked: number[] = []
  for (let row = 0; row < applications; row++) {
    if (drawRecord(world, row, ['bank']).values['approved'] === 1) booked.push(row)
  }
  const columns = emptyColumns(booked.length)
  const labels = new Int8Array(booked.length)
  const sets = new Uint8Array(booked.length)
  for (const [i, row] of booked.entries()) {
    const { applicant, covered, values } = drawRecord(world, row)
    labels[i] = applicant.bad
    const hashed = setOf(applicant.month, String(row))
    sets[i] = training === undefined || hashed > 1 ? hashed : training[row] === true ? 0 : 1
    for (const column of columns) {
      if (!covered.has(column.party)) column.rows[i] = NO_ROW
      else column.values[i] = values[column.code] ?? Number.NaN
    }
  }
  return { columns, labels, sets }
}

/** The rows of the bank's file with a valid code, joined with every partner's file as the consents allow. CSV only. */
export async function sampleFromFiles(folder: string): Promise<Sample> {
  const manifest = JSON.parse(await readFile(join(folder, 'manifest.json'), 'utf8')) as FederationManifest
  const bank = await readTable(join(folder, 'bank/loans.csv'))
  const months = new Map(Array.from({ length: 24 }, (_, month) => [monthText(month), month]))
  const usable = bank.rows.flatMap((row) => {
    const code = normaliseId('uscc', bank.cell(row, 'match_id'))
    return 'id' in code ? [{ row, code: code.id, person: bank.cell(row, 'legal_rep_id') }] : []
  })
  const columns = emptyColumns(usable.length)
  const labels = Int8Array.from(usable, ({ row }) => {
    const y = bank.cell(row, 'y')
    return y === '' ? -1 : Number(y)
  })
  const sets = Uint8Array.from(usable, ({ row, code }) => setOf(months.get(bank.cell(row, 'vintage'))!, code))
  for (const column of columns.filter(({ party }) => party === 'bank')) {
    for (const [i, { row }] of usable.entries()) column.values[i] = numberOf(bank.cell(row, column.code))
  }
  const scopes = await scopesIn(folder)
  const hosts = FILE_PARTIES.filter((party) => party !== 'bank')
  for (const table of ['tax', 'social', 'property', 'parks'] as const) {
    const files = hosts.filter((host) => PARTY_FILES[host].table === table && host in manifest.parties)
    await fill(
      folder,
      files,
      columns.filter((column) => column.party === table),
      usable,
      scopes,
    )
  }
  return { columns, labels, sets }
}

async function fill(
  folder: string,
  hosts: readonly FileParty[],
  columns: readonly SampleColumn[],
  usable: readonly { code: string; person: string }[],
  scopes: ReadonlyMap<string, ReadonlySet<string>>,
): Promise<void> {
  for (const column of columns) column.rows.fill(NO_ROW)
  for (const host of hosts) {
    const { dataset, idColumn, scope = '' } = PARTY_FILES[host]
    const table = await readTable(join(folder, host, `${dataset}.csv`))
    const ofKind = (kind: string) =>
      table.rows.filter((row) => host !== 'property' || table.cell(row, 'owner_kind') === kind)
    const byCode = rowsById(table, ofKind('uscc'), idColumn, 'uscc').byId
    const byPerson = host === 'property' ? rowsById(table, ofKind('id-card'), idColumn, 'id-card').byId : undefined
    for (const [i, { code, person }] of usable.entries()) {
      const allowed = scopes.get(code)?.has(scope) === true
      const row = byCode.get(code) ?? byPerson?.get(person)
      for (const column of columns) {
        if (!allowed) column.rows[i] = NO_CONSENT
        else if (row !== undefined) put(column, i, table, row)
      }
    }
  }
}

function put(column: SampleColumn, i: number, table: TextTable, row: readonly string[]): void {
  column.rows[i] = 0
  column.values[i] = numberOf(table.cell(row, column.code))
}

function numberOf(text: string): number {
  return text === '' ? Number.NaN : Number(text)
}

async function scopesIn(folder: string): Promise<Map<string, Set<string>>> {
  const table = await readTable(join(folder, 'bank/consent.csv'))
  const byCode = new Map<string, Set<string>>()
  for (const row of table.rows) {
    const cell = (column: string) => table.cell(row, column)
    const inForce = cell('signed_at') <= cell('applied_on') && cell('applied_on') <= cell('expires_at')
    if (cell('purpose') === LOAN_PURPOSE && inForce && cell('withdrawn_at') === '')
      byCode.set(cell('match_id'), new Set(cell('scope').split('|')))
  }
  return byCode
}

/** Names of the tables of a sample, the bank first. */
export const SAMPLE_PARTIES = Object.keys(TABLES) as readonly SynthParty[]
