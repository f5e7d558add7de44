// The post-loan tables: drawing down, repaying, settling, borrowing at the bank; operation at the partners. A row a
// month after the application, at the bank until the month before the first loan defaults.
import { monthText } from '../calendar.ts'
import { COURSE_MONTHS, type Course, drawCourse } from '../course.ts'
import { drawApplication } from '../loans.ts'
import { fixed, type RawContext, type RawTable } from './raw-table.ts'
import type { RandomStream } from '../stream.ts'
import type { SynthParty } from '../tables/table.ts'

type Cells = (course: Course, distress: number, random: RandomStream) => readonly (string | number)[]

const flag = (random: RandomStream, probability: number) => (random.uniform() < probability ? 1 : 0)
const courseOf = ({ plan, record }: RawContext) => drawCourse(plan.world, record.applicant)

/** Days past due stay out of `pay_dpd_prev`: it counts late days of the month before, as the bank's system did. */
const bankCells: Cells = ({ quality: q }, d, random) => [
  fixed(Math.min(1.05, Math.max(0, 0.45 - 0.12 * q + 0.3 * d + 0.18 * random.normal())), 4),
  flag(random, d > 0 ? Math.max(0.03, 0.25 * d) : 0.03),
  random.poisson(0.04 + 0.02 * Math.max(0, -q) + 0.9 * d * d),
  flag(random, 0.02 + 0.22 * d),
  fixed(Math.exp(-0.42 * d + 0.22 * random.normal() + 0.02 * q), 4),
  random.poisson(0.1 + 0.9 * d),
  random.poisson(0.5 + 0.9 * d),
  flag(random, 0.05 + 0.12 * d),
]

const BANK: RawTable = {
  name: 'behaviour_month',
  columns: [
    'loan_id',
    'mob',
    'use_ratio',
    'use_surge',
    'pay_dpd_prev',
    'pay_partial',
    'txn_inflow_ratio',
    'txn_failed',
    'fin_inq',
    'fin_newlender',
    'default_in_3m',
  ],
  rows: (context, random) => {
    const [loan] = drawApplication(context.plan.world, context.record.applicant, context.values).loans
    if (loan === undefined) return []
    const course = courseOf(context)
    const end = course.defaultMonth ?? COURSE_MONTHS + 1
    return Array.from({ length: Math.min(COURSE_MONTHS, end - 1) }, (_, k) => {
      const soon = course.defaultMonth !== undefined && course.defaultMonth - k - 1 <= 3 ? 1 : 0
      return `${loan.loanId},${k + 1},${bankCells(course, course.distress(k + 1), random).join(',')},${soon}`
    })
  },
}

function partnerTable(key: string, columns: readonly string[], cells: Cells): RawTable {
  return {
    name: 'behaviour_month',
    columns: [key, 'month', ...columns],
    rows: (context, random) => {
      const course = courseOf(context)
      const { month } = context.record.applicant
      return Array.from({ length: COURSE_MONTHS }, (_, k) => {
        const values = cells(course, course.distress(k + 1), random)
        return `${context.key},${monthText(month + k + 1)},${values.join(',')}`
      })
    },
  }
}

export const BEHAVIOUR: Readonly<Record<SynthParty, RawTable>> = {
  bank: BANK,
  tax: partnerTable('uscc', ['tax_yoy', 'inv_gap'], ({ quality: q }, d, random) => [
    fixed(0.05 + 0.06 * q - 0.22 * d + 0.16 * random.normal(), 4),
    fixed(Math.exp(2.6 + 0.6 * d + 0.45 * random.normal()), 1),
  ]),
  social: partnerTable('uscc', ['ss_headchg', 'ss_arr'], ({ quality: q }, d, random) => [
    fixed(0.02 * q - 0.12 * d + 0.1 * random.normal(), 4),
    random.poisson(0.12 + 0.7 * d),
  ]),
  property: partnerTable('owner_key', ['prop_seize'], (_, d, random) => [flag(random, 0.001 + 0.03 * d)]),
  parks: partnerTable('uscc', ['park_elec', 'park_rentarr'], (_, d, random) => [
    fixed(-0.25 * d + 0.14 * random.normal(), 4),
    random.poisson(0.08 + 0.8 * d),
  ]),
}
