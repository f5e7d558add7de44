// A refusal or failure as the reader needs it: what happened, who must act, what to do, and the code to cite.
import type { Problem } from '#console/api/problem.ts'
import type { Bilingual } from '#runtime/bilingual.ts'
import { isUnreachable, problemOf } from '../client.ts'
import { dictionary, useSaid, useWords } from '../words.ts'

const words = dictionary({
  offline: ['The server does not answer', '服务器没有响应'],
  offlineMend: [
    'Nothing was lost. Look whether the program still runs and the network is there; the page asks again by itself.',
    '数据没有丢失。请检查程序是否仍在运行、网络是否通畅；页面会自动重试。',
  ],
  unforeseen: ['Something went wrong in this page', '此页面出现了错误'],
  unforeseenMend: [
    'Load the page again. If it comes back, tell the developers the words below.',
    '请重新加载页面。如再次出现，请将下列文字告知开发人员。',
  ],
  acts: ['Who must act', '由谁处理'],
  todo: ['What to do', '处理办法'],
  facts: ['Facts', '具体情况'],
  code: ['Code', '代码'],
})

const WHO: Readonly<Record<string, Bilingual>> = {
  nobody: { en: 'nobody: it passes', zh: '无需处理，会自行恢复' },
  modeler: { en: 'the modeler', zh: '建模人员' },
  'data partner': { en: 'the data partner', zh: '数据提供方' },
  operator: { en: 'the operator', zh: '运维人员' },
  developer: { en: 'the developers', zh: '开发人员' },
}

/** @param error whatever was thrown; a problem of the server is told in full */
export function ProblemNote({ error }: { readonly error: unknown }) {
  const t = useWords(words)
  const problem = problemOf(error)
  if (problem !== undefined) return <Told problem={problem} />
  const isNetwork = isUnreachable(error)
  return (
    <div className="note note-bad" role="alert">
      <p className="note-title">{t(isNetwork ? 'offline' : 'unforeseen')}</p>
      <p>{t(isNetwork ? 'offlineMend' : 'unforeseenMend')}</p>
      {isNetwork ? null : <code className="block">{error instanceof Error ? error.message : String(error)}</code>}
    </div>
  )
}

function Told({ problem }: { readonly problem: Problem }) {
  const t = useWords(words)
  const said = useSaid()
  const facts = Object.entries(problem.detail)
  const who = WHO[problem.who]
  return (
    <div className="note note-bad" role="alert">
      <p className="note-title">{said(problem.summary)}</p>
      <dl className="facts facts-tight">
        <dt>{t('todo')}</dt>
        <dd>{said(problem.mend)}</dd>
        <dt>{t('acts')}</dt>
        <dd>{who === undefined ? problem.who : said(who)}</dd>
        {facts.length === 0 ? null : (
          <>
            <dt>{t('facts')}</dt>
            <dd>
              {facts.map(([name, value]) => (
                <div key={name}>
                  {name}: {typeof value === 'string' ? value : JSON.stringify(value)}
                </div>
              ))}
            </dd>
          </>
        )}
        <dt>{t('code')}</dt>
        <dd>
          <code>{problem.code}</code>
        </dd>
      </dl>
    </div>
  )
}
