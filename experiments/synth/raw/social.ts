// The social-security bureau's raw tables.
import { dateText, monthText } from '../calendar.ts'
import { chooseMask, fixed, monthsBefore, type RawContext, type RawTable } from './raw-table.ts'

const value = ({ values }: RawContext, code: string): number => values[code] ?? 0

/** From May 2022 to March 2023 contributions may be deferred. */
const isDeferral = ({ record: { applicant: a } }: RawContext) => a.defects && a.month >= 4 && a.month <= 14

/** Insured employees at the end of each of twelve months: the last is s_head, the first differs by s_headchg. */
function headcounts(context: RawContext): readonly number[] {
  const last = value(context, 's_head')
  const first = Math.max(1, Math.round(last / Math.max(0.2, 1 + value(context, 's_headchg'))))
  return Array.from({ length: 12 }, (_, k) => (k === 11 ? last : Math.round(first + ((last - first) * k) / 11)))
}

export const SOCIAL_RAW: readonly RawTable[] = [
  {
    name: 'ss_account',
    columns: ['uscc', 'open_date', 'status', 'deferral_flag'],
    rows: (context) => {
      const opened = context.record.applicant.month - Math.round(12 * context.record.applicant.establishedYears)
      return [`${context.key},${dateText(opened, 1)},正常,${isDeferral(context) ? 1 : 0}`]
    },
  },
  {
    name: 'ss_month',
    columns: ['uscc', 'month', 'insured', 'joined', 'left', 'base_sum', 'base_std', 'due', 'paid', 'owner_insured'],
    rows: (context, random) => {
      const heads = headcounts(context)
      const unpaid = chooseMask(12, value(context, 's_arr'), random)
      const base = value(context, 's_base')
      return monthsBefore(context.record.applicant.month, 12).map((month, k) => {
        const insured = heads[k]!
        const left = random.poisson(Math.min(25, (insured * value(context, 's_turn')) / 12))
        const joined = Math.max(0, insured - (heads[k - 1] ?? insured) + left)
        const due = 0.26 * base * insured
        const cells = [
          insured,
          joined,
          left,
          Math.round(base * insured),
          fixed(base * value(context, 's_basecv'), 2),
          fixed(due),
          unpaid[k] ? 0 : fixed(due),
          value(context, 's_ownins'),
        ]
        return `${context.key},${monthText(month)},${cells.join(',')}`
      })
    },
  },
  {
    name: 'housing_fund_month',
    columns: ['uscc', 'month', 'payers', 'amount'],
    rows: (context) => {
      if (value(context, 's_fund') !== 1) return []
      const heads = headcounts(context)
      return monthsBefore(context.record.applicant.month, 12).map((month, k) => {
        const payers = Math.max(1, Math.round(0.8 * heads[k]!))
        return `${context.key},${monthText(month)},${payers},${fixed(0.16 * value(context, 's_base') * payers)}`
      })
    },
  },
]
