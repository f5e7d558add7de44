// The bank's raw tables. Applications include those that were turned down; how those would have ended, only the oracle
// knows. Days past due of twelve months give back every label.
import { CITY_CODES, INDUSTRIES } from '../applicant.ts'
import { addDays, dateText, drawDay, monthEnd } from '../calendar.ts'
import { drawCourse } from '../course.ts'
import { CHANNELS, sizeClass } from '../feature-rows.ts'
import { drawApplication, type Loan } from '../loans.ts'
import { drawPeople } from '../people.ts'
import { fixed, type RawContext, type RawTable } from './raw-table.ts'
import type { RandomStream } from '../stream.ts'

const value = ({ values }: RawContext, code: string): number => values[code] ?? 0
/** The last month whose repayments are known: September 2024, so that vintages up to September 2023 have twelve. */
const LAST_KNOWN_MONTH = 32
const TERMS = 12
const CLASSES = ['正常', '关注', '次级'] as const

const applicationOf = ({ plan, record, values }: RawContext) =>
  drawApplication(plan.world, record.applicant, values, plan.labelNoise)

/**
 * Days past due in months 1 … 12. A bad loan falls behind by 30 days a month until it has 90 in the month of its
 * default, and goes on; others recover after their worst month: 31 to 89 days where indeterminate, at most 30 where good.
 * @param defaultMonth where it is known
 */
function daysPastDue({ outcome }: Loan, random: RandomStream, defaultMonth?: number): readonly number[] {
  const worst = outcome === 'bad' ? 90 : worstDays(outcome, random)
  const drawn = 4 + Math.floor(9 * Math.sqrt(random.uniform()))
  const peak = outcome === 'bad' ? (defaultMonth ?? drawn) : drawn
  return Array.from({ length: TERMS }, (_, k) => {
    const before = peak - k - 1
    return before < 0 && outcome !== 'bad' ? 0 : Math.max(0, Math.floor(worst - 30 * before))
  })
}

function worstDays(outcome: 'good' | 'indeterminate', random: RandomStream): number {
  if (outcome === 'indeterminate') return 31 + 58 * random.uniform()
  return random.uniform() < 0.08 ? 1 + 29 * random.uniform() : 0
}

export const BANK_RAW: readonly RawTable[] = [
  {
    name: 'enterprise',
    columns: [
      'uscc',
      'name',
      'legal_rep_name',
      'legal_rep_id',
      'mobile',
      'reg_date',
      'reg_capital_wan',
      'industry_code',
      'city_code',
      'size_class',
      'grid_id',
      'is_individual',
    ],
    rows: (context, random) => {
      const { applicant: a } = context.record
      const people = drawPeople(context.plan.world.seed, a)
      const founded = a.month - Math.round(12 * a.establishedYears)
      const cells = [
        context.key,
        people.firm,
        people.legalRepresentative,
        context.ids.legalRepresentative,
        people.mobile,
        dateText(founded, drawDay(founded, random)),
        fixed(Math.exp(4 + 0.8 * a.size + 0.5 * random.normal()), 0),
        `${a.industry}${10 + INDUSTRIES.indexOf(a.industry as (typeof INDUSTRIES)[number])}${10 + Math.floor(90 * random.uniform())}`,
        CITY_CODES[a.city],
        sizeClass(context.record),
        `G${CITY_CODES[a.city]}${String(Math.floor(400 * random.uniform())).padStart(3, '0')}`,
        context.ids.uscc.charAt(1) === '2' ? 1 : 0,
      ]
      return [cells.join(',')]
    },
  },
  {
    name: 'application',
    columns: [
      'app_id',
      'uscc',
      'product',
      'channel',
      'applied_on',
      'amount_wan',
      'term_m',
      'purpose',
      'decision',
      'decided_on',
      'limit_wan',
      'rate_bp',
      'override_flag',
      'consent_id',
    ],
    rows: (context, random) => {
      const { applicant: a } = context.record
      const { applicationId, appliedOn, loans } = applicationOf(context)
      const approved = loans.length > 0
      const amount = Math.max(1, value(context, 'b_req') * value(context, 'b_inflow'))
      const products = ['税e融', '快e贷', '人才e贷', '金e融']
      const cells = [
        applicationId,
        context.key,
        a.micro ? '微e融' : products[random.category([0.4, 0.35, 0.1, 0.15])]!,
        CHANNELS[a.channel]!,
        appliedOn,
        fixed(amount, 1),
        TERMS,
        '经营周转',
        approved ? 'A' : 'R',
        addDays(appliedOn, Math.floor(3 * random.uniform())),
        approved ? fixed(amount * (0.6 + 0.4 * random.uniform()), 1) : '',
        approved ? 385 + Math.floor(200 * random.uniform()) : '',
        random.uniform() < 0.02 ? 1 : 0,
        `C${context.ids.uscc.slice(8, 16)}1`,
      ]
      return [cells.join(',')]
    },
  },
  {
    name: 'loan',
    columns: ['loan_id', 'app_id', 'drawn_on', 'amount', 'rate', 'maturity', 'repay_type', 'guarantor_type'],
    rows: (context, random) => {
      const { applicationId, loans } = applicationOf(context)
      return loans.map((loan) => {
        const rate = fixed(3.85 + 2 * random.uniform())
        const guarantor = ['信用', '保证', '抵押'][random.category([0.6, 0.25, 0.15])]!
        return `${loan.loanId},${applicationId},${loan.drawnOn},${loan.amount},${rate},${addDays(loan.drawnOn, 365)},等额本息,${guarantor}`
      })
    },
  },
  {
    name: 'repay_monthly',
    columns: ['loan_id', 'mob', 'due', 'paid', 'balance', 'dpd', 'five_class'],
    rows: (context, random) => {
      const { defaultMonth } = drawCourse(context.plan.world, context.record.applicant)
      const known = Math.min(TERMS, LAST_KNOWN_MONTH - context.record.applicant.month)
      return applicationOf(context).loans.flatMap((loan) => {
        const overdue = daysPastDue(loan, random, loan.number === 1 ? defaultMonth : undefined)
        let balance = loan.amount
        return overdue.slice(0, known).map((days, k) => {
          const due = loan.amount / TERMS
          const paid = days > 0 ? 0 : due
          balance = Math.max(0, balance - paid)
          const cells = [k + 1, fixed(due, 4), fixed(paid, 4), fixed(balance, 4), days]
          return `${loan.loanId},${cells.join(',')},${CLASSES[days >= 90 ? 2 : days > 30 ? 1 : 0]}`
        })
      })
    },
  },
  {
    name: 'txn_daily',
    columns: ['uscc', 'date', 'in_amt', 'out_amt', 'balance', 'cpty_cnt'],
    // The days with settlements among the last 90: their number is b_actdays.
    rows: (context, random) => {
      if (value(context, 'approved') !== 1) return []
      const end = monthEnd(context.record.applicant.month - 1)
      const active = value(context, 'b_actdays')
      const perDay = value(context, 'b_inflow') / 4 / Math.max(1, active)
      let left = active
      const rows: string[] = []
      for (let day = 89; day >= 0; day--) {
        if (random.uniform() >= left / (day + 1)) continue
        left -= 1
        const inflow = perDay * (0.4 + 1.2 * random.uniform())
        const outflow = inflow * (0.9 + 0.2 * random.uniform())
        const balance = (value(context, 'b_balr') * value(context, 'b_inflow')) / 12
        rows.push(
          `${context.key},${addDays(end, -day)},${fixed(inflow)},${fixed(outflow)},${fixed(balance * (0.8 + 0.4 * random.uniform()))},${1 + Math.floor(6 * random.uniform())}`,
        )
      }
      return rows
    },
  },
  {
    name: 'bureau',
    columns: ['uscc', 'as_of', 'util', 'inq_3m', 'od_24m', 'lenders', 'guarantee'],
    rows: (context) => {
      const cells = ['b_util', 'b_inq3', 'b_od24', 'b_lenders', 'b_guar'].map((code) => value(context, code))
      if (cells.some(Number.isNaN)) return []
      const texts = cells.map((cell) => Number(cell.toPrecision(6)))
      return [`${context.key},${monthEnd(context.record.applicant.month - 1)},${texts.join(',')}`]
    },
  },
  {
    name: 'soft_info',
    columns: ['uscc', 'interview_date', 'stated_sales_band', 'stated_headcount', 'inventory_band', 'neighbour_opinion'],
    rows: (context, random) => {
      const { applicant: a } = context.record
      const band = Math.min(10, Math.max(1, Math.round(5.5 + 1.8 * a.size + 0.8 * random.normal())))
      const heads = 1 + Math.round(Math.exp(1.8 + 0.75 * a.size + 0.5 * random.normal()))
      const opinion = Math.min(5, Math.max(1, Math.round(3.4 + 0.6 * a.F0 + 0.7 * random.normal())))
      const { appliedOn } = applicationOf(context)
      const inventory = 1 + Math.floor(5 * random.uniform())
      return [`${context.key},${addDays(appliedOn, -3)},${band},${heads},${inventory},${opinion}`]
    },
  },
]
