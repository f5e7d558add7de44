// The end of a job as a person reads it: the lift, the model's own part, and what was sent.
import type { Measure } from '#credit/evaluation/discrimination.ts'
import type { Cell, Table } from '#credit/evaluation/pack.ts'
import { averageLines } from './average-report.ts'
import type { CliContext } from './context.ts'
import type { JobView } from '#party-agent/link/coordinator-client.ts'
import { formatBytes, formatMeasure, formatTable } from './format.ts'
import { failureLines, stateWord } from './job-progress.ts'
import { KIND_ZH } from './kind-words.ts'
import { ledgerLines } from './ledger-report.ts'
import {
  bytesByKind,
  type LocalJob,
  type LocalModel,
  type LocalResult,
  type LocalTargetResult,
} from '#party-agent/results/local-job.ts'

/** Name, id, parties, state and times. */
export function jobLines(cli: CliContext, view: JobView): string[] {
  const { t } = cli
  const lines = [
    `${cli.style('bold', view.name)}  ${stateWord(cli, view.state)}`,
    ...formatTable([
      [t('job', '作业'), view.job],
      [t('parties', '参与方'), `${view.guest} (${t('guest', '发起方')}), ${ownerNames(view).join(', ')}`],
      [t('submitted', '提交'), view.submitted_at],
      [t('ended', '结束'), view.ended_at || '—'],
      ...view.tasks.map((task) => [
        task.task,
        `${task.protocol}, ${task.state}, ${t('rounds', '轮次')} ${task.round}/${task.max_rounds}`,
      ]),
    ]).map((line) => `  ${line}`),
  ]
  if (view.failure_code !== '') lines.push(...failureLines(cli, view).map((line) => `  ${line}`))
  return lines
}

/** Hosts, and each group once with its members. */
function ownerNames({ hosts, parties }: JobView): string[] {
  const groupOf = (host: string) => parties.find(({ party }) => party === host)?.group ?? ''
  return hosts.flatMap((host) => {
    const group = groupOf(host)
    if (group === '') return [host]
    const members = hosts.filter((other) => groupOf(other) === group)
    return members[0] === host ? [`${group} (${members.join(', ')})`] : []
  })
}

/** What the guest measured on its hold-out rows, nothing at other parties; of averaging, what each party has. */
export function resultLines(
  cli: CliContext,
  { result, targetResult, average, scored }: Pick<LocalJob, 'result' | 'targetResult' | 'average' | 'scored'>,
): string[] {
  if (scored !== undefined)
    return [
      cli.t(
        `${scored} rows scored; as CSV: tributary job scores`,
        `已评分 ${scored} 行；导出 CSV：tributary job scores`,
      ),
    ]
  if (average !== undefined) return averageLines(cli, average)
  if (targetResult !== undefined) return targetLines(cli, targetResult)
  return result === undefined ? [] : classLines(cli, result)
}

/** AUC and KS of the bank alone and of the joint model, side by side. */
function classLines(cli: CliContext, result: LocalResult): string[] {
  const { t } = cli
  const { challenger, rows } = result
  const measured =
    challenger === undefined
      ? measureLines(cli, result)
      : [
          t('  regression (champion):', '  回归模型（冠军）：'),
          ...measureLines(cli, result),
          t('  boosted trees (challenger):', '  提升树（挑战者）：'),
          ...measureLines(cli, challenger),
        ]
  const regression = result.protocol === 'secureboost' ? [] : [roundsText(cli, result)]
  const trees = challenger ?? (result.protocol === 'secureboost' ? result : undefined)
  const grown = trees === undefined ? [] : [treesText(cli, trees)]
  return [
    t('Hold-out set (value and 95 % interval):', '留出集（数值与 95% 置信区间）：'),
    ...measured,
    t(
      `  ${rows.training} training rows, ${rows.holdout} held out; ${[...regression, ...grown].join('; ')}`,
      `  训练 ${rows.training} 行，留出 ${rows.holdout} 行；${[...regression, ...grown].join('；')}`,
    ),
  ]
}

/** Error, deviance and order of a model of numbers or counts, of the bank alone and jointly. */
function targetLines(cli: CliContext, result: LocalTargetResult): string[] {
  const { t } = cli
  const { rows, targets } = result
  const { bankOnly, joint } = targets
  const measures = (['rmse', 'deviance', 'gini'] as const).flatMap((name) => {
    const [alone, together] = [bankOnly[name], joint[name]]
    return alone === null || together === null
      ? []
      : [[TARGET_WORDS[name](t), formatMeasure(alone), formatMeasure(together), gain(alone, together)]]
  })
  const explained =
    bankOnly.r2 === null || joint.r2 === null ? [] : [['R²', bankOnly.r2.toFixed(4), joint.r2.toFixed(4)]]
  const head = ['', t('bank alone', '银行单方'), t('joint', '联合建模'), t('change', '变化')]
  const table = formatTable([head, ...measures, ...explained])
  return [
    t('Hold-out set (value and 95 % interval):', '留出集（数值与 95% 置信区间）：'),
    ...table.map((line, i) => `  ${i === 0 ? cli.style('dim', line) : line}`),
    t(
      `  ${rows.training} training rows, ${rows.holdout} held out; ${treesText(cli, result)}`,
      `  训练 ${rows.training} 行，留出 ${rows.holdout} 行；${treesText(cli, result)}`,
    ),
  ]
}

const TARGET_WORDS: Readonly<Record<'rmse' | 'deviance' | 'gini', (t: CliContext['t']) => string>> = {
  rmse: (t) => t('RMSE', '均方根误差'),
  deviance: (t) => t('Poisson deviance', '泊松偏差'),
  gini: (t) => t('Gini', '基尼系数'),
}

function roundsText({ t }: CliContext, { rounds, converged }: LocalResult): string {
  const ended = converged ? t('converged', '已收敛') : t('stopped at the last round', '达到最大轮次')
  return t(`${rounds} rounds, ${ended}`, `${rounds} 轮，${ended}`)
}

function treesText({ t }: CliContext, { rounds, converged }: Pick<LocalResult, 'rounds' | 'converged'>): string {
  return t(`${rounds} trees${converged ? ', stopped early' : ''}`, `${rounds} 棵树${converged ? '，提前停止' : ''}`)
}

function measureLines(cli: CliContext, { bankOnly, joint }: Pick<LocalResult, 'bankOnly' | 'joint'>): string[] {
  const { t } = cli
  const table = formatTable([
    ['', t('bank alone', '银行单方'), t('joint', '联合建模'), t('gain', '提升')],
    ['AUC', formatMeasure(bankOnly.auc), formatMeasure(joint.auc), gain(bankOnly.auc, joint.auc)],
    ['KS', formatMeasure(bankOnly.ks), formatMeasure(joint.ks), gain(bankOnly.ks, joint.ks)],
  ])
  return table.map((line, i) => `  ${i === 0 ? cli.style('dim', line) : line}`)
}

function gain(alone: Measure, together: Measure): string {
  const difference = together.value - alone.value
  return `${difference < 0 ? '' : '+'}${difference.toFixed(4)}`
}

/** What each partner adds on the hold-out rows, the most valuable first. @param value rows of the table `partner_value` */
export function valueLines(cli: CliContext, value: readonly Readonly<Record<string, Cell>>[]): string[] {
  const { t } = cli
  const added = (x: Cell | undefined) => (typeof x === 'number' ? `${x < 0 ? '' : '+'}${x.toFixed(4)}` : '—')
  const interval = (low: Cell | undefined, high: Cell | undefined) =>
    typeof low === 'number' && typeof high === 'number' ? ` [${added(low)}, ${added(high)}]` : ''
  const percent = (x: Cell | undefined) => (typeof x === 'number' ? `${(100 * x).toFixed(0)} %` : '—')
  const rows = value
    .filter((row) => row['set'] === 'holdout')
    .map((row) => [
      String(row['party']),
      added(row['delta_alone']) + interval(row['delta_alone_low'], row['delta_alone_high']),
      added(row['delta_leave_one_out']) + interval(row['delta_loo_low'], row['delta_loo_high']),
      percent(row['share_pct']),
    ])
  const head = [
    '',
    t('joins the bank alone', '单独加入银行'),
    t('joins all the others', '最后加入'),
    t('Shapley share', 'Shapley 份额'),
  ]
  return [
    t(
      'What each partner is worth (hold-out AUC, 95 % interval):',
      '各合作方的价值（留出集 AUC 增量与 95% 置信区间）：',
    ),
    ...formatTable([head, ...rows], [3]).map((line, i) => `  ${i === 0 ? cli.style('dim', line) : line}`),
  ]
}

/** Own coefficients on standardised columns or weights of evidence, the largest first. */
export function modelLines(cli: CliContext, model: LocalModel): string[] {
  const { t } = cli
  const sorted = [...model.features].sort((a, b) => Math.abs(b.coefficient) - Math.abs(a.coefficient))
  const isStandardised = sorted.some(({ mean }) => mean !== undefined)
  const rows = sorted.map(({ name, coefficient, mean = Number.NaN, sd = Number.NaN }) => [
    name,
    coefficient.toFixed(4),
    ...(isStandardised ? [mean.toPrecision(5), sd.toPrecision(5)] : []),
  ])
  const head = [
    t('column', '列'),
    t('coefficient', '系数'),
    ...(isStandardised ? [t('mean', '均值'), t('sd', '标准差')] : []),
  ]
  const what = isStandardised ? t('standardised columns', '标准化列') : t('weights of evidence', '证据权重')
  return [
    t(`Coefficients of ${model.party} (${what}):`, `${model.party} 的系数（${what}）：`),
    ...formatTable([head, ...rows], [1, 2, 3]).map((line) => `  ${line}`),
    ...(model.intercept === undefined ? [] : [`  ${t('intercept', '截距')} ${model.intercept.toFixed(4)}`]),
  ]
}

function splitLine({ t }: CliContext, party: string, { rows }: Table): string {
  return t(
    `Boosted trees: ${rows.length} splits on columns of ${party}; thresholds with \`tributary job card\``,
    `提升树：${party} 的列上有 ${rows.length} 个分裂；阈值用 \`tributary job card\` 查看`,
  )
}

/** Payload bytes that each party sent, by kind. */
export function sentLines(cli: CliContext, sent: Readonly<Record<string, Readonly<Record<string, number>>>>): string[] {
  const kinds = [...new Set(Object.values(sent).flatMap((byKind) => Object.keys(byKind)))].sort()
  const rows = Object.entries(sent).map(([party, byKind]) => [
    party,
    ...kinds.map((kind) => (byKind[kind] === undefined ? '—' : formatBytes(byKind[kind]))),
    formatBytes(Object.values(byKind).reduce((sum, bytes) => sum + bytes, 0)),
  ])
  const head = ['', ...kinds.map((kind) => cli.t(kind, KIND_ZH[kind] ?? kind)), cli.t('total', '合计')]
  return [
    cli.t(
      'What each party sent, by kind (no row and no id among it):',
      '各方发送量（按类型；其中没有任何原始数据行或标识）：',
    ),
    ...formatTable([head, ...rows], rows[0]?.map((_, i) => i).slice(1) ?? []).map((line) => `  ${line}`),
  ]
}

/** Everything that this party's own folder tells. */
export function localLines(cli: CliContext, party: string, local: LocalJob): string[] {
  const measured = resultLines(cli, local)
  return [
    ...(measured.length === 0 ? [] : ['', ...measured]),
    ...(local.model === undefined ? [] : ['', ...modelLines(cli, local.model)]),
    ...(local.ownSplits === undefined ? [] : ['', splitLine(cli, party, local.ownSplits)]),
    ...(local.ledger.length === 0 ? [] : ['', ...ledgerLines(cli, local.ledger)]),
    ...(local.record.length === 0 || local.ledger.length > 0
      ? []
      : ['', ...sentLines(cli, { [party]: bytesByKind(local.record, 'sent') })]),
  ]
}
