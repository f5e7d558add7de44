// How an agent should read a party's table: the data set to put into its agent.yaml, with the dictionary of its columns.
import { stringify } from 'yaml'
import { CONSENT_PATH } from './chunk.ts'
import { LOAN_PURPOSE } from './consent.ts'
import { HOSTS } from './counts.ts'
import { featureColumns, type FileParty, LABEL, PARTY_FILES, SAMPLE_ID, tablePath, VINTAGE } from './parties.ts'
import type { FederationPlan } from './plan.ts'
import type { ColumnDefinition } from './tables/table.ts'

/** Values that are no quantity: nought stands for "none" or "new". */
const SPECIAL_CODES: Readonly<Record<string, readonly number[]>> = { b_rel: [0], b_guar: [0], t_arrears: [0] }

type Base = 'party' | 'federation'

const SIGN = { more: '+', less: '-', none: '0', response: '0' } as const

/** Features that say something about risk; those about demand for credit stay out of the offer. */
export function offeredColumns(party: FileParty): readonly ColumnDefinition[] {
  return featureColumns(party).filter((column) => column.risk !== 'response')
}

/** The text of <party>/dataset.yaml. */
export function declarationText(plan: FederationPlan, party: FileParty): string {
  const { dataset, zh, en, scope } = PARTY_FILES[party]
  const demand = featureColumns(party).filter((column) => column.risk === 'response')
  const head = [
    `${zh} ${en}: \`datasets\` for agent.yaml, made by tributary synth. Paths are relative to this file.`,
    ...(scope === undefined ? [] : [`Asked only about firms whose consent names ${scope}.`]),
    ...(demand.length === 0
      ? []
      : [`Not offered, about demand for credit: ${demand.map(({ code, zh: name }) => `${code} ${name}`).join(', ')}.`]),
    ...(plan.raw ? ['raw/*.csv are the records behind the columns.'] : []),
  ]
  const body = { datasets: { [dataset]: party === 'bank' ? bankDataset(plan) : hostDataset(plan, party) } }
  return `${head.map((line) => `# ${line}\n`).join('')}${stringify(body, { lineWidth: 120 })}`
}

/** One data set of agent.yaml for a host. @param base what paths are relative to: the party's folder, or the one of all */
export function hostDataset(plan: Pick<FederationPlan, 'format'>, party: FileParty, base: Base = 'party'): object {
  const { idColumn, idKind, coverage } = PARTY_FILES[party]
  return {
    source: { [plan.format]: relative(tablePath(party, plan.format), base) },
    ids: {
      column: idColumn,
      kind: idKind,
      duplicates: 'last',
      orderBy: 'as_of',
      ...(party === 'property' ? { kindColumn: 'owner_kind', kinds: { uscc: 'uscc', 'id-card': 'id-card' } } : {}),
    },
    coverage,
    ...offer(party),
  }
}

/** The bank's: loans, of which a firm may have several, with two ids, labels, months, and the consents of the firms. */
export function bankDataset(plan: Pick<FederationPlan, 'format' | 'parties'>, base: Base = 'party'): object {
  const scopes = HOSTS.filter((host) => plan.parties.includes(host)).map((host) => [host, PARTY_FILES[host].scope])
  return {
    source: { [plan.format]: relative(tablePath('bank', plan.format), base) },
    ids: {
      column: PARTY_FILES.bank.idColumn,
      kind: PARTY_FILES.bank.idKind,
      sampleId: SAMPLE_ID,
      second: { column: 'legal_rep_id', kind: 'id-card' },
    },
    label: { column: LABEL, indeterminate: [''] },
    ...(scopes.length === 0 ? {} : { consent: consentRule(Object.fromEntries(scopes), relative(CONSENT_PATH, base)) }),
    describe: {
      month: VINTAGE,
      amount: 'amount_wan',
      segments: ['city_code', 'industry', 'product', 'channel', 'size_class'],
    },
    ...offer('bank'),
  }
}

function consentRule(scopes: Readonly<Record<string, unknown>>, csv: string): object {
  return {
    source: { csv },
    id: 'match_id',
    scope: 'scope',
    purpose: 'purpose',
    signedAt: 'signed_at',
    expiresAt: 'expires_at',
    withdrawnAt: 'withdrawn_at',
    purposes: [LOAN_PURPOSE],
    observedAt: 'applied_on',
    scopes,
  }
}

/** @param path from the folder of the federation, which starts with the folder of the party */
function relative(path: string, base: Base): string {
  return base === 'party' ? path.slice(path.indexOf('/') + 1) : path
}

/** Columns, what they mean, and what their missing values mean. Partners' columns keep the names that hide them. */
function offer(party: FileParty): object {
  const columns = offeredColumns(party)
  return {
    columns: columns.map(({ code }) => code),
    missing: { default: 'mean' },
    features: Object.fromEntries(
      columns.map(({ code, zh, en, unit, risk }) => [
        code,
        {
          ...(party === 'bank' ? { alias: code } : {}),
          zh,
          en,
          ...(unit === '' ? {} : { unit }),
          sign: SIGN[risk],
          ...(SPECIAL_CODES[code] === undefined ? {} : { specials: SPECIAL_CODES[code] }),
        },
      ]),
    ),
  }
}
