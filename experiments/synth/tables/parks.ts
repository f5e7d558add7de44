// The park operators' feature table: rent, electricity and water of tenants. Three parks, one table.
import { clamp, sigmoid, STREAM } from '../stream.ts'
import { column, drawn, type PartyTable } from './table.ts'

const PARK_WEIGHTS = [0.5, 0.3, 0.2]

/** GB/T 2260 codes of the parks: Suzhou Industrial Park, Wuxi Xinwu, Nanjing Jiangning. */
export const PARK_REGIONS = ['320594', '320214', '320115'] as const

export const PARKS: PartyTable = {
  party: 'parks',
  stream: STREAM.parks,
  zh: '园区',
  en: 'industrial parks',
  covers: (a, r) =>
    r.uniform() <
    sigmoid(
      -0.55 + 0.5 * a.size * 0.6 + (a.industry === 'C' ? 0.55 : a.industry === 'I' || a.industry === 'M' ? 0.4 : -0.6),
    ),
  columns: [
    { hidden: 'park', draw: (_, r) => 1 + r.category(PARK_WEIGHTS) },
    column('k_ten', '入园月数', 'months in the park', '月', 'less', (a, r) =>
      clamp(Math.exp(2.9 + 0.3 * a.F5 + 0.6 * r.normal()), 1, 180),
    ),
    column('k_rentarr', '近12月欠租月数', 'months of rent arrears, 12 months', '月', 'more', (a, r) =>
      Math.min(12, r.poisson(Math.exp(-1.6 - 0.72 * a.F5 - 0.2 * a.F0 + 0.4 * r.normal() + 0.2 * a.lockdown))),
    ),
    column('k_area', '租赁面积', 'rented area', '㎡', 'none', (a, r) =>
      Math.exp(6.2 + 0.6 * a.size + 0.5 * r.normal()),
    ),
    // The planted unit defect: park 2 changes its unit from July 2023, a factor of 1000.
    column(
      'k_elec',
      '近12月用电量',
      'electricity, 12 months',
      '千kWh',
      'none',
      (a, r, v) =>
        Math.exp(4.2 + 0.8 * a.size + (a.industry === 'C' ? 0.9 : 0) + 0.15 * a.F5 + 0.4 * r.normal()) *
        (drawn(v, 'park') === 2 && a.month >= 18 && a.defects ? 0.001 : 1),
    ),
    column(
      'k_elecyoy',
      '用电同比',
      'electricity against last year',
      '',
      'less',
      (a, r) => 0.03 + 0.17 * a.F5 + 0.05 * a.F0 + 0.04 * a.F2 + 0.2 * r.normal() - 0.1 * a.lockdown,
    ),
    column('k_eleccv', '月用电变异', 'variation of monthly electricity', '', 'more', (a, r) =>
      Math.exp(-1.5 - 0.25 * a.F5 + 0.45 * r.normal()),
    ),
    column(
      'k_water',
      '用水同比',
      'water against last year',
      '',
      'less',
      (a, r) => 0.02 + 0.1 * a.F5 + 0.22 * r.normal(),
    ),
    column('k_lease', '剩余租期', 'months of lease left', '月', 'less', (a, r) =>
      clamp(Math.exp(2.6 + 0.3 * a.F5 + 0.6 * r.normal()), 0, 120),
    ),
    column('k_rating', '园区评级', 'park rating, A 4 to D 1', '', 'less', (a, r) => {
      const q = 0.1 + 0.65 * a.F5 + 0.25 * a.F0 + 0.8 * r.normal()
      return q > 1.1 ? 4 : q > 0 ? 3 : q > -1.1 ? 2 : 1
    }),
    column('k_cert', '高新/专精特新标志', 'certified high-tech firm', '', 'less', (a, r) =>
      r.uniform() < sigmoid(-1.8 + 0.5 * a.F5 + 0.4 * a.size + (['C', 'I', 'M'].includes(a.industry) ? 0.6 : -1.5))
        ? 1
        : 0,
    ),
    column('k_pat', '专利数', 'patents', '件', 'less', (a, r) =>
      r.poisson(Math.exp(-0.9 + 0.35 * a.F5 + 0.3 * a.size)),
    ),
  ],
  responseColumns: [
    column('k_expand', '扩租意向', 'asks for more space', '', 'response', (a, r, v) =>
      r.uniform() < sigmoid(-2.2 + 0.9 * drawn(v, 'need') + 0.2 * a.F5) ? 1 : 0,
    ),
  ],
}
