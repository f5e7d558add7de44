// The disclosure ledger as a person reads it: what left this party, who could open it, what stood behind plain numbers.
import type { LedgerLine, Total } from '#party-agent/ledger/disclosures.ts'
import type { ReleasedCell } from '#party-agent/ledger/guard.ts'
import type { DatasetSpend } from '#party-agent/ledger/privacy-budget.ts'
import type { CliContext } from './context.ts'
import { formatBytes, formatTable } from './format.ts'
import { KIND_ZH } from './kind-words.ts'

/** One row a class: messages, bytes, who could open it. */
export function ledgerLines(cli: CliContext, ledger: readonly LedgerLine[]): string[] {
  const { t } = cli
  const totals = Object.entries(ledger.at(-1)?.totals ?? {}) as [string, Total][]
  const openers = (kind: string) => {
    const sets = ledger.filter((line) => line.class === kind).map((line) => line.decryptableBy.join(' + '))
    return [...new Set(sets.filter((set) => set !== ''))].sort().join(t(', ', '、')) || '—'
  }
  const rows = totals.map(([kind, { messages, bytes, envelopeBytes }]) => [
    t(kind, KIND_ZH[kind] ?? kind),
    String(messages),
    formatBytes(bytes),
    formatBytes(envelopeBytes),
    openers(kind),
  ])
  const head = [
    t('class', '类别'),
    t('messages', '消息数'),
    t('contents', '内容'),
    t('on the wire', '线上字节'),
    t('can be opened by', '可解密方'),
  ]
  return [
    t('What left this party (no row and no id among it):', '本方发出的内容（其中没有任何原始数据行或标识）：'),
    ...formatTable([head, ...rows], [1, 2, 3]).map((line) => `  ${line}`),
  ]
}

/** The plain numbers that were released, each kind once, with the fewest rows behind it. */
export function releaseLines(cli: CliContext, ledger: readonly LedgerLine[]): string[] {
  const { t } = cli
  const released = ledger.filter((line) => line.release !== undefined)
  if (released.length === 0) return []
  const steps = [...new Set(released.map((line) => `${line.task}/${line.step}`))]
  const rows = steps.map((at) => {
    const lines = released.filter((line) => `${line.task}/${line.step}` === at)
    const behind = Math.min(...lines.map((line) => line.release?.rows ?? 0))
    const withheld = lines.every((line) => line.release?.withheld === true)
    const messages = lines.reduce((sum, line) => sum + line.messages, 0)
    const least = String(Math.max(...lines.map((line) => line.release?.minimumRows ?? 0)))
    return [at, String(messages), withheld ? t('withheld', '未公布') : String(behind), least]
  })
  const head = [t('step', '步骤'), t('messages', '消息数'), t('rows behind', '背后行数'), t('at least', '下限')]
  return [
    t('Plain numbers that were released:', '公布的明文数值：'),
    ...formatTable([head, ...rows], [1, 2, 3]).map((line) => `  ${line}`),
  ]
}

/** Every line of the ledger, short. */
export function ledgerTable(cli: CliContext, ledger: readonly LedgerLine[]): string[] {
  const { t } = cli
  const rows = ledger.map((line) => [
    String(line.seq),
    line.task === '' ? '—' : `${line.task}/${line.round}`,
    line.step,
    line.to,
    t(line.class, KIND_ZH[line.class] ?? line.class),
    String(line.messages),
    String(line.envelopeBytes),
    line.decryptableBy.join('+') || '—',
    line.keyId.slice(0, 8) || '—',
  ])
  const head = [
    '#',
    t('round', '轮次'),
    t('step', '步骤'),
    t('to', '接收方'),
    t('class', '类别'),
    t('messages', '消息数'),
    t('bytes', '字节'),
    t('opened by', '可解密方'),
    t('key', '密钥'),
  ]
  return formatTable([head, ...rows], [0, 5, 6])
}

/** The sets of rows that stood behind results, and how many runs they are. */
export function cellLines(cli: CliContext, dataset: string, cells: readonly ReleasedCell[]): string[] {
  const { t } = cli
  if (cells.length === 0) return [t(`nothing was released of ${dataset} yet`, `数据集 ${dataset} 尚未有任何公布`)]
  const rows = cells.map(({ version, job, what, count, total, predicate, time }) => [
    version.slice(0, 8),
    job,
    what,
    `${count}/${total}`,
    predicate.slice(0, 12),
    time,
  ])
  const head = [
    t('version', '版本'),
    t('job', '作业'),
    t('cell', '样本集'),
    t('rows', '行数'),
    t('set', '集合'),
    t('time', '时间'),
  ]
  const runs = new Set(cells.map((cell) => cell.job)).size
  return [
    t(
      `Released of ${dataset}: ${cells.length} cells in ${runs} runs`,
      `数据集 ${dataset} 已公布：${runs} 次作业，${cells.length} 个样本集`,
    ),
    ...formatTable([head, ...rows]).map((line) => `  ${line}`),
  ]
}

/** What training with differential privacy has spent of a data set; nothing where no such job ran. */
export function spentLines(cli: CliContext, { dataset, epsilon, delta, limit, jobs }: DatasetSpend): string[] {
  const { t } = cli
  if (jobs.length === 0 && limit === undefined) return []
  const most = limit === undefined ? t('no limit', '无上限') : t(`at most ${limit.epsilon}`, `上限 ${limit.epsilon}`)
  const rows = jobs.map((job) => [job.job, job.unit, String(job.rounds), job.epsilon.toFixed(3), job.last])
  const head = [t('job', '作业'), t('unit', '单位'), t('rounds', '轮次'), 'ε', t('last', '最近')]
  return [
    '',
    t(
      `Privacy spent of ${dataset}: ε ${epsilon.toFixed(3)} at δ ${delta} (${most})`,
      `数据集 ${dataset} 的隐私消耗：ε ${epsilon.toFixed(3)}，δ ${delta}（${most}）`,
    ),
    ...(jobs.length === 0 ? [] : formatTable([head, ...rows], [2, 3]).map((line) => `  ${line}`)),
  ]
}
