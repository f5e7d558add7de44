// What every column of the tables means, in both languages, and how its values are written for a reader.
import type { Cell } from '../evaluation/pack.ts'

export type Language = 'zh' | 'en'

/**
 * How values are written: share as per cent, measure with four digits, delta with its sign, points and counts whole,
 * odds with one digit, p with its order of magnitude.
 */
export type ColumnKind = 'text' | 'count' | 'share' | 'measure' | 'delta' | 'number' | 'points' | 'odds' | 'p' | 'bytes'

type Entry = readonly [kind: ColumnKind, zh: string, en: string]

const COLUMNS: Readonly<Record<string, Entry>> = {
  actual_over_expected: ['odds', '实际/预期', 'actual / expected'],
  algorithm: ['text', '算法', 'algorithm'],
  actual_pct: ['share', '现时占比', 'now'],
  auc: ['measure', 'AUC', 'AUC'],
  auc_high: ['measure', 'AUC 上限', 'AUC high'],
  auc_low: ['measure', 'AUC 下限', 'AUC low'],
  auc_per_gib: ['number', '每 GiB 的 AUC', 'AUC per GiB'],
  avg_limit: ['odds', '平均额度', 'average limit'],
  bad: ['count', '坏样本', 'bad'],
  bad_rate: ['share', '坏账率', 'bad rate'],
  bad_rate_at_80_approval: ['share', '通过率 80% 时坏账率', 'bad rate at 80 % approval'],
  bad_rate_dev: ['share', '开发样本坏账率', 'bad rate, dev'],
  bad_after: ['count', '剩余坏样本', 'bad after'],
  bad_rate_after: ['share', '剩余坏账率', 'bad rate after'],
  band: ['text', '分数段', 'band'],
  beta: ['number', '系数', 'beta'],
  bin: ['text', '箱', 'bin'],
  bin_iv: ['number', '箱 IV', 'bin IV'],
  bin_label: ['text', '箱标签', 'bin label'],
  bin_no: ['text', '箱号', 'bin no.'],
  brier: ['measure', 'Brier 分', 'Brier'],
  bytes: ['bytes', '流量', 'traffic'],
  bytes_sent: ['bytes', '发送流量', 'bytes sent'],
  calibration_ratio: ['odds', '校准比', 'calibration ratio'],
  capture_at_10: ['share', '前 10% 捕获率', 'capture at 10 %'],
  capture_top10: ['share', '前 10% 捕获', 'capture top 10 %'],
  capture_top20: ['share', '前 20% 捕获', 'capture top 20 %'],
  capture_top30: ['share', '前 30% 捕获', 'capture top 30 %'],
  centralised: ['number', '集中式', 'centralised'],
  check: ['text', '检查项', 'check'],
  coalition: ['text', '参与方组合', 'coalition'],
  contribution_pct: ['share', '贡献占比', 'contribution'],
  corr_max: ['number', '最大相关系数', 'max |r|'],
  cover: ['odds', '覆盖度', 'cover'],
  cover_pct: ['share', '覆盖占比', 'share of cover'],
  coverage_pct: ['share', '覆盖率', 'coverage'],
  csi: ['number', '特征稳定性', 'feature stability'],
  csi_i: ['number', '分项', 'term'],
  cum_bad_pct: ['share', '累计坏占比（捕获率）', 'cum. bad (capture)'],
  cum_bad_rate: ['share', '累计坏账率', 'cum. bad rate'],
  cum_good_pct: ['share', '累计好占比', 'cum. good'],
  cum_n_pct: ['share', '累计占比', 'cum. share'],
  curve: ['text', '曲线', 'curve'],
  delta_alone: ['delta', '银行+该方 增量', 'bank + partner'],
  delta_alone_high: ['delta', '上限', 'high'],
  delta_alone_low: ['delta', '下限', 'low'],
  delta_auc: ['delta', 'AUC 差', 'AUC difference'],
  delta_auc_high: ['delta', '上限', 'high'],
  delta_auc_low: ['delta', '下限', 'low'],
  delta_high: ['delta', '增量上限', 'delta high'],
  delta_ks: ['delta', 'KS 差', 'KS difference'],
  delta_ks_high: ['delta', '上限', 'high'],
  delta_ks_low: ['delta', '下限', 'low'],
  delta_leave_one_out: ['delta', '剔除该方的损失', 'leave-one-out'],
  delta_loo_high: ['delta', '上限', 'high'],
  delta_loo_low: ['delta', '下限', 'low'],
  delta_low: ['delta', '增量下限', 'delta low'],
  delta_vs_bank_only: ['delta', '较仅银行', 'vs bank only'],
  dev_pct: ['share', '开发占比', 'dev'],
  diff: ['number', '差值', 'difference'],
  dimension: ['text', '维度', 'dimension'],
  diff_to_first: ['number', '较首个作业', 'against the first'],
  depth: ['text', '层', 'level'],
  dist_bad: ['share', '坏样本分布', 'dist. of bad'],
  dist_good: ['share', '好样本分布', 'dist. of good'],
  ece: ['measure', '期望校准误差', 'ECE'],
  exact_points: ['odds', '精确分', 'exact points'],
  expected_pct: ['share', '开发占比', 'expected'],
  expected_pd: ['share', '预期违约率', 'expected PD'],
  expected_sign_ok: ['text', '方向一致', 'sign agrees'],
  extra_approval_pct: ['share', '增量通过率', 'extra approval rate'],
  extra_approvals_at_equal_bad_rate: ['count', '等坏账率下多通过', 'extra approvals at equal bad rate'],
  feature: ['text', '特征', 'feature'],
  feature_code: ['text', '特征代码', 'feature'],
  feature_name: ['text', '特征名', 'name'],
  feature_name_en: ['text', '特征名（英文）', 'name'],
  feature_name_zh: ['text', '特征名', 'name'],
  federated: ['number', '联邦', 'federated'],
  flag: ['text', '标记', 'flag'],
  gain: ['odds', '增益', 'gain'],
  gain_pct: ['share', '增益占比', 'share of gain'],
  gini: ['measure', '基尼系数', 'Gini'],
  gini_high: ['measure', '上限', 'high'],
  gini_low: ['measure', '下限', 'low'],
  good: ['count', '好样本', 'good'],
  hosmer_lemeshow_p: ['p', 'HL 检验 p 值', 'Hosmer-Lemeshow p'],
  iv: ['number', '信息值 IV', 'IV'],
  iv_band: ['text', 'IV 等级', 'IV band'],
  job_id: ['text', '作业', 'job'],
  high: ['number', '上限', 'high'],
  low: ['number', '下限', 'low'],
  kept: ['text', '保留', 'kept'],
  ks: ['measure', 'KS', 'KS'],
  ks_at_score: ['points', 'KS 处得分', 'KS at score'],
  ks_high: ['measure', 'KS 上限', 'KS high'],
  ks_low: ['measure', 'KS 下限', 'KS low'],
  lift: ['odds', '提升度', 'lift'],
  leaf_value: ['number', '叶值', 'leaf value'],
  left: ['text', '左侧', 'left'],
  lift_top10: ['odds', '前 10% 提升度', 'lift top 10 %'],
  lift_top5: ['odds', '前 5% 提升度', 'lift top 5 %'],
  ln_ratio: ['number', '对数比', 'ln ratio'],
  log_loss: ['measure', '对数损失', 'log loss'],
  loss_holdout: ['number', '测试集损失', 'hold-out loss'],
  loss_train: ['number', '训练集损失', 'training loss'],
  mae: ['number', '平均绝对误差', 'mean absolute error'],
  mean_expected: ['number', '平均预测值', 'mean expected'],
  mean_pd: ['share', '平均预测违约率', 'mean PD'],
  mean_target: ['number', '平均实际值', 'mean observed'],
  metric: ['text', '指标', 'metric'],
  mean: ['number', '均值', 'mean'],
  missing_pct: ['share', '缺失率', 'missing'],
  mode: ['text', '模式', 'mode'],
  model: ['text', '模型', 'model'],
  monotonic: ['text', '单调', 'monotonic'],
  n: ['count', '样本数', 'n'],
  n_unique: ['count', '不同取值数', 'distinct'],
  n_after: ['count', '剩余', 'after'],
  n_bad: ['count', '坏样本', 'bad'],
  n_before: ['count', '之前', 'before'],
  n_good: ['count', '好样本', 'good'],
  n_indeterminate: ['count', '不确定样本', 'indeterminate'],
  n_input: ['count', '输入', 'input'],
  n_intersection: ['count', '交集', 'intersection'],
  n_pct: ['share', '占比', 'share'],
  n_pct_dev: ['share', '开发样本占比', 'share, dev'],
  n_removed: ['count', '剔除', 'removed'],
  n_scored: ['count', '打分数', 'scored'],
  n_unlabelled: ['count', '无标签', 'no label'],
  n_valid: ['count', '有效', 'valid'],
  neutral_points: ['odds', '中性分', 'neutral points'],
  node: ['text', '节点', 'node'],
  now_pct: ['share', '现时占比', 'now'],
  odds: ['odds', '好坏比', 'odds'],
  p_value: ['p', 'p 值', 'p'],
  party: ['text', '参与方', 'party'],
  pass: ['text', '结论', 'result'],
  poisson_deviance: ['measure', '泊松偏差', 'Poisson deviance'],
  poisson_deviance_high: ['measure', '上限', 'high'],
  poisson_deviance_low: ['measure', '下限', 'low'],
  point_shift: ['odds', '分数偏移', 'point shift'],
  points: ['points', '得分', 'points'],
  protocol: ['text', '协议', 'protocol'],
  psi: ['number', '稳定性指标', 'stability index'],
  psi_i: ['number', '分项', 'term'],
  psi_oot: ['number', '跨时间稳定性', 'stability, OOT'],
  quadrant: ['text', '象限', 'quadrant'],
  r2: ['number', 'R²', 'R²'],
  rank: ['text', '序', 'rank'],
  reason_code: ['text', '原因码', 'reason code'],
  reason_en: ['text', '原因', 'reason'],
  reason_zh: ['text', '原因', 'reason'],
  reject_reason: ['text', '剔除原因', 'reject reason'],
  rmse: ['number', '均方根误差', 'RMSE'],
  rmse_high: ['number', '上限', 'high'],
  rmse_low: ['number', '下限', 'low'],
  rule: ['text', '规则', 'rule'],
  rule_code: ['text', '规则代码', 'rule code'],
  rule_name: ['text', '规则', 'rule'],
  score_hi: ['points', '最高分', 'highest'],
  score_lo: ['points', '最低分', 'lowest'],
  seconds: ['odds', '耗时（秒）', 'seconds'],
  selected: ['text', '入选', 'selected'],
  set: ['text', '样本集', 'set'],
  shapley_auc: ['delta', 'Shapley（AUC）', 'Shapley (AUC)'],
  shapley_high: ['delta', '上限', 'high'],
  shapley_ks: ['delta', 'Shapley（KS）', 'Shapley (KS)'],
  shapley_ks_high: ['delta', '上限', 'high'],
  shapley_ks_low: ['delta', '下限', 'low'],
  shapley_low: ['delta', '下限', 'low'],
  share_high: ['share', '份额上限', 'share high'],
  share_low: ['share', '份额下限', 'share low'],
  share_pct: ['share', '贡献份额', 'share'],
  sign_ok: ['text', '方向一致', 'sign agrees'],
  split: ['text', '分裂号', 'split'],
  splits: ['count', '分裂数', 'splits'],
  special_flag: ['text', '特殊箱', 'special'],
  std_beta: ['number', '标准化系数', 'std. beta'],
  std_err: ['number', '标准误', 'std. error'],
  step: ['text', '步', 'step'],
  step_no: ['text', '步', 'step'],
  threshold: ['text', '阈值', 'threshold'],
  target_ratio: ['odds', '实际/预测', 'observed / expected'],
  tolerance: ['number', '容差', 'tolerance'],
  tree: ['text', '树', 'tree'],
  total: ['number', '合计', 'total'],
  total_iv: ['number', '特征 IV', 'total IV'],
  value: ['number', '值', 'value'],
  vif: ['odds', '方差膨胀因子', 'VIF'],
  vintage: ['text', '放款月', 'vintage'],
  vintage_from: ['text', '起始月', 'from'],
  vintage_to: ['text', '截止月', 'to'],
  wald_z: ['odds', 'Wald z', 'Wald z'],
  woe: ['number', 'WOE（高=风险高）', 'WOE (high = risky)'],
  zero_pct: ['share', '零值占比', 'zero'],
  top1_value_share: ['share', '最多取值占比', 'most frequent'],
  std: ['number', '标准差', 'sd'],
  special_code_share: ['share', '特殊值占比', 'special'],
  p1: ['number', 'P1', 'P1'],
  p5: ['number', 'P5', 'P5'],
  p25: ['number', 'P25', 'P25'],
  p50: ['number', 'P50', 'P50'],
  p75: ['number', 'P75', 'P75'],
  p95: ['number', 'P95', 'P95'],
  p99: ['number', 'P99', 'P99'],
}

export function columnTitle(column: string, language: Language): string {
  return COLUMNS[column]?.[language === 'zh' ? 1 : 2] ?? column
}

export function columnKind(column: string): ColumnKind {
  return COLUMNS[column]?.[0] ?? 'number'
}

/** A value as a reader sees it: '–' where there is none. */
export function writtenCell(cell: Cell, kind: ColumnKind, language: Language): string {
  if (cell === null) return '–'
  if (typeof cell === 'boolean') return language === 'zh' ? (cell ? '是' : '否') : cell ? 'yes' : 'no'
  if (typeof cell === 'string') return cell
  switch (kind) {
    case 'text':
      return String(cell)
    case 'count':
    case 'points':
      return Number.isInteger(cell) || kind === 'count' ? grouped(cell) : cell.toFixed(2)
    case 'share':
      return `${(100 * cell).toFixed(Math.abs(cell) < 0.1 ? 2 : 1)}%`
    case 'measure':
      return cell.toFixed(4)
    case 'delta':
      return `${cell >= 0 ? '+' : '−'}${Math.abs(cell).toFixed(4)}`
    case 'odds':
      return Math.abs(cell) >= 1000 ? grouped(cell) : cell.toFixed(2)
    case 'p':
      return cell < 0.0001 ? '<0.0001' : cell.toFixed(4)
    case 'bytes':
      return writtenBytes(cell)
    case 'number':
      return Number.isInteger(cell) ? grouped(cell) : Math.abs(cell) < 0.0001 ? cell.toExponential(1) : cell.toFixed(4)
  }
}

function grouped(value: number): string {
  return String(Math.round(value)).replace(/\B(?=(\d{3})+$)/g, ',')
}

export function writtenBytes(bytes: number): string {
  for (const [unit, size] of [
    ['GiB', 2 ** 30],
    ['MiB', 2 ** 20],
    ['KiB', 2 ** 10],
  ] as const) {
    if (bytes >= size) return `${(bytes / size).toFixed(bytes >= 100 * size ? 0 : 1)} ${unit}`
  }
  return `${bytes} B`
}
