// What nobody in a federation knows: latents, true risks, outcomes of the rejected, labels before noise.
import type { FirmIds } from './feature-rows.ts'
import { heldRows } from './holders.ts'
import { drawApplication } from './loans.ts'
import { monthText } from './calendar.ts'
import { formatValue } from './number-text.ts'
import { PARTY_FILES } from './parties.ts'
import { HOSTS } from './counts.ts'
import type { FederationPlan } from './plan.ts'
import type { SynthRecord } from './record.ts'

const FIRMS = 'oracle/firms.csv'
const LOANS = 'oracle/loans.csv'
const REJECTS = 'oracle/rejects.csv'

/** Columns of the oracle's tables, by path. */
export const ORACLE_FILES: Readonly<Record<string, readonly string[]>> = {
  [FIRMS]: [
    'row',
    'uscc',
    'legal_rep_id',
    'vintage',
    'applied',
    'approved',
    'true_pd',
    'bad',
    'response',
    'size',
    'f0',
    'f1',
    'f2',
    'f3',
    'f4',
    'f5',
    'need',
    ...HOSTS.map((host) => `at_${host}`),
  ],
  [LOANS]: ['loan_id', 'row', 'outcome', 'true_label', 'file_label'],
  [REJECTS]: ['application_id', 'uscc', 'vintage', 'true_pd', 'bad'],
}

/** The oracle's rows about one firm. @param record with the bank's, the registry's and the parks' columns */
export function oracleRows(
  plan: FederationPlan,
  record: SynthRecord,
  ids: FirmIds,
): Readonly<Record<string, readonly string[]>> {
  const { applicant: a, values } = record
  const applied = a.row < plan.applications
  const held = HOSTS.map((host) => {
    const { table, park } = PARTY_FILES[host]
    if (park > 0 && values['park'] !== park) return 0
    return heldRows(plan.world.seed, table, record, false).length > 0 ? 1 : 0
  })
  const latents = [a.size, a.F0, a.F1, a.F2, a.F3, a.F4, a.F5, values['need']].map(formatValue)
  const vintage = monthText(a.month)
  const head = [a.row, ids.uscc, ids.legalRepresentative, vintage, applied ? 1 : 0, applied ? values['approved'] : '']
  const risk = [formatValue(a.trueRisk), a.bad, values['response']]
  const firm = [...head, ...risk, ...latents, ...held].join(',')
  if (!applied) return { [FIRMS]: [firm] }
  const { applicationId, loans } = drawApplication(plan.world, a, values, plan.labelNoise)
  const outcomes = loans.map(
    ({ loanId, outcome, label }) => `${loanId},${a.row},${outcome},${outcome === 'bad' ? 1 : 0},${label}`,
  )
  const reject =
    loans.length === 0 ? [`${applicationId},${ids.uscc},${vintage},${formatValue(a.trueRisk)},${a.bad}`] : []
  return { [FIRMS]: [firm], [LOANS]: outcomes, [REJECTS]: reject }
}
