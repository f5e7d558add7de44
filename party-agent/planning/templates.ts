// Job files to start from: what is to be filled in stands in capitals or comes from what the parties offer (fill-template.ts),
// and each section says what it is for.
import { stringify } from 'yaml'
import type { JobSpec } from '#protocols/core/job-spec.ts'
import type { Bilingual } from '#runtime/bilingual.ts'

export const TEMPLATES = ['scan', 'scorecard', 'challenger', 'trees', 'parks', 'hybrid', 'warning', 'score'] as const
export type TemplateName = (typeof TEMPLATES)[number]

/** The text in the language of who asks. */
export type Say = (en: string, zh: string) => string

/** One line of what a template is for. */
export const TEMPLATE_TITLES: Readonly<Record<TemplateName, Bilingual>> = {
  scan: {
    en: 'what the partners could add, before a model is built',
    zh: '准入扫描：建模之前，看各合作方能带来什么',
  },
  scorecard: {
    en: 'a joint scorecard with its evaluation and partner values',
    zh: '评分卡：联合评分卡、评估与各方价值',
  },
  challenger: {
    en: 'a joint scorecard, and boosted trees as its challenger',
    zh: '评分卡与挑战者：联合评分卡，另以提升树作挑战者',
  },
  trees: {
    en: 'joint boosted trees with their evaluation and partner values',
    zh: '提升树：联合提升树、评估与各方价值',
  },
  parks: {
    en: 'one model of several parties with the same columns of different firms, trained by averaging',
    zh: '横向联合建模：各方特征相同、客户不同，以联邦平均训练同一模型',
  },
  hybrid: {
    en: 'a joint scorecard and trees in which three parks take part as one partner',
    zh: '混合联合建模：三个园区合为一个数据方，与其他合作方联合建立评分卡与提升树',
  },
  warning: { en: 'early warning on loans in force, month by month', zh: '预警：贷后逐月风险预警' },
  score: {
    en: 'scores of new rows with the trees of an earlier job',
    zh: '批量评分：用此前作业的提升树为新样本评分',
  },
}

interface Part {
  readonly party: string
  readonly dataset: string
}

/** What of a template depends on the federation. */
export interface TemplateParts {
  /** instead of the usual one */
  readonly name?: string
  readonly guest: Part
  readonly hosts: readonly Part[]
  readonly groups: readonly { readonly name: string; readonly members: readonly string[] }[]
  readonly minIntersection: number
  /** that the rows are enough for, with standard errors; absent: more than selection keeps by itself */
  readonly maximumColumns?: number
  /** absent: no row is out of time */
  readonly outOfTime?: { readonly column: string; readonly from: string; readonly recent?: string }
  /** whose trees score */
  readonly job: string
  /** a job of the same parties and data sets whose rows and bins are taken over: its sections up to there stand as they were */
  readonly reuse?: EarlierJob
}

export interface EarlierJob {
  readonly job: string
  readonly spec: JobSpec
}

/** Templates that can go on from the bins of an earlier job. */
export const BINNING_TEMPLATES: readonly TemplateName[] = ['scan', 'scorecard', 'challenger']

/** For a federation as the guides have it. @param guest the party that submits */
export function usualParts(name: TemplateName, guest: string): TemplateParts {
  const of = (dataset: string, ...parties: string[]) => parties.map((party) => ({ party, dataset }))
  const common = {
    minIntersection: name === 'score' ? 50 : 1000,
    outOfTime: { column: 'vintage', from: '2023-04', recent: '2023-10' },
    job: 'job-00000000000000000000',
    guest: { party: guest, dataset: USUAL_DATASETS[name] ?? 'loans' },
  }
  if (name === 'parks') return { ...common, hosts: of('tenant_loans', 'park-b', 'park-c'), groups: [] }
  const hosts = of('features', 'tax', 'social', 'property')
  if (name !== 'hybrid') return { ...common, hosts, groups: [] }
  const members = ['park-a', 'park-b', 'park-c']
  return { ...common, hosts: [...hosts, ...of('tenants', ...members)], groups: [{ name: 'parks', members }] }
}

/** How data sets of the guest are called in the guides, where not `loans`. */
export const USUAL_DATASETS: Readonly<Partial<Record<TemplateName, string>>> = {
  parks: 'tenant_loans',
  warning: 'loan_months',
  score: 'applications',
}

/** YAML of a job file. */
export function jobTemplate(t: Say, name: TemplateName, parts: TemplateParts): string {
  return [head(t, name, parts), partsSection(t, name, parts), SECTIONS[name](t, parts)].join('\n')
}

/** On one line. */
const flow = (value: unknown): string => stringify(value, { collectionStyle: 'flow', lineWidth: 0 }).trim()

function head(t: Say, name: TemplateName, parts: TemplateParts): string {
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
  const usual = name === 'warning' ? '贷后管理' : '贷前审批'
  const purpose = parts.reuse === undefined ? usual : flow(parts.reuse.spec.purpose)
  return `# yaml-language-server: $schema=docs/job.schema.json
version: 1
name: ${parts.name === undefined ? title : JSON.stringify(parts.name)}
purpose: ${purpose}  # ${t('shown to data owners, and compared with their approval', '数据方会看到，并与其授权核对')}`
}

const part = ({ party, dataset }: Part) => `{ party: ${party}, dataset: ${dataset} }`

function partsSection(t: Say, name: TemplateName, parts: TemplateParts): string {
  const { guest, hosts, groups, minIntersection, reuse } = parts
  if (reuse !== undefined) return reuseSection(t, reuse)
  const alone = hosts.filter(({ party }) => !groups.some(({ members }) => members.includes(party)))
  const listed = (some: readonly Part[]) => some.map((host) => `  - ${part(host)}\n`).join('')
  if (name === 'parks')
    return `guest: ${part(guest)}
hosts:  # ${t('the same columns and a label at each, by name or alias', '各方的列（名称或别名）相同，且各有标签')}
${listed(hosts).trimEnd()}`
  const mode =
    name === 'score'
      ? t(
          'all rows of the bank get a score, also those that no partner covers',
          '银行的行全部得到评分，包括合作方未覆盖的',
        )
      : t(
          'all rows of the bank stay; what a partner does not cover is a bin of its own',
          '银行的行全部保留；合作方未覆盖的单独成箱',
        )
  // the first host is no member: it makes the keys of the hosts' side
  const members = hosts.filter((host) => !alone.includes(host))
  return `guest: ${part(guest)}
hosts:  # ${hostsHint(t, name)}
${listed(alone)}${listed(members)}${groups.length === 0 ? '' : groupsSection(t, groups)}align:
  mode: left             # ${mode}
  minIntersection: ${minIntersection}`
}

function reuseSection(t: Say, { job, spec }: EarlierJob): string {
  return `guest: ${flow(spec.guest)}
hosts:
${spec.hosts.map((host) => `  - ${flow(host)}\n`).join('')}align: ${flow(spec.align)}
reuse:  # ${t('rows and bins of that job are taken over: an owner refuses bins that differ from earlier ones by a few rows', '沿用该作业的样本与分箱：与先前分箱只差少数行的新分箱会被数据方拒绝')}
  { job: ${job}, through: bin }`
}

function hostsHint(t: Say, name: TemplateName): string {
  if (name === 'score')
    return t(
      'those of the training, in its order; data sets need its columns, and no label',
      '与训练时相同，次序相同；数据集须有训练时的列，无须标签',
    )
  return t('`tributary parties` lists who offers what', '`tributary parties` 列出各方提供的数据')
}

function groupsSection(t: Say, groups: TemplateParts['groups']): string {
  const lines = groups.map(({ name, members }) => `  - { name: ${name}, members: [${members.join(', ')}] }`)
  return `groups:  # ${t('the same columns of different firms: to the bank they are one partner, and only sums over all three leave', '列相同、企业不同：对银行而言是一个数据方，只发出三方之和')}
${lines.join('\n')}
`
}

/**
 * The section of the earlier job where one is taken over: rows and bins have to stay as they were, and rounds as they were
 * are what the owners have approved before.
 */
function takenOr({ reuse }: TemplateParts, section: 'split' | 'bin' | 'train' | 'value', usual: string): string {
  const taken = reuse?.spec[section]
  return taken === undefined ? usual : `${section}: ${flow(taken)}`
}

function splitSection(parts: TemplateParts): string {
  return takenOr(parts, 'split', newSplit(parts))
}

function newSplit({ outOfTime }: TemplateParts): string {
  if (outOfTime === undefined) return 'split: { kind: keyed-hash, holdout: 0.3 }'
  const { column, from, recent } = outOfTime
  const late = recent === undefined ? '' : `, recent: '${recent}'`
  return `split:
  kind: keyed-hash
  holdout: 0.3
  outOfTime: { column: ${column}, from: '${from}'${late} }`
}

function columnLimit({ maximumColumns }: TemplateParts): string {
  return maximumColumns === undefined ? '' : `, maximumColumns: ${maximumColumns}`
}

/** Two partners or more can be compared. */
function valueSection(parts: TemplateParts, comment = ''): string {
  if (parts.hosts.length < 2) return ''
  return `${takenOr(parts, 'value', `value: { coalitions: partners }${comment}`)}\n`
}

function scorecardSections(t: Say, parts: TemplateParts): string {
  return `${splitSection(parts)}
${takenOr(parts, 'bin', 'bin: { method: quantile, bins: 10, minimumShare: 0.05 }')}
select: { minimumIv: 0.02, maximumStability: 0.1, maximumCorrelation: 0.7, maximumVif: 5${columnLimit(parts)} }
${takenOr(parts, 'train', 'train: { columns: woe, rounds: 25, nonNegative: true, standardErrors: true }')}
scorecard: { baseScore: 600, baseOdds: 30, pdo: 20 }  # ${t('600 points at 30 good to 1 bad; 20 points double the odds', '好坏比 30:1 时 600 分，每 20 分翻倍')}
evaluate: { bands: 10 }
${valueSection(parts, `  # ${t('shapley: every coalition, for shares that add up to 100 %', 'shapley：全部组合，份额合计 100%')}`)}`
}

function boostSection(t: Say): string {
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

const SECTIONS: Readonly<Record<TemplateName, (t: Say, parts: TemplateParts) => string>> = {
  scan: (t, parts) => `${takenOr(parts, 'split', 'split: { kind: keyed-hash, holdout: 0.3 }')}
${takenOr(parts, 'bin', 'bin: { method: quantile, bins: 10 }')}
select: {}               # ${t('IV, missing, stability, correlation and VIF of every column, with the reason for each drop', '逐列 IV、缺失、稳定性、相关性、VIF，及剔除原因')}
until: select            # ${t('no model: `reuse` goes on from here', '不建模：之后可用 `reuse` 从此继续')}
`,
  scorecard: scorecardSections,
  challenger: (t, parts) => `${scorecardSections(t, parts)}${boostSection(t)}`,
  trees: (t, parts) => `${splitSection(parts)}
${boostSection(t)}scorecard: { baseScore: 600, baseOdds: 30, pdo: 20 }  # ${t('margins of the trees as points', '把树的对数几率换算为分数')}
evaluate: { bands: 10 }
${valueSection(parts)}`,
  hybrid: (t, parts) => `${splitSection(parts)}
bin: { method: quantile, bins: 10, minimumShare: 0.03 }  # ${t('cut points of the parks are agreed over all their rows', '园区组的切点由全组样本共同确定')}
train: { columns: woe, rounds: 25, nonNegative: true }
scorecard: { baseScore: 600, baseOdds: 30, pdo: 20 }
${boostSection(t)}evaluate: { bands: 10 }
`,
  parks: (
    t,
  ) => `split: { kind: keyed-hash, holdout: 0.3 }  # ${t('each party splits its own rows', '各方自行划分自己的样本')}
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
  warning: (t) => `split:
  kind: keyed-hash       # ${t('all months of a customer fall on one side', '同一客户的各月落在同一侧')}
  holdout: 0.3
bin: { method: monotonic, bins: 8, minimumShare: 0.02 }
select: { maximumStability: 0.25 }
train: { columns: woe, rounds: 25, nonNegative: true }
scorecard: { baseScore: 600, baseOdds: 100, pdo: 40 }
evaluate: { bands: 20 }  # ${t('twenty bands: the riskiest 5 % are those that are called', '二十段：风险最高的 5% 进入人工排查')}
`,
  score: (t, { job }) => `score:
  job: ${job}  # ${t('the job that grew the trees: `tributary job list` has its number', '训练这些树的作业，编号见 `tributary job list`')}
# ${t('afterwards: tributary job scores JOB --out scores.csv', '完成后：tributary job scores 作业号 --out scores.csv')}
`,
}
