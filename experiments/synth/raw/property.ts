// The property registry's raw tables: units, mortgages on them, seizures. Keyed by the owner as the feature row is.
import { dateText, drawDay } from '../calendar.ts'
import { fixed, type RawContext, type RawTable, shares } from './raw-table.ts'

const TYPES = ['住宅', '商业', '工业', '土地'] as const
const LENDERS = ['国有行', '股份行', '城商行', '农商行'] as const
const value = ({ values }: RawContext, code: string): number => values[code] ?? 0
const unitId = ({ record }: RawContext, k: number) => `U${String(record.applicant.row).padStart(9, '0')}-${k + 1}`

export const PROPERTY_RAW: readonly RawTable[] = [
  {
    name: 'property_unit',
    columns: ['unit_id', 'owner_key', 'type', 'area', 'reg_date', 'district', 'est_value', 'co_owned'],
    rows: (context, random) => {
      const count = value(context, 'p_cnt')
      const parts = shares(count, 0.4, random)
      return parts.map((part, k) => {
        const worth = value(context, 'p_val') * part
        const registered =
          context.record.applicant.month - Math.round(12 * value(context, 'p_years') * (k === 0 ? 1 : 0.5))
        const cells = [
          TYPES[random.category([0.55, 0.25, 0.15, 0.05])]!,
          fixed(worth * (0.5 + 0.4 * random.uniform()), 1),
          dateText(registered, drawDay(registered, random)),
          context.ids.uscc.slice(2, 8),
          fixed(worth, 4),
          random.uniform() < 0.3 ? 1 : 0,
        ]
        return `${unitId(context, k)},${context.key},${cells.join(',')}`
      })
    },
  },
  {
    name: 'mortgage',
    columns: ['unit_id', 'mortgagee_class', 'amount', 'from', 'to', 'released'],
    rows: (context, random) => {
      const open = value(context, 'p_mort')
      const amount = value(context, 'p_ltv') * value(context, 'p_val')
      const { month } = context.record.applicant
      return Array.from({ length: Math.max(1, open) }, (_, k) => {
        const age = value(context, 'p_recent') === 1 && k === 0 ? 3 : 8 + Math.floor(40 * random.uniform())
        const unit = unitId(context, k % Math.max(1, value(context, 'p_cnt')))
        const from = month - age
        const share = fixed(amount / Math.max(1, open), 4)
        const lender = LENDERS[Math.floor(random.uniform() * LENDERS.length)]!
        return `${unit},${lender},${share},${dateText(from, 1)},${dateText(from + 60, 1)},${open === 0 ? 1 : 0}`
      })
    },
  },
  {
    name: 'seizure',
    columns: ['unit_id', 'court', 'from', 'to'],
    rows: (context, random) => {
      if (value(context, 'p_seize') !== 1) return []
      const from = context.record.applicant.month - 1 - Math.floor(12 * random.uniform())
      return [
        `${unitId(context, 0)},${context.ids.uscc.slice(2, 6)}00 法院（合成）,${dateText(from, 1)},${dateText(from + 36, 1)}`,
      ]
    },
  },
]
