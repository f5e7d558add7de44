// The tax bureau's feature table: invoices and returns. Income-tax columns miss for one firm in five.
import { clamp, sigmoid, STREAM } from '../stream.ts'
import { column, type Draw, drawn, type PartyTable } from './table.ts'

/** A column of the yearly income-tax return, which some firms do not file. */
const incomeTax =
  (draw: Draw): Draw =>
  (a, r, v) =>
    drawn(v, 'filed') === 1 ? draw(a, r, v) : Number.NaN

export const TAX: PartyTable = {
  party: 'tax',
  stream: STREAM.tax,
  zh: '税务',
  en: 'tax bureau',
  covers: (a, r) => r.uniform() > sigmoid(-2.9 + a.taxGap - 0.9 * a.size),
  columns: [
    column('t_rating', '纳税信用等级', 'tax credit rating, A 5 to D 1', '', 'less', (a, r) => {
      const q = 0.1 + 0.55 * a.F2 + 0.25 * a.F0 + 0.2 * a.size + 0.9 * r.normal()
      return q > 1.3 ? 5 : q > 0 ? 4 : q > -0.9 ? 3 : q > -1.9 ? 2 : 1
    }),
    column('t_sales', '近12月增值税申报销售额', 'declared sales, 12 months', '万元', 'less', (a, r) =>
      Math.exp(6.0 + 0.9 * a.size + 0.15 * a.F2 + 0.1 * a.F0 + 0.3 * r.normal() - 0.1 * a.lockdown),
    ),
    column(
      't_yoy',
      '销售额同比',
      'sales against last year',
      '',
      'less',
      (a, r) => 0.06 + 0.13 * a.F2 + 0.05 * a.F0 + 0.2 * r.normal() - 0.12 * a.lockdown - 0.05 * a.late,
    ),
    column('t_zero', '近12月零申报月数', 'months with zero returns, 12 months', '月', 'more', (a, r) =>
      Math.min(12, r.poisson(Math.exp(-1.1 - 0.42 * a.F2 - 0.2 * a.size + 0.4 * r.normal() + 0.25 * a.lockdown))),
    ),
    column('t_actm', '近12月开票月数', 'months with invoices, 12 months', '月', 'less', (a, r, v) =>
      Math.max(0, 12 - drawn(v, 't_zero') - r.poisson(Math.exp(-0.6 - 0.25 * a.F2))),
    ),
    column('t_buyers', '近12月受票方数', 'buyers invoiced, 12 months', '家', 'less', (a, r) =>
      Math.round(Math.exp(2.8 + 0.55 * a.size + 0.22 * a.F2 + 0.6 * r.normal())),
    ),
    column('t_top1', '第一大客户开票占比', 'share of the largest buyer', '', 'more', (a, r) =>
      sigmoid(-0.6 - 0.25 * a.F2 - 0.2 * a.size + 0.8 * r.normal()),
    ),
    column('t_red', '红字发票比例', 'share of reversed invoices', '', 'more', (a, r) =>
      clamp(Math.exp(-3.6 - 0.35 * a.F2 - 0.1 * a.F0 + 0.7 * r.normal()), 0, 0.6),
    ),
    column('t_void', '作废发票比例', 'share of voided invoices', '', 'more', (a, r) =>
      clamp(Math.exp(-3.3 - 0.28 * a.F2 + 0.7 * r.normal()), 0, 0.6),
    ),
    column('t_burden', '增值税税负率', 'VAT burden', '', 'less', (a, r) =>
      clamp(0.028 + 0.006 * a.F2 + 0.011 * r.normal(), 0, 0.12),
    ),
    column('t_late', '近24月逾期申报次数', 'late filings, 24 months', '次', 'more', (a, r) =>
      r.poisson(Math.exp(-1.3 - 0.45 * a.F2 - 0.2 * a.F0 + 0.4 * r.normal())),
    ),
    column('t_arrears', '欠税金额', 'tax arrears', '万元', 'more', (a, r) =>
      r.uniform() < sigmoid(-3.0 - 0.75 * a.F2 - 0.3 * a.F0) ? Math.exp(1.5 + 0.5 * a.size + 0.8 * r.normal()) : 0,
    ),
    { hidden: 'filed', draw: (_, r) => (r.uniform() > 0.22 ? 1 : 0) },
    column(
      't_margin',
      '所得税申报利润率',
      'declared profit margin',
      '',
      'less',
      incomeTax((a, r) => 0.045 + 0.035 * a.F2 + 0.02 * a.F0 + 0.05 * r.normal()),
    ),
    column(
      't_alr',
      '资产负债率',
      'liabilities to assets',
      '',
      'more',
      incomeTax((a, r) => clamp(sigmoid(0.4 - 0.35 * a.F2 - 0.2 * a.F0 + 0.8 * r.normal()), 0.02, 1.4)),
    ),
    column('t_gap', '最长断票天数', 'longest gap between invoices', '天', 'more', (a, r) =>
      Math.round(clamp(Math.exp(2.9 - 0.38 * a.F2 - 0.2 * a.size + 0.5 * r.normal() + 0.2 * a.lockdown), 0, 300)),
    ),
  ],
  responseColumns: [
    column('t_capex', '设备类进项', 'equipment bought, 12 months', '万元', 'response', (a, r, v) =>
      Math.exp(2.0 + 0.45 * drawn(v, 'need') + 0.15 * a.F2 + 0.5 * a.size + 0.7 * r.normal()),
    ),
  ],
}
