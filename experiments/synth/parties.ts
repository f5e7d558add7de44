// The parties of a federation as files: who they are, what their table is called, and how an agent should read it.
import type { IdKind } from '#protocols/core/ids.ts'
import type { Scope } from './consent.ts'
import { TABLES } from './record.ts'
import { type ColumnDefinition, type SynthParty, writtenColumns } from './tables/table.ts'

export const FILE_PARTIES = ['bank', 'tax', 'social', 'property', 'park-a', 'park-b', 'park-c'] as const
export type FileParty = (typeof FILE_PARTIES)[number]
export type Host = Exclude<FileParty, 'bank'>

export interface PartyFiles {
  readonly party: FileParty
  /** the table that the columns come from; three parks share one */
  readonly table: SynthParty
  /** 1, 2 or 3 for a park, as drawn; 0 for the others */
  readonly park: number
  /** name of the data set and of its file */
  readonly dataset: string
  readonly idColumn: string
  readonly idKind: IdKind
  /**
   * complete: who has no row has nothing (a registry); partial: who has no row is not known here.
   */
  readonly coverage: 'complete' | 'partial'
  /** what a consent must name for the bank to ask this party; the bank itself needs none */
  readonly scope?: Scope
  readonly zh: string
  readonly en: string
}

const PARK = { table: 'parks', dataset: 'tenants', idColumn: 'match_id', idKind: 'uscc', coverage: 'partial' } as const

export const PARTY_FILES: Readonly<Record<FileParty, PartyFiles>> = {
  bank: {
    party: 'bank',
    table: 'bank',
    park: 0,
    dataset: 'loans',
    idColumn: 'match_id',
    idKind: 'uscc',
    coverage: 'complete',
    zh: '银行',
    en: 'bank',
  },
  tax: {
    party: 'tax',
    table: 'tax',
    park: 0,
    dataset: 'filings',
    idColumn: 'match_id',
    idKind: 'uscc',
    coverage: 'partial',
    scope: 'TAX',
    zh: '税务局',
    en: 'tax bureau',
  },
  social: {
    party: 'social',
    table: 'social',
    park: 0,
    dataset: 'insurance',
    idColumn: 'match_id',
    idKind: 'uscc',
    coverage: 'partial',
    scope: 'SS',
    zh: '社保局',
    en: 'social-security bureau',
  },
  property: {
    party: 'property',
    table: 'property',
    park: 0,
    dataset: 'registry',
    idColumn: 'owner_key',
    idKind: 'uscc',
    coverage: 'complete',
    scope: 'PROPERTY',
    zh: '不动产登记中心',
    en: 'property registry',
  },
  'park-a': { ...PARK, party: 'park-a', park: 1, scope: 'PARK', zh: '苏州工业园区', en: 'Suzhou Industrial Park' },
  'park-b': { ...PARK, party: 'park-b', park: 2, scope: 'PARK', zh: '无锡新吴园区', en: 'Wuxi Xinwu park' },
  'park-c': { ...PARK, party: 'park-c', park: 3, scope: 'PARK', zh: '南京江宁园区', en: 'Nanjing Jiangning park' },
}

/** Columns before the features, in the order of the file. */
const HEADS: Readonly<Record<SynthParty, readonly string[]>> = {
  bank: [
    'loan_id',
    'match_id',
    'legal_rep_id',
    'vintage',
    'applied_on',
    'drawn_on',
    'as_of',
    'y',
    'city_code',
    'industry',
    'product',
    'channel',
    'size_class',
    'amount_wan',
  ],
  tax: ['match_id', 'as_of'],
  social: ['match_id', 'as_of'],
  property: ['owner_key', 'owner_kind', 'as_of'],
  parks: ['match_id', 'as_of'],
}

export const LABEL = 'y'
export const SAMPLE_ID = 'loan_id'
export const VINTAGE = 'vintage'

export function featureColumns(party: FileParty): readonly ColumnDefinition[] {
  return writtenColumns(TABLES[PARTY_FILES[party].table])
}

/** Header of a party's feature table. */
export function tableColumns(party: FileParty): readonly string[] {
  return [...HEADS[PARTY_FILES[party].table], ...featureColumns(party).map((column) => column.code)]
}

/** Path of a party's feature table inside the federation's folder. */
export function tablePath(party: FileParty, format: 'csv' | 'parquet' = 'csv'): string {
  return `${party}/${PARTY_FILES[party].dataset}.${format}`
}
