// The property registry's feature table. The registry answers for everyone; who owns nothing has p_has = 0 alone.
import { clamp, sigmoid, STREAM } from '../stream.ts'
import { column, type Draw, drawn, type PartyTable } from './table.ts'

/** A column about property that is there: missing, and nothing drawn, for who owns none. */
const owner =
  (draw: Draw): Draw =>
  (a, r, v) =>
    drawn(v, 'p_has') === 1 ? draw(a, r, v) : Number.NaN

export const PROPERTY: PartyTable = {
  party: 'property',
  stream: STREAM.property,
  zh: '不动产登记',
  en: 'property registry',
  covers: () => true,
  columns: [
    column('p_has', '有登记不动产', 'owns registered property', '', 'less', (a, r) =>
      r.uniform() < sigmoid(0.1 + 1.3 * a.F4 + 0.45 * a.size + 0.15 * a.F0) ? 1 : 0,
    ),
    column(
      'p_cnt',
      '不动产套数',
      'units owned',
      '套',
      'less',
      owner((a, r) => 1 + r.poisson(Math.exp(-0.9 + 0.45 * a.F4 + 0.2 * a.size))),
    ),
    column(
      'p_val',
      '估值合计',
      'estimated value',
      '万元',
      'less',
      owner((a, r) => Math.exp(5.1 + 0.5 * a.F4 + 0.35 * a.size + 0.35 * r.normal() - 0.12 * a.late)),
    ),
    column(
      'p_ltv',
      '抵押率',
      'loan to value',
      '',
      'more',
      owner((a, r) => clamp(sigmoid(-0.3 - 0.95 * a.F4 - 0.1 * a.F0 + 0.7 * r.normal() + 0.25 * a.late), 0, 1.2)),
    ),
    column(
      'p_mort',
      '在押笔数',
      'open mortgages',
      '笔',
      'more',
      owner((a, r) => r.poisson(Math.exp(-0.4 - 0.4 * a.F4))),
    ),
    column(
      'p_seize',
      '查封标志',
      'seized by a court',
      '',
      'more',
      owner((a, r) => (r.uniform() < sigmoid(-4.0 - 1.0 * a.F4 - 0.3 * a.F0) ? 1 : 0)),
    ),
    column(
      'p_years',
      '首次登记年限',
      'years since first registration',
      '年',
      'less',
      owner((a, r) => clamp(Math.exp(1.8 + 0.25 * a.F4 + 0.5 * r.normal()), 0, 30)),
    ),
    column(
      'p_recent',
      '近6月新增抵押',
      'new mortgage, 6 months',
      '',
      'more',
      owner((a, r) => (r.uniform() < sigmoid(-2.0 - 0.6 * a.F4) ? 1 : 0)),
    ),
  ],
  responseColumns: [],
}
