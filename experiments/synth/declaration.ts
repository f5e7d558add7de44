// How an agent should read a party's table: the data set to put into agent.yaml, and the dictionary of its columns.
import { stringify } from 'yaml'
import { LOAN_PURPOSE } from './consent.ts'
import { featureColumns, type FileParty, LABEL, PARTY_FILES, SAMPLE_ID, tablePath, VINTAGE } from './parties.ts'
import type { FederationPlan } from './plan.ts'
import type { ColumnDefinition } from './tables/table.ts'

/** Values that are no quantity: a modeler gives each a bin of its own. */
const SPECIAL_CODES: Readonly<Record<string, Readonly<Record<string, string>>>> = {
  b_rel: { '0': '新客户 new customer' },
  b_guar: { '0': '无对外担保 no guarantees' },
  t_arrears: { '0': '无欠税 no arrears' },
}

const SIGN = { more: '+', less: '-', none: '0', response: 'response' } as const

/** Features that say something about risk; those about demand for credit stay out of the offer. */
export function offeredColumns(party: FileParty): readonly ColumnDefinition[] {
  return featureColumns(party).filter((column) => column.risk !== 'response')
}

/** The text of <party>/dataset.yaml. */
export function declarationText(plan: FederationPlan, party: FileParty): string {
  const { dataset, zh, en, coverage, scope, table } = PARTY_FILES[party]
  const head = [
    `${zh} ${en}: the data set for agent.yaml, and a dictionary of its columns. Made by tributary synth.`,
    'Paths are relative to this file.',
  ]
  const body = {
    datasets: { [dataset]: datasetOf(plan, party) },
    dictionary: {
      party,
      coverage,
      ...(scope === undefined ? {} : { scope }),
      ...(party === 'bank'
        ? {
            sampleId: SAMPLE_ID,
            vintage: VINTAGE,
            secondId: { column: 'legal_rep_id', kind: 'id-card' },
            segments: ['city_code', 'industry', 'product', 'channel', 'size_class'],
            consent: { file: 'consent.csv', id: 'match_id', scope: 'scope', purpose: LOAN_PURPOSE },
          }
        : {}),
      ...(party === 'property' ? { idKindColumn: 'owner_kind' } : {}),
      ...(plan.raw ? { raw: `raw/*.csv, the records behind the ${table} columns` } : {}),
      columns: Object.fromEntries(featureColumns(party).map((column) => [column.code, dictionaryEntry(column)])),
    },
  }
  return `${head.map((line) => `# ${line}\n`).join('')}${stringify(body, { lineWidth: 120 })}`
}

function dictionaryEntry({ code, zh, en, unit, risk }: ColumnDefinition): object {
  const special = SPECIAL_CODES[code]
  return { zh, en, ...(unit === '' ? {} : { unit }), sign: SIGN[risk], ...(special === undefined ? {} : { special }) }
}

function datasetOf(plan: FederationPlan, party: FileParty): object {
  const { idColumn, idKind } = PARTY_FILES[party]
  const file = tablePath(party, plan.format).slice(party.length + 1)
  return {
    source: { [plan.format]: file },
    ids: {
      column: idColumn,
      kind: idKind,
      ...(party === 'bank' ? {} : { duplicates: 'last', orderBy: 'as_of' }),
    },
    ...(party === 'bank' ? { label: { column: LABEL } } : {}),
    columns: offeredColumns(party).map((column) => column.code),
    missing: { default: 'mean' },
  }
}
