// What a verification found: the verdict, each check with its result, the keys, the facts, and what nobody checked.
import type { ReactNode } from 'react'
import { PROBLEM_TEXTS } from '#protocols/log/problem-texts.ts'
import type { ProblemCode } from '#protocols/log/problems.ts'
import { countText, Digest, figureText, Time } from '../../../components/format.tsx'
import { Facts } from '../../../components/layout.tsx'
import { State, type Tone } from '../../../components/state.tsx'
import { type Column, Table } from '../../../components/table.tsx'
import { dictionary, useLanguage, useSaid, useWords } from '../../../words.ts'
import { useSumColumns } from '../sum-columns.tsx'
import { type CheckLine, type CheckResult, checkLines, NEVER_CHECKED, verdictOf } from './checks.ts'
import { type KeyComparison, type KeyLine, LOG_NAME } from './own-trust.ts'
import type { VerifierProblem } from './report.ts'
import type { Verification } from './run-verifier.ts'

const words = dictionary({
  good: [
    'Verified: {n} records are complete, unchanged, cosigned by every participant, under the keys that you brought.',
    '核验通过：{n} 条记录完整、未被改动、由全部参与方会签，公钥与您提供的一致。',
  ],
  unpinned: [
    'Right in itself, keys not confirmed: {n} records are complete, unchanged and cosigned, by keys that you have not all compared.',
    '自身一致，公钥尚未全部确认：{n} 条记录完整、未被改动并经会签，但部分公钥未与您自己的比对。',
  ],
  bad: ['Not verified: {n} {n|problem|problems} found.', '核验未通过：发现 {n} 个问题。'],
  unpinnedMend: [
    'A bundle that was forged from its first record on looks just like this. Compare the keys below.',
    '从第一条起就伪造的证据包看上去也是如此。请比对下列公钥。',
  ],
  took: ['{name}, in {seconds} s', '{name}，用时 {seconds} 秒'],
  checks: ['Checks', '检查项'],
  check: ['Check', '检查'],
  result: ['Result', '结果'],
  passed: ['right', '通过'],
  failed: ['wrong', '未通过'],
  skipped: ['not checked', '未检查'],
  partly: ['in part', '部分'],
  problem: ['record {index}', '第 {index} 条'],
  more: ['… and {n} more', '……另有 {n} 个'],
  todo: ['What to do', '处理办法'],
  keys: ['Keys', '公钥'],
  party: ['Party', '一方'],
  log: ['coordinator’s log', '协调方日志'],
  print: ['SHA-256 in the bundle', '证据包中的 SHA-256'],
  compared: ['Against yours', '与您的比对'],
  same: ['the same', '一致'],
  other: ['another key', '不一致'],
  missing: ['you gave none', '您未提供'],
  facts: ['The log', '日志'],
  origin: ['Name', '名称'],
  records: ['Records', '记录数'],
  root: ['Root', '根'],
  cosigned: ['Cosigned', '会签'],
  jobs: ['Jobs ended', '已结束的作业'],
  sent: ['What left each party', '各方外发'],
  refusals: ['Refusals and anomalies', '拒绝与异常'],
  never: ['What no verification shows', '任何核验都不能说明的'],
  program: ['With which program', '所用程序'],
  bundleSum: ['SHA-256 of the bundle', '证据包的 SHA-256'],
  tooLarge: ['too large to sum in this browser', '文件过大，无法在此浏览器中计算'],
  programSum: [
    'SHA-256 of verifier.js; compare with `sha256sum verifier/verifier.js` of your own copy of the software',
    'verifier.js 的 SHA-256；请与您自己软件副本中 `sha256sum verifier/verifier.js` 的结果比对',
  ],
})

const RESULTS: Readonly<Record<CheckResult, readonly [Tone, 'passed' | 'failed' | 'skipped' | 'partly']>> = {
  good: ['good', 'passed'],
  bad: ['bad', 'failed'],
  skipped: ['wait', 'skipped'],
  partly: ['wait', 'partly'],
}
const PROBLEMS_SHOWN = 20

interface ResultProps {
  readonly name: string
  readonly verification: Verification
  readonly keys: KeyComparison | undefined
}

export function VerifyResult({ name, verification, keys }: ResultProps) {
  const t = useWords(words)
  const said = useSaid()
  const { report, seconds, bundleSha256, verifierSha256 } = verification
  const lines = checkLines(report, keys)
  const verdict = verdictOf(report, lines)
  const own = lines.find(({ id }) => id === 'keys')?.problems.length ?? 0
  const n = verdict === 'bad' ? report.problemCount + own : report.facts.size
  return (
    <>
      <div className={`verdict verdict-${verdict}`} role="alert">
        <p className="verdict-words">{t(verdict, { n })}</p>
        {verdict === 'unpinned' ? <p>{t('unpinnedMend')}</p> : null}
        <p className="muted">{t('took', { name, seconds: figureText(seconds, 1) })}</p>
      </div>
      <Part title={t('checks')}>
        <Checks lines={lines} />
      </Part>
      <Part title={t('keys')}>
        <Keys report={report} keys={keys} />
      </Part>
      <Part title={t('facts')}>
        <LogFacts report={report} />
      </Part>
      <Part title={t('sent')}>
        <SentTable report={report} />
      </Part>
      <Part title={t('never')}>
        <ul>
          {NEVER_CHECKED.map((one) => (
            <li key={one.en}>{said(one)}</li>
          ))}
        </ul>
      </Part>
      <Part title={t('program')}>
        <Facts
          of={[
            [
              t('bundleSum'),
              bundleSha256 === '' ? t('tooLarge') : <Digest key="bundle" value={bundleSha256} digits={64} />,
            ],
            [t('programSum'), <Digest key="program" value={verifierSha256} digits={64} />],
          ]}
        />
      </Part>
    </>
  )
}

function Part({ title, children }: { readonly title: string; readonly children: ReactNode }) {
  return (
    <div>
      <h3>{title}</h3>
      {children}
    </div>
  )
}

function Checks({ lines }: { readonly lines: readonly CheckLine[] }) {
  const t = useWords(words)
  const said = useSaid()
  const columns: Column<CheckLine>[] = [
    { id: 'check', title: t('check'), cell: ({ title }) => said(title) },
    {
      id: 'result',
      title: t('result'),
      cell: ({ result, problems }) => {
        const [tone, word] = RESULTS[result]
        return (
          <>
            <State tone={tone}>{t(word)}</State>
            <Problems problems={problems} />
          </>
        )
      },
    },
  ]
  const mark = ({ result }: CheckLine) => (result === 'bad' ? 'bad' : result === 'good' ? undefined : 'wait')
  return <Table label={t('checks')} columns={columns} rows={lines} rowId={({ id }) => id} mark={mark} />
}

/** The first of them, and what to do about each kind. */
function Problems({ problems }: { readonly problems: readonly VerifierProblem[] }) {
  const t = useWords(words)
  const language = useLanguage()
  if (problems.length === 0) return null
  const codes = [...new Set(problems.map(({ code }) => code))] as ProblemCode[]
  return (
    <>
      <ul className="plain-list small">
        {problems.slice(0, PROBLEMS_SHOWN).map(({ code, index, who, text }) => (
          <li key={`${code} ${index ?? ''} ${who ?? ''} ${text}`}>
            <code>{code}</code> {[who, index === undefined ? '' : t('problem', { index })].filter(Boolean).join(', ')}:{' '}
            {PROBLEM_TEXTS[code as ProblemCode]?.[language]} <span className="muted">({text})</span>
          </li>
        ))}
        {problems.length > PROBLEMS_SHOWN ? <li>{t('more', { n: problems.length - PROBLEMS_SHOWN })}</li> : null}
      </ul>
      <p className="small">
        {t('todo')}: {codes.map((code) => PROBLEM_TEXTS[code]?.mend[language]).join(' ')}
      </p>
    </>
  )
}

function Keys({ report, keys }: { readonly report: Verification['report']; readonly keys: KeyComparison | undefined }) {
  const t = useWords(words)
  const { participants } = report.facts
  const rows: readonly KeyLine[] =
    keys?.lines ??
    participants.map(({ name, fingerprint }, i) => {
      return { name: i === participants.length - 1 ? LOG_NAME : name, fingerprint, result: 'missing' }
    })
  const tones = { same: 'good', other: 'bad', missing: 'wait' } as const
  const columns: Column<KeyLine>[] = [
    { id: 'party', title: t('party'), cell: ({ name }) => (name === LOG_NAME ? t('log') : name) },
    { id: 'print', title: t('print'), cell: ({ fingerprint }) => <Digest value={fingerprint} digits={64} /> },
    {
      id: 'compared',
      title: t('compared'),
      cell: ({ result }) => <State tone={tones[result]}>{t(result)}</State>,
    },
  ]
  return <Table label={t('keys')} columns={columns} rows={rows} rowId={({ name }) => name || 'log'} />
}

function LogFacts({ report }: { readonly report: Verification['report'] }) {
  const t = useWords(words)
  const { origin, size, root, cosigners, jobs, refusals, anomalies } = report.facts
  const list = (lines: readonly string[], key: string) =>
    lines.length === 0 ? undefined : (
      <ul key={key} className="plain-list">
        {lines.map((line) => (
          <li key={line}>{line}</li>
        ))}
      </ul>
    )
  const odd = [...refusals, ...anomalies].map(({ party, code, time, job }) => `${party} ${code} ${job} ${time}`)
  return (
    <Facts
      of={[
        [t('origin'), origin],
        [t('records'), countText(size)],
        [t('root'), <Digest key="root" value={root} digits={24} />],
        [
          t('cosigned'),
          <ul key="cosigned" className="plain-list">
            {cosigners.map(({ name, time }) => (
              <li key={name}>
                {name} <Time at={time * 1000} />
              </li>
            ))}
          </ul>,
        ],
        [t('jobs'), list([...new Set(jobs.map(({ job, state }) => `${job} ${state}`))], 'jobs')],
        [t('refusals'), list([...new Set(odd)], 'odd')],
      ]}
    />
  )
}

function SentTable({ report }: { readonly report: Verification['report'] }) {
  const t = useWords(words)
  return (
    <Table
      label={t('sent')}
      columns={useSumColumns()}
      rows={report.facts.sent}
      rowId={(sum) => `${sum.party} ${sum.class}`}
      sortedBy={{ column: 'party' }}
    />
  )
}
