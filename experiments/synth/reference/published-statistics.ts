// What the reference generator measured on 300,000 applications of seed 20220101 (the design's section 3.3): booked
// loans of the development vintages. Missing in percent, rows that the party does not cover included.

export interface PublishedStatistics {
  readonly p5?: number
  readonly p50?: number
  readonly p95?: number
  /** of a flag, instead of percentiles */
  readonly mean?: number
  readonly missing: number
  readonly iv: number
}

export const PUBLISHED_STATISTICS: Readonly<Record<string, PublishedStatistics>> = {
  b_inflow: { p5: 52.4, p50: 256, p95: 1218, missing: 0.0, iv: 0.047 },
  b_cv: { p5: 0.183, p50: 0.397, p95: 0.862, missing: 0.0, iv: 0.194 },
  b_balr: { p5: 0.0438, p50: 0.117, p95: 0.34, missing: 0.0, iv: 0.115 },
  b_top5: { p5: 0.222, p50: 0.542, p95: 0.833, missing: 0.0, iv: 0.065 },
  b_trend: { p5: -0.334, p50: 0.0228, p95: 0.385, missing: 0.0, iv: 0.175 },
  b_faildebit: { p5: 0, p50: 0, p95: 1, missing: 0.0, iv: 0.024 },
  b_util: { p5: 0.156, p50: 0.489, p95: 0.887, missing: 7.5, iv: 0.116 },
  b_inq3: { p5: 0, p50: 1, p95: 5, missing: 7.5, iv: 0.097 },
  b_od24: { p5: 0, p50: 0, p95: 1, missing: 7.5, iv: 0.026 },
  b_lenders: { p5: 1, p50: 2, p95: 4, missing: 7.5, iv: 0.01 },
  b_guar: { p5: 0, p50: 0, p95: 0.398, missing: 7.5, iv: 0.024 },
  b_rel: { p5: 0, p50: 9.78, p95: 47.2, missing: 0.0, iv: 0.022 },
  b_req: { p5: 0.0725, p50: 0.193, p95: 0.512, missing: 0.0, iv: 0.112 },
  b_ownage: { p5: 28, p50: 43, p95: 58, missing: 0.0, iv: 0.001 },
  b_actdays: { p5: 21, p50: 52, p95: 77, missing: 0.0, iv: 0.109 },
  b_gap: { p5: 0.164, p50: 0.588, p95: 2.11, missing: 0.0, iv: 0.027 },
  b_login30: { p5: 0, p50: 2, p95: 5, missing: 0.0, iv: 0.003 },
  t_rating: { p5: 2, p50: 4, p95: 5, missing: 7.8, iv: 0.158 },
  t_sales: { p5: 79.2, p50: 391, p95: 1930, missing: 7.8, iv: 0.046 },
  t_yoy: { p5: -0.383, p50: 0.0281, p95: 0.438, missing: 7.8, iv: 0.183 },
  t_zero: { p5: 0, p50: 0, p95: 2, missing: 7.8, iv: 0.042 },
  t_actm: { p5: 9, p50: 11, p95: 12, missing: 7.8, iv: 0.051 },
  t_buyers: { p5: 4, p50: 16, p95: 66, missing: 7.8, iv: 0.061 },
  t_top1: { p5: 0.117, p50: 0.353, p95: 0.694, missing: 7.8, iv: 0.036 },
  t_red: { p5: 0.00746, p50: 0.0272, p95: 0.0992, missing: 7.8, iv: 0.121 },
  t_void: { p5: 0.0106, p50: 0.0368, p95: 0.128, missing: 7.8, iv: 0.062 },
  t_burden: { p5: 0.00732, p50: 0.028, p95: 0.0483, missing: 7.8, iv: 0.115 },
  t_late: { p5: 0, p50: 0, p95: 2, missing: 7.8, iv: 0.051 },
  t_arrears: { p5: 0, p50: 0, p95: 1.93, missing: 7.8, iv: 0.025 },
  t_margin: { p5: -0.0605, p50: 0.0452, p95: 0.151, missing: 28.2, iv: 0.182 },
  t_alr: { p5: 0.255, p50: 0.598, p95: 0.866, missing: 28.2, iv: 0.074 },
  t_gap: { p5: 6, p50: 19, p95: 57, missing: 7.8, iv: 0.179 },
  t_capex: { p5: 1.46, p50: 7.33, p95: 37, missing: 7.8, iv: 0.024 },
  s_head: { p5: 3, p50: 7, p95: 26, missing: 13.9, iv: 0.023 },
  s_headchg: { p5: -0.435, p50: 0.00337, p95: 0.442, missing: 13.9, iv: 0.16 },
  s_base: { p5: 3631, p50: 5388, p95: 8035, missing: 13.9, iv: 0.135 },
  s_basecv: { p5: 0.0792, p50: 0.201, p95: 0.507, missing: 13.9, iv: 0.076 },
  s_arr: { p5: 0, p50: 0, p95: 4, missing: 13.9, iv: 0.041 },
  s_turn: { p5: 0.0715, p50: 0.211, p95: 0.485, missing: 13.9, iv: 0.137 },
  s_fund: { mean: 0.443, missing: 13.9, iv: 0.049 },
  s_tenure: { p5: 7, p50: 18, p95: 47, missing: 13.9, iv: 0.076 },
  s_ownins: { mean: 0.704, missing: 13.9, iv: 0.018 },
  s_newhire: { p5: 0, p50: 1, p95: 3, missing: 13.9, iv: 0.018 },
  p_has: { mean: 0.512, missing: 0.0, iv: 0.156 },
  p_cnt: { p5: 1, p50: 1, p95: 3, missing: 48.8, iv: 0.167 },
  p_val: { p5: 74.2, p50: 212, p95: 616, missing: 48.8, iv: 0.25 },
  p_ltv: { p5: 0.0724, p50: 0.324, p95: 0.742, missing: 48.8, iv: 0.284 },
  p_mort: { p5: 0, p50: 0, p95: 2, missing: 48.8, iv: 0.169 },
  p_seize: { mean: 0.017, missing: 48.8, iv: 0.161 },
  p_years: { p5: 2.78, p50: 6.78, p95: 16.7, missing: 48.8, iv: 0.185 },
  p_recent: { mean: 0.102, missing: 48.8, iv: 0.16 },
  k_ten: { p5: 6.02, p50: 18.2, p95: 55.1, missing: 64.0, iv: 0.029 },
  k_rentarr: { p5: 0, p50: 0, p95: 2, missing: 64.0, iv: 0.023 },
  k_area: { p5: 144, p50: 530, p95: 1953, missing: 64.0, iv: 0.004 },
  k_elec: { p5: 22.2, p50: 118, p95: 615, missing: 64.0, iv: 0.009 },
  k_elecyoy: { p5: -0.451, p50: 0.00497, p95: 0.453, missing: 64.0, iv: 0.12 },
  k_eleccv: { p5: 0.0964, p50: 0.224, p95: 0.518, missing: 64.0, iv: 0.029 },
  k_water: { p5: -0.38, p50: 0.0196, p95: 0.418, missing: 64.0, iv: 0.026 },
  k_lease: { p5: 4.49, p50: 13.5, p95: 40.5, missing: 64.0, iv: 0.03 },
  k_rating: { p5: 1, p50: 3, p95: 4, missing: 64.0, iv: 0.064 },
  k_cert: { mean: 0.181, missing: 64.0, iv: 0.007 },
  k_pat: { p5: 0, p50: 0, p95: 2, missing: 64.0, iv: 0.014 },
  k_expand: { mean: 0.124, missing: 64.0, iv: 0.001 },
}
