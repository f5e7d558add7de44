// The bank's feature table: account behaviour and the credit bureau. A thin bureau file misses the bureau's columns.
import { clamp, sigmoid, STREAM } from '../stream.ts'
import { column, type Draw, drawn, type PartyTable } from './table.ts'

/** A bureau column: missing, and nothing drawn, for a thin file. */
const bureau =
  (draw: Draw): Draw =>
  (a, r, v) =>
    drawn(v, 'thin') === 1 ? Number.NaN : draw(a, r, v)

export const BANK: PartyTable = {
  party: 'bank',
  stream: STREAM.bank,
  zh: '银行',
  en: 'bank',
  covers: () => true,
  columns: [
    { hidden: 'thin', draw: (a, r) => (r.uniform() < 0.06 + 0.05 * (a.micro ? 1 : 0) ? 1 : 0) },
    column('b_inflow', '近12月账户流入', 'account inflow, 12 months', '万元', 'less', (a, r) =>
      Math.exp(5.6 + 0.85 * a.size + 0.12 * a.F0 + 0.12 * a.F1 + 0.35 * r.normal() - 0.08 * a.lockdown),
    ),
    column('b_cv', '月流入变异系数', 'variation of monthly inflow', '', 'more', (a, r) =>
      Math.exp(-0.9 - 0.25 * a.F1 - 0.1 * a.F0 + 0.4 * r.normal() + 0.1 * a.lockdown),
    ),
    column('b_balr', '日均余额/月流入', 'average balance to inflow', '', 'less', (a, r) =>
      Math.exp(-2.3 + 0.34 * a.F1 + 0.1 * a.F0 + 0.6 * r.normal()),
    ),
    column('b_top5', '前五交易对手占比', 'share of top five counterparties', '', 'more', (a, r) =>
      sigmoid(0.2 - 0.25 * a.F1 - 0.25 * a.size + 0.8 * r.normal()),
    ),
    column(
      'b_trend',
      '近6月净流入趋势',
      'trend of net inflow, 6 months',
      '',
      'less',
      (a, r) => 0.02 + 0.08 * a.F1 + 0.04 * a.F0 + 0.03 * a.F2 + 0.2 * r.normal() - 0.05 * a.lockdown - 0.02 * a.late,
    ),
    column('b_faildebit', '近6月扣款失败次数', 'failed debits, 6 months', '次', 'more', (a, r) =>
      r.poisson(Math.exp(-1.2 - 0.5 * a.F1 - 0.15 * a.F0 + 0.4 * r.normal())),
    ),
    column(
      'b_util',
      '征信授信使用率',
      'use of bureau credit lines',
      '',
      'more',
      bureau((a, r) => clamp(sigmoid(-0.1 - 0.52 * a.F1 - 0.12 * a.F0 + 0.85 * r.normal()) * 1.15, 0, 1.15)),
    ),
    column(
      'b_inq3',
      '近3月查询次数',
      'bureau inquiries, 3 months',
      '次',
      'more',
      bureau((a, r) =>
        r.poisson(Math.exp(0.4 - 0.36 * a.F1 - 0.1 * a.F0 + 0.35 * r.normal() + (a.channel === 2 ? 0.25 : 0))),
      ),
    ),
    column(
      'b_od24',
      '近24月逾期次数',
      'overdue events, 24 months',
      '次',
      'more',
      bureau((a, r) => r.poisson(Math.exp(-1.5 - 0.58 * a.F1 - 0.2 * a.F0 + 0.5 * r.normal()))),
    ),
    column(
      'b_lenders',
      '在贷机构数',
      'current lenders',
      '家',
      'more',
      bureau((a, r) => 1 + r.poisson(Math.exp(0.2 - 0.2 * a.F1 + 0.3 * a.size))),
    ),
    column(
      'b_guar',
      '对外担保/授信',
      'guarantees given to credit lines',
      '',
      'more',
      bureau((a, r) => (r.uniform() < 0.25 ? Math.exp(-1.5 - 0.3 * a.F1 + 0.7 * r.normal()) : 0)),
    ),
    column('b_rel', '合作月数', 'months with the bank', '月', 'less', (a, r) =>
      r.uniform() < 0.25 ? 0 : clamp(Math.exp(2.6 + 0.15 * a.F1 + 0.8 * r.normal()), 1, 240),
    ),
    column('b_req', '申请额/年流入', 'amount asked to yearly inflow', '', 'more', (a, r) =>
      clamp(Math.exp(-1.6 - 0.22 * a.F1 - 0.1 * a.F0 + 0.55 * r.normal()), 0.01, 5),
    ),
    column('b_ownage', '实控人年龄', 'age of the owner', '岁', 'none', (_, r) =>
      Math.round(clamp(43 + 9 * r.normal(), 20, 68)),
    ),
    column('b_actdays', '近90日活跃结算天数', 'days with settlements, 90 days', '天', 'less', (a, r) =>
      Math.round(clamp(90 * sigmoid(0.3 + 0.3 * a.F1 + 0.5 * a.size + 0.7 * r.normal()), 0, 90)),
    ),
    {
      // The policy of the past, on the bank's data alone: it decides who was booked, and so biases the sample.
      hidden: 'approved',
      draw: (a, r, v) => {
        const score =
          (0.9 * (Math.log(drawn(v, 'b_balr')) + 2.3)) / 0.7 -
          0.5 * drawn(v, 'b_faildebit') -
          (0.6 * ((drawn(v, 'b_util') || 0.5) - 0.5)) / 0.25 -
          0.5 * (drawn(v, 'b_od24') || 0) +
          0.9 * r.normal() +
          0.15 * a.size
        return score > -1.6 - 0.02 * a.month ? 1 : 0
      },
    },
  ],
  responseColumns: [
    column('b_gap', '资金缺口指数', 'funding gap', '', 'response', (a, r, v) =>
      Math.exp(-0.5 + 0.3 * drawn(v, 'need') - 0.15 * a.F1 + 0.7 * r.normal()),
    ),
    column('b_login30', '近30日网银登录', 'online banking logins, 30 days', '次', 'response', (_, r, v) =>
      r.poisson(Math.exp(0.6 + 0.28 * drawn(v, 'need') + 0.3 * r.normal())),
    ),
  ],
}
