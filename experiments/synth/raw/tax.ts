// The tax bureau's raw tables. Sums over twelve months give back the columns of the feature table.
import { dateText, drawDay, monthText } from '../calendar.ts'
import { chooseMask, fixed, monthsBefore, type RawContext, type RawTable, shares } from './raw-table.ts'
import type { RandomStream } from '../stream.ts'

const value = ({ values }: RawContext, code: string): number => values[code] ?? 0

/** Which of the twelve months have sales: t_zero of them are zero returns. */
function salesMonths(context: RawContext, random: RandomStream) {
  const zero = chooseMask(12, value(context, 't_zero'), random)
  const weights = shares(12, 0.35, random).map((share, k) => (zero[k] ? 0 : share))
  const sum = weights.reduce((total, x) => total + x, 0)
  return { zero, weights: weights.map((x) => (sum === 0 ? 0 : x / sum)) }
}

export const TAX_RAW: readonly RawTable[] = [
  {
    name: 'tax_register',
    columns: ['uscc', 'taxpayer_type', 'rating', 'rating_year', 'status'],
    rows: (context) => {
      const rating = 'DCMBA'.charAt(value(context, 't_rating') - 1)
      const type = value(context, 't_sales') > 500 ? '一般' : '小规模'
      return [`${context.key},${type},${rating},${monthText(context.record.applicant.month - 12).slice(0, 4)},正常`]
    },
  },
  {
    name: 'vat_return',
    columns: ['uscc', 'period', 'sales', 'output_vat', 'input_vat', 'payable', 'filed_on', 'is_zero'],
    rows: (context, random) => {
      const { zero, weights } = salesMonths(context, random)
      return monthsBefore(context.record.applicant.month, 12).map((month, k) => {
        const sales = value(context, 't_sales') * weights[k]!
        const payable = sales * value(context, 't_burden')
        const output = 0.13 * sales
        const filed = dateText(month + 1, 1 + Math.floor(random.uniform() * 15))
        return `${context.key},${monthText(month)},${fixed(sales, 4)},${fixed(output, 4)},${fixed(output - payable, 4)},${fixed(payable, 4)},${filed},${zero[k] ? 1 : 0}`
      })
    },
  },
  {
    name: 'invoice_month',
    columns: ['uscc', 'month', 'amt', 'cnt', 'buyers', 'top1_share', 'red_amt', 'void_cnt', 'equip_input'],
    rows: (context, random) => {
      const active = chooseMask(12, value(context, 't_actm'), random)
      const weights = shares(12, 0.35, random)
      const sum = weights.reduce((total, x, k) => (active[k] ? total + x : total), 0)
      return monthsBefore(context.record.applicant.month, 12).flatMap((month, k) => {
        if (!active[k]) return []
        const share = weights[k]! / sum
        const amount = value(context, 't_sales') * share
        const count = 1 + random.poisson(Math.min(25, value(context, 't_buyers') * share * 3))
        const cells = [
          fixed(amount, 4),
          count,
          Math.min(count, Math.max(1, Math.round(value(context, 't_buyers') * (0.3 + 0.4 * random.uniform())))),
          fixed(value(context, 't_top1'), 4),
          fixed(amount * value(context, 't_red'), 4),
          Math.round(count * value(context, 't_void')),
          fixed(value(context, 't_capex') * share, 4),
        ]
        return [`${context.key},${monthText(month)},${cells.join(',')}`]
      })
    },
  },
  {
    name: 'cit_return',
    columns: ['uscc', 'year', 'revenue', 'cost', 'profit', 'assets', 'liabilities'],
    rows: (context) => {
      if (Number.isNaN(value(context, 't_margin'))) return []
      const revenue = value(context, 't_sales')
      const profit = revenue * value(context, 't_margin')
      const assets = 0.9 * revenue
      const cells = [revenue, revenue - profit, profit, assets, assets * value(context, 't_alr')]
      const year = monthText(context.record.applicant.month - 12).slice(0, 4)
      return [`${context.key},${year},${cells.map((cell) => fixed(cell, 4)).join(',')}`]
    },
  },
  {
    name: 'arrears',
    columns: ['uscc', 'tax_kind', 'amount', 'since'],
    rows: (context, random) => {
      if (value(context, 't_arrears') === 0) return []
      const since = context.record.applicant.month - 1 - Math.floor(6 * random.uniform())
      return [
        `${context.key},增值税,${fixed(value(context, 't_arrears'), 4)},${dateText(since, drawDay(since, random))}`,
      ]
    },
  },
]
