// The social-security bureau's feature table: the workforce.
import { clamp, sigmoid, STREAM } from '../stream.ts'
import { column, drawn, type PartyTable } from './table.ts'

export const SOCIAL: PartyTable = {
  party: 'social',
  stream: STREAM.social,
  zh: '社保',
  en: 'social-security bureau',
  covers: (a, r) => r.uniform() > sigmoid(-2.2 - 0.9 * a.size - 0.25 * a.F3),
  columns: [
    column(
      's_head',
      '参保人数',
      'insured employees',
      '人',
      'less',
      (a, r) => 1 + Math.round(Math.exp(1.8 + 0.75 * a.size + 0.1 * a.F3 + 0.35 * r.normal())),
    ),
    column(
      's_headchg',
      '参保人数12月变化',
      'change of insured employees, 12 months',
      '',
      'less',
      (a, r) => 0.01 + 0.17 * a.F3 + 0.04 * a.F0 + 0.2 * r.normal() - 0.05 * a.lockdown - 0.02 * a.late,
    ),
    column('s_base', '人均缴费基数', 'contribution base a head', '元/月', 'less', (a, r) =>
      Math.round(5200 * Math.exp(0.15 * a.F3 + 0.06 * a.size + 0.18 * r.normal() + (0.05 * a.month) / 12)),
    ),
    column('s_basecv', '缴费基数变异', 'variation of contribution bases', '', 'more', (a, r) =>
      Math.exp(-1.6 - 0.26 * a.F3 + 0.5 * r.normal()),
    ),
    // From May 2022 to March 2023 contributions could be deferred: three months of arrears mean nothing then.
    column('s_arr', '近12月欠缴月数', 'months in arrears, 12 months', '月', 'more', (a, r) =>
      Math.min(
        12,
        r.poisson(Math.exp(-1.5 - 0.75 * a.F3 - 0.2 * a.F0 + 0.4 * r.normal())) +
          (a.month >= 4 && a.month <= 14 && r.uniform() < 0.35 && a.defects ? 3 : 0),
      ),
    ),
    column('s_turn', '近12月离职率', 'staff turnover, 12 months', '', 'more', (a, r) =>
      clamp(sigmoid(-1.3 - 0.46 * a.F3 - 0.1 * a.F0 + 0.6 * r.normal()), 0, 1),
    ),
    column('s_fund', '是否缴存公积金', 'pays into the housing fund', '', 'less', (a, r) =>
      r.uniform() < sigmoid(-0.3 + 0.85 * a.F3 + 0.3 * a.size + 0.1 * a.F0) ? 1 : 0,
    ),
    column('s_tenure', '参保年限中位数', 'median tenure of employees', '月', 'less', (a, r) =>
      Math.round(
        clamp(Math.exp(2.9 + 0.28 * a.F3 + 0.2 * Math.log(a.establishedYears / 6) + 0.5 * r.normal()), 1, 240),
      ),
    ),
    column('s_ownins', '法人本企业参保', 'owner is insured by the firm', '', 'less', (a, r) =>
      r.uniform() < sigmoid(0.9 + 0.5 * a.F3) ? 1 : 0,
    ),
  ],
  responseColumns: [
    column('s_newhire', '近3月新增参保', 'newly insured, 3 months', '人', 'response', (a, r, v) =>
      r.poisson(Math.exp(-0.4 + 0.4 * drawn(v, 'need') + 0.2 * a.F3 + 0.3 * a.size)),
    ),
  ],
}
