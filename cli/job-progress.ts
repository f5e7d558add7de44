// The progress of a job in lines: live ones for a terminal, plain ones for a log.
import { ERROR_CODES } from '#runtime/error-catalogue.ts'
import { ERROR_CODES_ZH } from '#runtime/error-catalogue.zh.ts'
import { ACCEPTED, AWAITING_APPROVAL, LEFT_OUT } from '#protocols/core/phases.ts'
import { isErrorCode } from '#runtime/errors.ts'
import type { CliContext } from './context.ts'
import type { JobView } from '#party-agent/link/coordinator-client.ts'
import { currentTask, elapsedSeconds, hasEnded, secondsLeft } from '#party-agent/planning/progress.ts'
import { formatBytes, formatSeconds, formatTable } from './format.ts'

export interface ProgressFacts {
  /** loss of the last training round; known at the guest only */
  readonly loss?: number
  readonly now: number
}

/** Header and one line a party. */
export function liveLines(cli: CliContext, view: JobView, facts: ProgressFacts): string[] {
  const rows = view.parties.map((party) => [
    party.connected ? cli.style('green', '●') : cli.style('red', '○'),
    party.group === '' ? party.party : `${party.party} (${party.group})`,
    party.task === '' ? '' : `${party.task} ${party.round}`,
    hasEnded(view) ? '' : phaseOf(cli, view, party),
    `↑ ${formatBytes(party.sent_bytes)}`,
    `↓ ${formatBytes(party.received_bytes)}`,
  ])
  return [headline(cli, view, facts), ...formatTable(rows, [4, 5]).map((line) => `  ${line}`)]
}

function phaseOf(cli: CliContext, view: JobView, party: JobView['parties'][number]): string {
  const { t } = cli
  if (party.phase === AWAITING_APPROVAL) {
    const signed = t(`${party.done} of ${party.total} signed`, `已签 ${party.done}/${party.total}`)
    return cli.style('yellow', `${waitingWords(cli, party)} (${signed})`)
  }
  if (party.phase === ACCEPTED) return t('accepted', '已接受')
  if (party.phase === LEFT_OUT) return cli.style('yellow', leftOutWords(cli, party))
  if (party.phase === '' && view.state === 'inviting')
    return party.connected
      ? t('looks at the job', '审查作业中')
      : t('away: has no invitation yet', '离线：尚未收到邀请')
  if (party.phase === '') return ''
  const counted = party.total > 0 ? ` ${party.done}/${party.total} ${party.unit}` : ''
  return `${party.phase}${counted}`
}

/** Why rounds go on without a party. */
function leftOutWords({ t }: CliContext, { unit }: JobView['parties'][number]): string {
  const words: Record<string, [string, string]> = {
    away: ['left out: away', '缺席：离线'],
    late: ['left out: did not answer in time', '缺席：未按时完成'],
    behind: ['left out: is back, catches up', '缺席：已回来，正在补上'],
  }
  return t(...(words[unit] ?? [`left out: ${unit}`, `缺席：${unit}`]))
}

/** Who has to act, for a party whose people have to approve. */
function waitingWords({ t }: CliContext, { party, unit }: JobView['parties'][number]): string {
  const zh: Record<string, string> = { steward: '数据管理员', compliance: '合规官' }
  const roles = unit.split(', ').map((role) => zh[role] ?? role)
  return t(`waiting for approval by ${party}: ${unit}`, `等待 ${party} 批准：${roles.join('、')}`)
}

/** Job, state, task and round, loss, elapsed and time to go in one line. */
export function headline(cli: CliContext, view: JobView, facts: ProgressFacts): string {
  const { t } = cli
  const parts = [cli.style('bold', view.name), stateWord(cli, view.state)]
  const task = currentTask(view)
  if (task !== undefined && !hasEnded(view)) {
    parts.push(`${task.task} (${task.protocol}), ${t('round', '轮次')} ${task.round}/${task.max_rounds}`)
  }
  if (facts.loss !== undefined) parts.push(`${t('loss', '损失')} ${facts.loss.toFixed(5)}`)
  parts.push(formatSeconds(elapsedSeconds(view, facts.now)))
  const left = hasEnded(view) ? undefined : secondsLeft(view, facts.now)
  if (left !== undefined) parts.push(t(`at most ${formatSeconds(left)} to go`, `最多还需 ${formatSeconds(left)}`))
  return parts.join('  ')
}

export function stateWord(cli: CliContext, state: string): string {
  const zh: Record<string, string> = {
    submitted: '已提交',
    inviting: '邀请中',
    running: '运行中',
    succeeded: '成功',
    failed: '失败',
    cancelled: '已取消',
    rejected: '已拒绝',
    ready: '就绪',
  }
  const word = cli.t(state, zh[state] ?? state)
  if (state === 'succeeded') return cli.style('green', word)
  return state === 'failed' || state === 'cancelled' ? cli.style('red', word) : word
}

/** For logs: a line when a task, a round or the state changed, and when a party came or went. */
export function plainLines(
  cli: CliContext,
  before: JobView | undefined,
  view: JobView,
  facts: ProgressFacts,
): string[] {
  const lines: string[] = []
  for (const party of view.parties) {
    const was = before?.parties.find((other) => other.party === party.party)
    const wasThere = was?.connected ?? true
    if (wasThere !== party.connected && !hasEnded(view)) {
      lines.push(`${party.party}: ${party.connected ? cli.t('connected', '已连接') : cli.t('away', '离线')}`)
    }
    const isNew = was?.phase !== party.phase || was.unit !== party.unit
    if (party.phase === AWAITING_APPROVAL && isNew && view.state === 'inviting') lines.push(waitingWords(cli, party))
  }
  const at = (v: JobView | undefined) =>
    `${v?.state} ${v?.tasks.map((task) => `${task.state} ${task.round}`).join(' ')}`
  if (at(before) !== at(view)) lines.push(headline(cli, view, facts))
  return lines
}

/** Why a job did not succeed: code, party, facts, and what to do about it. */
export function failureLines(cli: CliContext, view: JobFailureView): string[] {
  const { failure_code: code, failure_party: party, failure_detail: detail } = view
  const facts = Object.entries(detail).map(([key, value]) => `${key}: ${value.replaceAll('\n', ', ')}`)
  const where = party === '' ? cli.t('at the coordinator', '发生于协调方') : `${cli.t('at', '发生于')} ${party}`
  const what = `${code} ${where}${facts.length === 0 ? '' : ` (${facts.join('; ')})`}`
  if (!isErrorCode(code)) return [cli.style('red', what)]
  const { summary, mend } = cli.language === 'zh' ? (ERROR_CODES_ZH[code] ?? ERROR_CODES[code]) : ERROR_CODES[code]
  return [cli.style('red', what), `  ${summary}`, `  ${cli.t('do', '处理')}: ${mend}`]
}

type JobFailureView = Pick<JobView, 'failure_code' | 'failure_party' | 'failure_detail'>
