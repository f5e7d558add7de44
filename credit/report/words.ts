// The words of the report in both languages: names of sets, tables, checks, rules, and what a figure means.
import type { Language } from './columns.ts'

type Pair = readonly [zh: string, en: string]

const SETS: Readonly<Record<string, Pair>> = {
  train: ['训练集', 'train'],
  holdout: ['测试集', 'hold-out'],
  oot: ['跨时间 OOT', 'out-of-time'],
  recent: ['近期', 'recent'],
}

const TABLES: Readonly<Record<string, Pair>> = {
  summary: ['总览：各样本集与参与方组合', 'Summary by set and coalition'],
  target_summary: ['总览：各样本集与参与方组合', 'Summary by set and coalition'],
  target_band: ['各段的预测值与实际值', 'Expected and observed by band'],
  acceptance: ['验收检查', 'Acceptance checks'],
  score_band: ['分数段表现', 'Performance by score band'],
  psi: ['得分稳定性', 'Stability of the score'],
  csi: ['特征稳定性', 'Stability of features'],
  oot_monthly: ['按放款月', 'By vintage month'],
  segment: ['分群表现', 'Performance by segment'],
  swap_set: ['换入换出', 'Swap sets against the champion'],
  champion_challenger: ['冠军与挑战者', 'Champion and challenger'],
  tree_importance: ['特征重要性', 'Importance of columns'],
  tree_losses: ['逐棵损失', 'Loss after each tree'],
  tree_view: ['树结构', 'The trees node by node'],
  partner_lift: ['各参与方组合的效果', 'Every coalition'],
  partner_value: ['各参与方的贡献与成本', 'What each partner adds, and costs'],
  federation_fidelity: ['与集中式训练的一致性', 'Fidelity to a centralised fit'],
  iv_ranking: ['信息值排名', 'Ranking by information value'],
  woe_table: ['分箱与证据权重', 'Bins and weights of evidence'],
  selection_log: ['变量筛选记录', 'Selection log'],
  vif: ['方差膨胀因子', 'Variance inflation'],
  corr_matrix: ['相关矩阵', 'Correlations'],
  lr_coef: ['模型系数', 'Coefficients'],
  scorecard: ['评分卡（银行视图）', "Scorecard (the bank's view)"],
  sample_waterfall: ['样本漏斗', 'Sample waterfall'],
  sample_distribution: ['样本分布', 'Sample distribution'],
  psi_report: ['样本对齐（求交）', 'Alignment of samples'],
  feature_profile: ['特征画像', 'Feature profiles'],
  training_rounds: ['训练轮次', 'Training rounds'],
}

const CHECKS: Readonly<Record<string, Pair>> = {
  ks_holdout: ['测试集 KS', 'KS on the hold-out'],
  ks_oot: ['跨时间 KS', 'KS out-of-time'],
  ks_gap_train_holdout: ['训练与测试 KS 之差', 'KS gap, train to hold-out'],
  auc_drop_train_oot: ['训练到跨时间 AUC 下降', 'AUC drop, train to out-of-time'],
  score_stability: ['得分稳定性指标', 'stability index of the score'],
  calibration_ratio: ['校准比（实际/预测）', 'calibration (actual / predicted)'],
  monotone_bands: ['坏账率严格递减的分数段', 'score bands in strict order'],
}

const QUADRANTS: Readonly<Record<string, Pair>> = {
  both_approve: ['两者都通过', 'both approve'],
  swap_in: ['换入（新模型通过）', 'swap-in (new approves)'],
  swap_out: ['换出（旧模型通过）', 'swap-out (old approves)'],
  both_decline: ['两者都拒绝', 'both decline'],
}

const MODELS: Readonly<Record<string, Pair>> = {
  champion: ['冠军', 'champion'],
  challenger: ['挑战者', 'challenger'],
}

const RULES: Readonly<Record<string, Pair>> = {
  allow_list: ['合规清单', 'allow-list'],
  missing: ['缺失率', 'missing'],
  identical: ['单一值', 'identical'],
  iv: ['信息值', 'information value'],
  columns: ['列数上限', 'limit of columns'],
  stability: ['稳定性', 'stability'],
  correlation: ['相关性', 'correlation'],
  vif: ['方差膨胀', 'VIF'],
  sign: ['业务方向', 'business sign'],
  p_value: ['显著性', 'p-value'],
  stepwise: ['逐步回归', 'stepwise'],
  kept: ['保留', 'kept'],
}

const IV_BANDS: Readonly<Record<string, Pair>> = {
  useless: ['无效', 'useless'],
  weak: ['弱', 'weak'],
  medium: ['中', 'medium'],
  strong: ['强', 'strong'],
  check_leakage: ['过强，查泄漏', 'check for leakage'],
}

/** Texts of the page itself. */
const TEXTS = {
  report: ['模型评估报告', 'Evaluation report'],
  document: ['模型开发文档', 'Model document'],
  job: ['作业', 'Job'],
  guest: ['发起方', 'Guest'],
  created: ['生成时间', 'Created'],
  algorithm: ['算法', 'Algorithm'],
  version: ['模型版本', 'Model version'],
  software: ['软件', 'Software'],
  synthetic: [
    '合成数据：数字不代表任何真实机构或企业。',
    'Synthetic data: no figure is about a real institution or enterprise.',
  ],
  otherLanguage: ['English', '中文'],
  overview: ['结论', 'At a glance'],
  value: ['参与方贡献', 'Partner value'],
  discrimination: ['区分度', 'Discrimination'],
  bands: ['分数段', 'Score bands'],
  calibration: ['校准', 'Calibration'],
  stability: ['稳定性', 'Stability'],
  segments: ['分群', 'Segments'],
  champion: ['冠军与挑战者', 'Champion and challenger'],
  variables: ['变量', 'Variables'],
  card: ['评分卡与系数', 'Scorecard and coefficients'],
  trees: ['提升树', 'Boosted trees'],
  samples: ['样本与对齐', 'Samples and alignment'],
  fidelity: ['联邦一致性', 'Fidelity'],
  others: ['其他表', 'Other tables'],
  definitions: ['口径说明', 'Definitions'],
  passed: ['通过', 'pass'],
  failed: ['未通过', 'fail'],
  notMeasured: ['未测', 'not measured'],
  checksPassed: ['项检查通过', 'checks pass'],
  addedByPartners: ['参与方合计增加 AUC', 'AUC added by all partners'],
  wholeTable: ['完整表格', 'the whole table'],
  bank: ['仅银行', 'bank only'],
  all: ['全部参与方', 'all partners'],
  falsePositive: ['好样本中被判为高风险的比例', 'share of good above the cut'],
  truePositive: ['坏样本中被判为高风险的比例', 'share of bad above the cut'],
  shareOfRows: ['样本占比（风险从高到低）', 'share of rows, riskiest first'],
  cumulative: ['累计占比', 'cumulative share'],
  score: ['得分', 'score'],
  logOdds: ['对数几率', 'log-odds'],
  shareOfClass: ['占本类样本比例', 'share of the class'],
  good: ['好样本', 'good'],
  badRows: ['坏样本', 'bad'],
  predicted: ['预测违约率（对数轴）', 'predicted PD (log scale)'],
  observed: ['实际坏账率（对数轴）', 'observed bad rate (log scale)'],
  predictedLine: ['预测', 'predicted'],
  observedLine: ['实际', 'observed'],
  badRateAxis: ['坏账率', 'bad rate'],
  bandAxis: ['分数段（1 = 风险最高）', 'band (1 = riskiest)'],
  vintageAxis: ['放款月', 'vintage month'],
  random: ['随机', 'random'],
  perfect: ['理想', 'perfect'],
  rocTitle: ['ROC 曲线', 'ROC'],
  ksTitle: ['KS 曲线', 'KS'],
  capTitle: ['CAP 曲线（捕获率）', 'CAP (capture)'],
  liftTitle: ['累计提升度', 'Cumulative lift'],
  histogramTitle: ['得分分布', 'Distribution of scores'],
  calibrationTitle: ['校准曲线（十组，95% 区间）', 'Calibration (ten groups, 95 % intervals)'],
  bandTitle: ['各分数段坏账率', 'Bad rate by band'],
  targetBandTitle: ['各段的平均实际值与平均预测值', 'Mean observed and expected by band'],
  targetBandAxis: ['段（1 = 预测值最高）', 'band (1 = the highest expected)'],
  targetAxis: ['平均值', 'mean'],
  vintageTitle: ['各放款月坏账率', 'Bad rate by vintage'],
  ivTitle: ['信息值（前 30）', 'Information value (first 30)'],
  ivByPartyTitle: ['各参与方信息值合计', 'Sum of information values by party'],
  shapleyTitle: ['Shapley 份额：对 AUC 增量的贡献', "Shapley shares of the partners' AUC"],
  ladderTitle: ['各组合的 AUC 与 95% 区间', 'AUC of every coalition, with 95 % intervals'],
  deltaTitle: ['单独加入与单独剔除', 'Added alone, and left out alone'],
  stabilityTitle: ['特征稳定性（对训练集）', 'Stability of features (against train)'],
  withAlone: ['银行 + 该方', 'bank + this partner'],
  leaveOut: ['全部 − 该方', 'all − this partner'],
  woeTitle: ['证据权重与坏账率（前 24 个变量）', 'Weights of evidence and bad rates (first 24)'],
  thinnedNote: ['完整数据见同目录 CSV / JSON。', 'All rows are in the CSV and JSON files beside this page.'],
  gainTitle: ['特征增益占比（前 30）', 'Share of gain by column (first 30)'],
  gainByPartyTitle: ['各参与方增益占比', 'Share of gain by party'],
  lossTitle: ['逐棵损失', 'Loss after each tree'],
  lossAxis: ['平均损失', 'mean loss'],
  treeAxis: ['树', 'tree'],
  treeNote: [
    '数据方的列以别名表示，阈值只在其本地。',
    'Columns of partners go by alias; their thresholds stay with them.',
  ],
  treeTitle: ['树', 'Tree'],
  treePlotNote: [
    '上支为左。本方的列写明哪些行走左支（“–”为缺失）；合作方的列只有别名。叶上为加减的分数（无评分刻度时为对数几率）。百分数为训练行占比；更深的节点见下表。',
    'The upper branch is the left one. Own columns say which rows go left ("–" are missing values); columns of partners have an alias only. Leaves show the points they add (log-odds where there is no scale). Percentages are shares of the training rows; deeper nodes are in the table below.',
  ],
  notProvided: ['未提供', 'not provided'],
  by: ['提供人', 'to be provided by'],
} as const satisfies Readonly<Record<string, Pair>>

export type TextName = keyof typeof TEXTS

const pick = (pair: Pair | undefined, language: Language): string | undefined => pair?.[language === 'zh' ? 0 : 1]

export const text = (name: TextName, language: Language): string => TEXTS[name][language === 'zh' ? 0 : 1]
export const setTitle = (set: string, language: Language): string => pick(SETS[set], language) ?? set
export const tableTitle = (name: string, language: Language): string => pick(TABLES[name], language) ?? name

/** Codes that appear in cells; what is no code stays as it is. */
export function cellWord(column: string, value: string, language: Language): string {
  const of: Readonly<Record<string, Readonly<Record<string, Pair>>>> = {
    set: SETS,
    model: MODELS,
    check: CHECKS,
    quadrant: QUADRANTS,
    rule: RULES,
    reject_reason: RULES,
    iv_band: IV_BANDS,
    flag: { small: ['样本少', 'few rows'], 'n_bad<30': ['坏样本 < 30', 'fewer than 30 bad'] },
  }
  return pick(of[column]?.[value], language) ?? value
}
