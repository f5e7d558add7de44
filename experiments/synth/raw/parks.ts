// A park operator's raw tables; the three parks have the same.
import { dateText, monthText } from '../calendar.ts'
import { chooseMask, fixed, monthsBefore, type RawContext, type RawTable, shares } from './raw-table.ts'

const value = ({ values }: RawContext, code: string): number => values[code] ?? 0

export const PARKS_RAW: readonly RawTable[] = [
  {
    name: 'tenant',
    columns: ['uscc', 'entry_date', 'area', 'lease_end', 'rating', 'cert', 'patents'],
    rows: (context) => {
      const { month } = context.record.applicant
      const cells = [
        dateText(month - Math.round(value(context, 'k_ten')), 1),
        fixed(value(context, 'k_area'), 1),
        dateText(month + Math.round(value(context, 'k_lease')), 1),
        'DCBA'.charAt(value(context, 'k_rating') - 1),
        value(context, 'k_cert'),
        value(context, 'k_pat'),
      ]
      return [`${context.key},${cells.join(',')}`]
    },
  },
  {
    name: 'utility_month',
    columns: ['uscc', 'month', 'kwh', 'water_t', 'gas'],
    // In thousands of kWh, as the feature is; park 2 writes millions from July 2023 on.
    rows: (context, random) => {
      const parts = shares(12, value(context, 'k_eleccv'), random)
      return monthsBefore(context.record.applicant.month, 12).map((month, k) => {
        const kwh = value(context, 'k_elec') * parts[k]!
        const water =
          value(context, 'k_area') * 0.02 * (1 + value(context, 'k_water')) * Math.exp(0.1 * random.normal())
        return `${context.key},${monthText(month)},${Number(kwh.toPrecision(8))},${fixed(water, 1)},${fixed(3 * random.uniform(), 1)}`
      })
    },
  },
  {
    name: 'rent_month',
    columns: ['uscc', 'month', 'due', 'paid', 'arrears'],
    rows: (context, random) => {
      const unpaid = chooseMask(12, value(context, 'k_rentarr'), random)
      const due = fixed(value(context, 'k_area') * 0.003, 4)
      return monthsBefore(context.record.applicant.month, 12).map(
        (month, k) => `${context.key},${monthText(month)},${due},${unpaid[k] ? 0 : due},${unpaid[k] ? due : 0}`,
      )
    },
  },
]
