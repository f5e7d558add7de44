// Job files to start from: what to fill in stands in capitals, and each section says what it is for.
import type { CliContext } from './context.ts'

export const TEMPLATES = ['scan', 'scorecard', 'challenger', 'trees', 'parks', 'hybrid', 'warning', 'score'] as const
export type TemplateName = (typeof TEMPLATES)[number]

/** One line of what a template is for. */
export function templateTitle({ t }: CliContext, name: TemplateName): string {
  return {
    scan: t('what the partners could add, before a model is built', '准入扫描：建模之前，看各合作方能带来什么'),
    scorecard: t('a joint scorecard with its evaluation and partner values', '评分卡：联合评分卡、评估与各方价值'),
    challenger: t(
      'a joint scorecard, and boosted trees as its challenger',
      '评分卡与挑战者：联合评分卡，另以提升树作挑战者',
    ),
    trees: t('joint boosted trees with their evaluation and partner values', '提升树：联合提升树、评估与各方价值'),
    parks: t(
      'one model of several parties with the same columns of different firms, trained by averaging',
      '横向联合建模：各方特征相同、客户不同，以联邦平均训练同一模型',
    ),
    hybrid: t(
      'a joint scorecard and trees in which three parks take part as one partner',
      '混合联合建模：三个园区合为一个数据方，与其他合作方联合建立评分卡与提升树',
    ),
    warning: t('early warning on loans in force, month by month', '预警：贷后逐月风险预警'),
    score: t('scores of new rows with the trees of an earlier job', '批量评分：用此前作业的提升树为新样本评分'),
  }[name]
}

/** YAML of a job file. @param guest the party that submits */
export function jobTemplate(cli: CliContext, name: TemplateName, guest: string): string {
  return [head(cli, name), parts(cli, guest, name), SECTIONS[name](cli)].join('\n')
}

function head({ t }: CliContext, name: TemplateName): string {
  const title = {
    scan: t('Scan of partner data', '准入扫描'),
    scorecard: t('Joint scorecard', '联合评分卡'),
    challenger: t('Joint scorecard and challenger', '联合评分卡与挑战者'),
    trees: t('Joint trees', '联合提升树'),
    parks: t('One model of three parks', '三园区联合模型'),
    hybrid: t('Joint scorecard with a group of parks', '含园区组的联合评分卡'),
    warning: t('Early warning', '贷后预警'),
    score: t('Scores of the month', '月度评分'),
  }[name]
  return `# yaml-language-server: $schema=docs/job.schema.json
version: 1
name: ${title}
purpose: ${name === 'warning' ? '贷后管理' : '贷前审批'}  # ${t('shown to data owners, and compared with their approval', '数据方会看到，并与其授权核对')}`
}

function parts(cli: CliContext, guest: string, name: TemplateName): string {
  const { t } = cli
  if (name === 'parks') return parks(cli, guest)
  const dataset = name === 'warning' ? 'loan_months' : name === 'score' ? 'applications' : 'loans'
  return `guest: { party: ${guest}, dataset: ${dataset} }
hosts:  # ${hostsHint(cli, name)}
  - { party: tax, dataset: features }
  - { party: social, dataset: features }
  - { party: property, dataset: features }
${name === 'hybrid' ? group(cli) : ''}align:
  mode: left             # ${
    name === 'score'
      ? t(
          'all rows of the bank get a score, also those that no partner covers',
          '银行的行全部得到评分，包括合作方未覆盖的',
        )
      : t(
          'all rows of the bank stay; what a partner does not cover is a bin of its own',
          '银行的行全部保留；合作方未覆盖的单独成箱',
        )
  }
  minIntersection: ${name === 'score' ? 50 : 1000}`
}

function hostsHint({ t }: CliContext, name: TemplateName): string {
  if (name === 'score')
    return t(
      'those of the training, in its order; data sets need its columns, and no label',
      '与训练时相同，次序相同；数据集须有训练时的列，无须标签',
    )
  return t('`tributary parties` lists who offers what', '`tributary parties` 列出各方提供的数据')
}

/** The first host is no member: it makes the keys of the hosts' side. */
function group({ t }: CliContext): string {
  return `  - { party: park-a, dataset: tenants }
  - { party: park-b, dataset: tenants }
  - { party: park-c, dataset: tenants }
groups:  # ${t('the same columns of different firms: to the bank they are one partner, and only sums over all three leave', '列相同、企业不同：对银行而言是一个数据方，只发出三方之和')}
  - { name: parks, members: [park-a, park-b, park-c] }
`
}

/** Every party has labels of its own; the guest is the one that submits. */
function parks({ t }: CliContext, guest: string): string {
  return `guest: { party: ${guest}, dataset: tenant_loans }
hosts:  # ${t('the same columns and a label at each, by name or alias', '各方的列（名称或别名）相同，且各有标签')}
  - { party: park-b, dataset: tenant_loans }
  - { party: park-c, dataset: tenant_loans }`
}

const SPLIT = `split:
  kind: keyed-hash
  holdout: 0.3
  outOfTime: { column: vintage, from: '2023-04', recent: '2023-10' }`

function scorecardSections({ t }: CliContext): string {
  return `${SPLIT}
bin: { method: quantile, bins: 10, minimumShare: 0.05 }
select: { minimumIv: 0.02, maximumStability: 0.1, maximumCorrelation: 0.7, maximumVif: 5 }
train: { columns: woe, rounds: 25, nonNegative: true, standardErrors: true }
scorecard: { baseScore: 600, baseOdds: 30, pdo: 20 }  # ${t('600 points at 30 good to 1 bad; 20 points double the odds', '好坏比 30:1 时 600 分，每 20 分翻倍')}
evaluate: { bands: 10 }
value: { coalitions: partners }  # ${t('shapley: every coalition, for shares that add up to 100 %', 'shapley：全部组合，份额合计 100%')}
`
}

function boostSection({ t }: CliContext): string {
  return `boost:                   # ${t('gradient-boosted trees on all columns; hosts never learn which rows are in which node', '提升树，使用全部列；数据方不知道哪些行在哪个节点')}
  trees: 60
  depth: 3
  learningRate: 0.2
  bins: 32
  minLeafShare: 0.01     # ${t('no leaf and no bin has fewer of the training rows', '叶与箱的最少训练样本占比')}
  earlyStopping: { rounds: 10 }
  # monotone: declared   # ${t('the model rises or falls with a column as its owner declares', '按数据方声明的业务方向单调')}
`
}

const SECTIONS: Readonly<Record<TemplateName, (cli: CliContext) => string>> = {
  scan: ({ t }) => `split: { kind: keyed-hash, holdout: 0.3 }
bin: { method: quantile, bins: 10 }
select: {}               # ${t('IV, missing, stability, correlation and VIF of every column, with the reason for each drop', '逐列 IV、缺失、稳定性、相关性、VIF，及剔除原因')}
until: select            # ${t('no model: `reuse` goes on from here', '不建模：之后可用 `reuse` 从此继续')}
`,
  scorecard: scorecardSections,
  challenger: (cli) => `${scorecardSections(cli)}${boostSection(cli)}`,
  trees: (cli) => `${SPLIT}
${boostSection(cli)}scorecard: { baseScore: 600, baseOdds: 30, pdo: 20 }  # ${cli.t('margins of the trees as points', '把树的对数几率换算为分数')}
evaluate: { bands: 10 }
value: { coalitions: partners }
`,
  hybrid: (cli) => `${SPLIT}
bin: { method: quantile, bins: 10, minimumShare: 0.03 }  # ${cli.t('cut points of the parks are agreed over all their rows', '园区组的切点由全组样本共同确定')}
train: { columns: woe, rounds: 25, nonNegative: true }
scorecard: { baseScore: 600, baseOdds: 30, pdo: 20 }
${boostSection(cli)}evaluate: { bands: 10 }
`,
  parks: ({
    t,
  }) => `split: { kind: keyed-hash, holdout: 0.3 }  # ${t('each party splits its own rows', '各方自行划分自己的样本')}
statistics: { minimumRows: 50 }  # ${t('means and histograms over all rows, for the standardising of columns', '全体样本的均值与直方图，用于标准化')}
average:                 # ${t('each trains on its own rows; only the sum of the updates is ever opened', '各方在本地训练；只打开更新之和')}
  model: { kind: logistic }  # ${t('or { kind: mlp, hidden: [32, 16] }, or { kind: keras, json: … }', '或 { kind: mlp, hidden: [32, 16] }，或 { kind: keras, json: … }')}
  rounds: 30
  localEpochs: 2
  batchRows: 128
  learningRate: 0.05
  decay: 0.01
  algorithm: { kind: fedavg }  # ${t('fedprox, fedadam, fedyogi, scaffold', '可选 fedprox、fedadam、fedyogi、scaffold')}
  earlyStopping: { rounds: 5 }
  alone: true            # ${t('and what each could do alone, for comparison', '并给出各方单独训练的结果作对比')}
  personalise: { epochs: 3 }   # ${t('a last layer of its own at each party', '各方微调自己的最后一层')}
  # privacy: { budget: 8, noiseMultiplier: 1, l2Clip: 0.1 }  # ${t('differential privacy; two parties need it', '差分隐私；仅两方时必需')}
`,
  warning: ({ t }) => `split:
  kind: keyed-hash       # ${t('all months of a customer fall on one side', '同一客户的各月落在同一侧')}
  holdout: 0.3
bin: { method: monotonic, bins: 8, minimumShare: 0.02 }
select: { maximumStability: 0.25 }
train: { columns: woe, rounds: 25, nonNegative: true }
scorecard: { baseScore: 600, baseOdds: 100, pdo: 40 }
evaluate: { bands: 20 }  # ${t('twenty bands: the riskiest 5 % are those that are called', '二十段：风险最高的 5% 进入人工排查')}
`,
  score: ({ t }) => `score:
  job: job-00000000000000000000  # ${t('the job that grew the trees: `tributary job list` has its number', '训练这些树的作业，编号见 `tributary job list`')}
# ${t('afterwards: tributary job scores JOB --out scores.csv', '完成后：tributary job scores 作业号 --out scores.csv')}
`,
}
