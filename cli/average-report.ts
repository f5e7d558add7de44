// What came of averaging as a person reads it: the rounds, the measures over all parties, and this party's own rows.
import type { StoredAverageResult } from '#party-agent/results/average-facts.ts'
import type { CliContext } from './context.ts'
import { formatTable } from './format.ts'

const MOST_ROUNDS = 12

export function averageLines(cli: CliContext, result: StoredAverageResult): string[] {
  const { t } = cli
  const { federated, rows, parties, rounds, bestRound, stoppedEarly, engine, algorithm, parameters } = result
  const rest = t(
    `  ${parties} parties, ${rows.training} training rows, ${rows.holdout} held out; ${algorithm}, ${parameters} weights, ${rounds.length} rounds${stoppedEarly ? ', stopped early' : ''}; the model is that of round ${bestRound}`,
    `  ${parties} 方，训练 ${rows.training} 行，留出 ${rows.holdout} 行；${algorithm}，${parameters} 个权重，${rounds.length} 轮${stoppedEarly ? '，提前停止' : ''}；模型取自第 ${bestRound} 轮`,
  )
  return [
    ...(federated === undefined
      ? [unmeasured(cli, result)]
      : [
          t(
            'Hold-out rows of all parties, from sums that nobody could take apart:',
            '全部参与方的留出样本（由无法拆分的合计得出）：',
          ),
          `  AUC ${four(federated.auc)} ± ${four(federated.aucError)}   KS ${four(federated.ks)}   ${t('loss', '损失')} ${four(federated.loss)}   ${t(`${federated.rows} rows, ${federated.bad} bad`, `${federated.rows} 行，坏样本 ${federated.bad}`)}`,
        ]),
    rest,
    ...ownLines(cli, result),
    '',
    ...roundLines(cli, result),
    t(`  trained here with ${engine.name} ${engine.version}`, `  本方训练引擎 ${engine.name} ${engine.version}`),
    `  ${t('model, the same at all parties', '模型（各方一致）')}: SHA-256 ${result.modelDigest}`,
  ]
}

function unmeasured({ t }: CliContext, { bestRound, rounds }: StoredAverageResult): string {
  return bestRound === 0 && rounds.some(({ quality }) => quality !== undefined)
    ? t(
        'No round was better than the weights that training began with: a smaller step, less noise, or more rows.',
        '没有一轮优于训练起点：请减小步长、降低噪声或增加样本。',
      )
    : t('Nothing was measured over the rows of all parties.', '未在全部参与方的样本上评估。')
}

/** Told to nobody else. */
function ownLines(cli: CliContext, { party, own, personal, alone }: StoredAverageResult): string[] {
  const { t } = cli
  if (own === undefined) return []
  const row = (name: string, one: NonNullable<typeof own>) => [name, four(one.auc), four(one.ks), four(one.loss)]
  const table = formatTable(
    [
      ['', 'AUC', 'KS', t('loss', '损失')],
      ...(alone === undefined ? [] : [row(t('trained on these alone', '仅用本方样本训练'), alone)]),
      row(t('model of all parties', '联合模型'), own),
      ...(personal === undefined ? [] : [row(t('with its own last layer', '本方最后一层微调后'), personal)]),
    ],
    [1, 2, 3],
  )
  return [
    '',
    t(
      `The ${own.rows} held-out rows of ${party} alone, which no other party sees:`,
      `仅 ${party} 自己的 ${own.rows} 行留出样本（其他方看不到）：`,
    ),
    ...table.map((line, i) => `  ${i === 0 ? cli.style('dim', line) : line}`),
  ]
}

/** For a lab, which alone can read all homes: every party's own rows. */
export function ownTableLines(cli: CliContext, averages: Readonly<Record<string, StoredAverageResult>>): string[] {
  const { t } = cli
  const rows = Object.values(averages).map(({ party, own, personal, alone }) => [
    party,
    String(own?.rows ?? 0),
    alone === undefined ? '—' : four(alone.auc),
    own === undefined ? '—' : four(own.auc),
    personal === undefined ? '—' : four(personal.auc),
  ])
  const head = [
    '',
    t('held out', '留出行数'),
    t('alone', '单方'),
    t('model of all', '联合模型'),
    t('own last layer', '本方最后一层'),
  ]
  return [
    t('AUC at each party on its own rows, which only a lab can show:', '各方在自己样本上的 AUC（仅实验环境可见）：'),
    ...formatTable([head, ...rows], [1, 2, 3, 4]).map((line, i) => `  ${i === 0 ? cli.style('dim', line) : line}`),
  ]
}

/** All rounds, or the first and the last of many. */
function roundLines(cli: CliContext, { rounds, bestRound }: StoredAverageResult): string[] {
  const { t } = cli
  const spent = rounds.some(({ epsilon }) => epsilon !== undefined)
  const half = MOST_ROUNDS / 2
  const shown = rounds.length <= MOST_ROUNDS ? rounds : [...rounds.slice(0, half), ...rounds.slice(-half)]
  const missed = rounds.some(({ leftOut }) => leftOut !== undefined)
  const cells = shown.map(({ round, opener, quality, ownLoss, cut, epsilon, leftOut = [] }) => [
    `${round}${round === bestRound ? ' *' : ''}`,
    opener,
    ...(quality === undefined ? ['—', '—', '—'] : [four(quality.loss), four(quality.auc), four(quality.ks)]),
    ownLoss === undefined ? '—' : four(ownLoss),
    cut === undefined ? '—' : `${(100 * cut).toFixed(1)} %`,
    ...(spent ? [epsilon?.toFixed(3) ?? '—'] : []),
    ...(missed ? [leftOut.join(', ')] : []),
  ])
  const head = [
    t('round', '轮次'),
    t('opened by', '开启方'),
    t('loss', '损失'),
    'AUC',
    'KS',
    t('own loss', '本方损失'),
    t('cut off', '被截断'),
    ...(spent ? ['ε'] : []),
    ...(missed ? [t('without', '缺席')] : []),
  ]
  const lines = formatTable([head, ...cells], [2, 3, 4, 5, 6, 7])
  const gap = rounds.length > MOST_ROUNDS ? [`  … ${rounds.length - MOST_ROUNDS} …`] : []
  const [title = '', ...body] = lines.map((line) => `  ${line}`)
  return [cli.style('dim', title), ...body.slice(0, half), ...gap, ...body.slice(half)]
}

function four(value: number): string {
  return value.toFixed(4)
}
