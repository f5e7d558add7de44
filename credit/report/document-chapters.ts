// The fourteen chapters of the model document, what each must state, and who has to provide it. The items on data,
// scripts, environment, operators and iterations are those that JR/T 0221 asks for.

export type Provider = 'modeler' | 'partner' | 'compliance' | 'reviewer' | 'operations' | 'platform'

/** One thing that the document must state. */
export interface DocumentItem {
  /** key in the facts of the document */
  readonly id: string
  readonly zh: string
  readonly en: string
  readonly provider: Provider
}

export interface Chapter {
  readonly zh: string
  readonly en: string
  readonly items: readonly DocumentItem[]
  /** tables of the pack that belong here */
  readonly tables: readonly string[]
}

export const PROVIDERS: Readonly<Record<Provider, readonly [zh: string, en: string]>> = {
  modeler: ['建模人员', 'the modeler'],
  partner: ['数据提供方', 'the data partners'],
  compliance: ['合规', 'compliance'],
  reviewer: ['独立评审', 'the independent reviewer'],
  operations: ['运维', 'operations'],
  platform: ['平台自动记录', 'the platform'],
}

const item = (provider: Provider, id: string, zh: string, en: string): DocumentItem => ({ id, zh, en, provider })

export const CHAPTERS: readonly Chapter[] = [
  {
    zh: '业务背景与用途',
    en: 'Business background and use',
    items: [
      item('modeler', 'business.purpose', '业务目的与使用场景', 'purpose and where the model is used'),
      item('modeler', 'business.products', '适用产品与客群', 'products and customers'),
      item('modeler', 'business.owner', '模型负责人与开发人员', 'owner and developers'),
      item(
        'compliance',
        'business.fairness',
        '目标函数与变量的公平性说明',
        'why objective and variables do not discriminate',
      ),
    ],
    tables: [],
  },
  {
    zh: '合作方与授权依据',
    en: 'Partners and legal basis',
    items: [
      item('platform', 'partners.list', '参与方与数据清单', 'parties and their data'),
      item('compliance', 'partners.contracts', '数据合同编号与期限', 'data contracts and their terms'),
      item(
        'platform',
        'partners.approvals',
        '数据使用批准（编号、签署人、摘要）',
        'data-use approvals: number, signers, digest',
      ),
      item('partner', 'partners.classification', '数据分类分级', 'classification of the data'),
      item('compliance', 'partners.consent', '授权范围、目的与撤回处理', 'consent: scope, purpose, withdrawal'),
      item('partner', 'partners.retention', '保存期限与删除方式', 'retention and deletion'),
    ],
    tables: [],
  },
  {
    zh: '样本与目标定义',
    en: 'Sample and target',
    items: [
      item('modeler', 'sample.unit', '样本单位与观察点', 'unit and observation point'),
      item('modeler', 'sample.windows', '观察期与表现期', 'observation and performance windows'),
      item('modeler', 'sample.target', '好、坏、不确定的定义', 'good, bad and indeterminate'),
      item('modeler', 'sample.exclusions', '剔除规则', 'exclusions'),
      item('platform', 'sample.sets', '样本集划分与样本量', 'sets and their sizes'),
      item('platform', 'sample.method', '抽样方法与权重', 'sampling method and weights'),
    ],
    tables: ['sample_waterfall', 'sample_distribution', 'roll_rate', 'vintage'],
  },
  {
    zh: '数据质量',
    en: 'Data quality',
    items: [
      item(
        'partner',
        'data.acquisition',
        '训练数据取得时间、来源、数量',
        'when and from where the training data came, how much',
      ),
      item('partner', 'data.medium', '存储介质标识', 'identity of the storage medium'),
      item('platform', 'data.versions', '数据集版本', 'versions of the data sets'),
      item('platform', 'data.checksums', '样本标识校验值', 'check sums of the ids that took part'),
      item('partner', 'data.findings', '质量检查结论与处理', 'findings and what was done'),
    ],
    tables: ['feature_profile'],
  },
  {
    zh: '样本对齐',
    en: 'Alignment of samples',
    items: [
      item('platform', 'alignment.protocol', '求交协议、曲线与模式', 'protocol, curve and mode'),
      item('platform', 'alignment.counts', '各方覆盖数量', 'counts of each party'),
      item(
        'platform',
        'alignment.absence',
        '缺席、未覆盖、无授权的处理',
        'treatment of absent, not covered, no consent',
      ),
    ],
    tables: ['psi_report'],
  },
  {
    zh: '特征工程与分箱',
    en: 'Features and bins',
    items: [
      item('modeler', 'features.derivation', '衍生变量与时点口径', 'derived features and their points in time'),
      item('platform', 'features.binning', '分箱方法与参数', 'binning and its parameters'),
      item(
        'partner',
        'features.signs',
        '数据所有者确认的业务含义与方向',
        'meaning and sign confirmed by the data owner',
      ),
    ],
    tables: ['iv_ranking'],
  },
  {
    zh: '变量筛选',
    en: 'Selection of variables',
    items: [
      item('modeler', 'selection.allowed', '合规可用字段清单', 'columns that may be used'),
      item('platform', 'selection.thresholds', '筛选规则与阈值', 'rules and thresholds'),
    ],
    tables: ['selection_log', 'vif', 'corr_matrix'],
  },
  {
    zh: '模型训练',
    en: 'Training',
    items: [
      item('platform', 'training.algorithm', '算法与参数', 'algorithm and parameters'),
      item('platform', 'training.iterations', '轮次、起止时间与参数迭代记录', 'rounds, begin and end, iterations'),
      item('platform', 'training.software', '软件版本与脚本', 'software and scripts'),
      item('operations', 'training.hardware', '硬件环境', 'hardware'),
      item('modeler', 'training.operator', '操作人员', 'operator'),
      item('platform', 'training.seeds', '随机种子与可重现性', 'seeds and reproducibility'),
    ],
    tables: ['lr_coef', 'training_rounds', 'tree_losses', 'tree_importance', 'federation_fidelity'],
  },
  {
    zh: '评估',
    en: 'Evaluation',
    items: [
      item('platform', 'evaluation.verdict', '结论', 'verdict'),
      item('modeler', 'evaluation.limits', '局限', 'limits'),
    ],
    tables: [
      'summary',
      'acceptance',
      'score_band',
      'segment',
      'partner_value',
      'partner_lift',
      'champion_challenger',
      'swap_set',
    ],
  },
  {
    zh: '稳定性与压力测试',
    en: 'Stability and stress',
    items: [
      item('platform', 'stability.verdict', '得分与特征稳定性结论', 'stability of score and features'),
      item('modeler', 'stability.stress', '压力测试情景与结果', 'stress scenarios and results'),
    ],
    tables: ['psi', 'oot_monthly', 'csi'],
  },
  {
    zh: '拒绝推断与策略建议',
    en: 'Reject inference and strategy',
    items: [
      item('modeler', 'strategy.rejects', '拒绝推断方法与影响', 'reject inference: method and effect'),
      item('modeler', 'strategy.cutoff', '截断点、额度与定价建议', 'cut-off, limits and pricing'),
    ],
    tables: ['ri_compare', 'cutoff'],
  },
  {
    zh: '安全与隐私评估',
    en: 'Security and privacy',
    items: [
      item('platform', 'security.assumptions', '协议假设（半诚实、合谋）', 'assumptions: semi-honest, collusion'),
      item('platform', 'security.parameters', '同态加密参数', 'parameters of the homomorphic encryption'),
      item('platform', 'security.leakage', '泄露声明', 'leakage statements'),
      item('platform', 'security.released', '已公布的数值', 'numbers that were released'),
      item('compliance', 'security.assessment', '个人信息保护影响评估', 'privacy impact assessment'),
    ],
    tables: ['leakage_statement'],
  },
  {
    zh: '部署与降级方案',
    en: 'Deployment and degraded modes',
    items: [
      item('operations', 'deployment.plan', '上线方式（影子、灰度、全量）', 'launch: shadow, canary, full'),
      item(
        'operations',
        'deployment.record',
        '部署人员、时间、结果、脚本与环境',
        'operator, time, result, scripts, environment',
      ),
      item('modeler', 'deployment.degraded', '参与方离线时的降级方案', 'what happens when a party is offline'),
    ],
    tables: [],
  },
  {
    zh: '监控、回检、退出方案',
    en: 'Monitoring, back-testing, retirement',
    items: [
      item('platform', 'monitoring.thresholds', '监控阈值', 'limits of monitoring'),
      item('operations', 'monitoring.plan', '监控指标、频率与责任人', 'what is monitored, how often, by whom'),
      item('modeler', 'monitoring.backtest', '回检计划', 'back-testing'),
      item('modeler', 'monitoring.exit', '退出条件与流程', 'conditions and steps of retirement'),
    ],
    tables: [],
  },
]

export const ANNEXES: Chapter = {
  zh: '附件',
  en: 'Annexes',
  items: [
    item('platform', 'annex.roundLog', '轮次日志摘要', 'digest of the round log'),
    item('platform', 'annex.digest', '模型各部分摘要', 'digest of all parts of the model'),
    item('reviewer', 'annex.review', '评审意见', "reviewer's opinion"),
  ],
  tables: ['scorecard', 'woe_table'],
}
