// The checks of a verification one by one, each with its result: every code of the verifier belongs to one of them.
import type { Bilingual } from '#runtime/bilingual.ts'
import type { KeyComparison } from './own-trust.ts'
import type { VerifierProblem, VerifierReport } from './report.ts'

export interface CheckKind {
  readonly id: string
  readonly title: Bilingual
  readonly codes: readonly string[]
}

/** In the order in which they build on each other. */
export const CHECKS: readonly CheckKind[] = [
  {
    id: 'bundle',
    title: { en: 'The file is an evidence bundle, and nothing is hidden in it', zh: '文件是证据包，未夹带其他内容' },
    codes: ['bundle-malformed'],
  },
  {
    id: 'checkpoint',
    title: { en: 'The coordinator’s log has signed the checkpoint', zh: '协调方日志已签署检查点' },
    codes: ['checkpoint-signature'],
  },
  {
    id: 'cosignatures',
    title: { en: 'Every participant has cosigned the checkpoint', zh: '每个参与方都会签了检查点' },
    codes: ['cosignature-missing', 'cosignature-invalid'],
  },
  {
    id: 'root',
    title: { en: 'The records are all those that were signed for: number and root', zh: '记录与所签一致：条数与根' },
    codes: ['root-mismatch', 'size-mismatch'],
  },
  {
    id: 'records',
    title: { en: 'Each record has its form and its author’s signature', zh: '逐条记录：格式正确，有作者签名' },
    codes: ['leaf-malformed', 'leaf-not-canonical', 'leaf-signature', 'unknown-key', 'author-unknown'],
  },
  {
    id: 'chains',
    title: { en: 'No author left out, repeated or moved a record', zh: '各作者的记录无缺漏、重复或移位' },
    codes: ['author-seq', 'author-prev', 'duplicate-seq', 'time-backwards'],
  },
  {
    id: 'order',
    title: { en: 'Jobs and rounds went in their order', zh: '作业与轮次按规定次序进行' },
    codes: ['job-order', 'round-order', 'round-open-without-close'],
  },
  {
    id: 'ends',
    title: { en: 'Sender and receiver say the same of each message', zh: '每条消息收发双方记录一致' },
    codes: ['sent-without-received', 'received-without-sent', 'message-mismatch'],
  },
  {
    id: 'releases',
    title: { en: 'Plain numbers left only with a release record', zh: '明文数字外发均有放行记录' },
    codes: ['released-without-record', 'adder-misused'],
  },
  {
    id: 'approvals',
    title: { en: 'Data left only under an approval, and within it', zh: '数据外发均有批准书且未超范围' },
    codes: ['approval-missing', 'approval-after-use', 'approval-exceeded'],
  },
  {
    id: 'trust',
    title: {
      en: 'The keys are those of the trust bundle that the log was opened with',
      zh: '公钥与开启日志时的信任包一致',
    },
    codes: ['trust-mismatch'],
  },
]

/** good, bad: checked; skipped: another problem came before; partly: checked for some of the keys only */
export type CheckResult = 'good' | 'bad' | 'skipped' | 'partly'
export interface CheckLine {
  readonly id: string
  readonly title: Bilingual
  readonly result: CheckResult
  readonly problems: readonly VerifierProblem[]
}

const KEYS: Bilingual = {
  en: 'The keys are those that you got another way',
  zh: '公钥与您另行取得的一致',
}

/** What no verifier finds in a bundle: docs/log-format.md. */
export const NEVER_CHECKED: readonly Bilingual[] = [
  {
    en: 'Age: an older state of the log is valid too. The time of the cosignatures tells how old this one is.',
    zh: '新旧：较早的日志状态同样有效。会签时间可说明其新旧。',
  },
  {
    en: 'A lie that the coordinator and all parties tell together.',
    zh: '协调方与全部参与方合谋的虚假记录。',
  },
  {
    en: 'Content: the log has digests and sizes, not what was inside the messages.',
    zh: '内容：日志只有摘要与大小，不含消息内容。',
  },
  { en: 'Clocks: each time is that of its author’s clock.', zh: '时钟：各时间取自作者自己的时钟。' },
  {
    en: 'README.txt and about.json are signed by nobody.',
    zh: 'README.txt 与 about.json 无人签名。',
  },
]

/** One line for each check. @param keys undefined where nothing was given to compare with */
export function checkLines(
  { problems, problemCount, facts }: VerifierReport,
  keys: KeyComparison | undefined,
): readonly CheckLine[] {
  // what cannot be read is checked no further
  const isUnreadable = problems.some(({ code }) => code === 'bundle-malformed')
  const isWithoutNote = facts.cosigners.length === 0 && problems.some(({ code }) => code === 'checkpoint-signature')
  // only so many problems are listed: whether a check without one is right, nobody can say then
  const isCut = problemCount > problems.length
  const lines = CHECKS.map(({ id, title, codes }): CheckLine => {
    const found = problems.filter(({ code }) => codes.includes(code))
    const needsNote = id === 'cosignatures' || id === 'root'
    const isSkipped = (isUnreadable && id !== 'bundle') || (isWithoutNote && needsNote && found.length === 0)
    return { id, title, result: found.length > 0 ? 'bad' : isSkipped || isCut ? 'skipped' : 'good', problems: found }
  })
  return [...lines, { id: 'keys', title: KEYS, ...keyResult(keys, isUnreadable) }]
}

function keyResult(keys: KeyComparison | undefined, isUnreadable: boolean): Pick<CheckLine, 'result' | 'problems'> {
  if (keys === undefined || isUnreadable) return { result: 'skipped', problems: [] }
  const other = keys.lines.filter(({ result }) => result === 'other')
  const problems = other.map(({ name }) => ({
    code: 'unknown-key',
    who: name,
    text: `the key of ${name} is another one`,
  }))
  const isAll = keys.lines.every(({ result }) => result === 'same')
  return { result: problems.length > 0 ? 'bad' : isAll ? 'good' : 'partly', problems }
}

/** good: everything was checked and is right; unpinned: right in itself, with keys that nobody confirmed; bad */
export type Verdict = 'good' | 'unpinned' | 'bad'

export function verdictOf({ ok, problems }: VerifierReport, lines: readonly CheckLine[]): Verdict {
  if (!ok || problems.length > 0 || lines.some(({ result }) => result === 'bad')) return 'bad'
  return lines.every(({ result }) => result === 'good') ? 'good' : 'unpinned'
}
