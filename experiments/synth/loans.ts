// The loans of an applicant that the bank approved: how many, when, how much, and how each one ended.
import type { Applicant } from './applicant.ts'
import { addDays, dateText, drawDay } from './calendar.ts'
import { openStream, STREAM } from './stream.ts'
import type { Values } from './tables/table.ts'
import { FIRST_RECENT_MONTH, type World } from './world.ts'

/** bad: 90 days past due or more within 12 months · indeterminate: 31 to 89 · good: at most 30 */
export type Outcome = 'good' | 'bad' | 'indeterminate'

export interface Loan {
  readonly loanId: string
  /** 1, 2 or 3; all are drawn under one application, so that features and month are the same */
  readonly number: number
  readonly drawnOn: string
  /** in 10,000 yuan */
  readonly amount: number
  readonly outcome: Outcome
  /** what the bank's file says: 1, 0, or empty where the outcome is indeterminate or not known yet */
  readonly label: '1' | '0' | ''
}

export interface Application {
  readonly applicationId: string
  readonly appliedOn: string
  readonly loans: readonly Loan[]
}

const TWO_LOANS = 0.09
const THREE_LOANS = 0.03
const INDETERMINATE_BASE = 0.004
const INDETERMINATE_SHARE_OF_RISK = 0.2

/**
 * Loan 1 ends as the applicant does; each further loan ends by the same risk, independently.
 * @param labelNoise share of labels that the file turns round
 */
export function drawApplication(world: World, a: Applicant, values: Readonly<Values>, labelNoise = 0): Application {
  const random = openStream(world.seed, STREAM.loans, a.row)
  const appliedOn = dateText(a.month, drawDay(a.month, random))
  const u = random.uniform()
  const count = values['approved'] !== 1 ? 0 : u < THREE_LOANS ? 3 : u < THREE_LOANS + TWO_LOANS ? 2 : 1
  const asked = (values['b_req'] ?? 0) * (values['b_inflow'] ?? 0)
  const applicationId = `A${String(a.row).padStart(9, '0')}`
  const loans: Loan[] = []
  let drawnOn = appliedOn
  for (let number = 1; number <= count; number++) {
    drawnOn = addDays(drawnOn, 1 + Math.floor(random.uniform() * 12))
    const share = number === 1 ? 1 : 0.2 + 0.6 * random.uniform()
    const bad = number === 1 ? a.bad === 1 : random.uniform() < a.trueRisk
    const grey = random.uniform() < INDETERMINATE_BASE + INDETERMINATE_SHARE_OF_RISK * a.trueRisk
    const turned = random.uniform() < labelNoise
    const outcome = bad ? 'bad' : grey ? 'indeterminate' : 'good'
    loans.push({
      loanId: `L${String(a.row).padStart(9, '0')}-${number}`,
      number,
      drawnOn,
      amount: Math.max(1, Math.round(10 * asked * share) / 10),
      outcome,
      label: labelOf(outcome, a.month, turned),
    })
  }
  return { applicationId, appliedOn, loans }
}

function labelOf(outcome: Outcome, month: number, turned: boolean): Loan['label'] {
  if (month >= FIRST_RECENT_MONTH || outcome === 'indeterminate') return ''
  return (outcome === 'bad') === turned ? '0' : '1'
}
