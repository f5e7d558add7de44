// What can be known before anybody is asked: every check with what it found and what to do, and what the job would cost.
import type { Preflight } from '#console/api/jobs.ts'
import { Bytes, Duration } from '../../components/format.tsx'
import { State, type Tone } from '../../components/state.tsx'
import { type Column, Table } from '../../components/table.tsx'
import { dictionary, useSaid, useWords } from '../../words.ts'
import { taskWords } from './job-words.ts'

const words = dictionary({
  passed: ['fits', '通过'],
  warning: ['look at it', '请留意'],
  problem: ['must be mended', '须处理'],
  todo: ['What to do: ', '处理办法：'],
  cost: ['What it would cost', '预计代价'],
  costNote: [
    'Estimated from two cores on one machine; right within a factor of two or three.',
    '以一台双核机器为准估算，误差在两三倍以内。',
  ],
  task: ['Task', '任务'],
  bytes: ['Sent by all', '各方发送合计'],
  time: ['Time', '时间'],
  total: ['Total', '合计'],
  rows: ['At most {n} rows take part.', '至多 {n} 行参与。'],
  roundTrip: ['Round trip to the coordinator: {n} ms', '到协调方的往返时间：{n} 毫秒'],
})

const TONES: Readonly<Record<string, Tone>> = { passed: 'good', warning: 'wait', problem: 'bad' }

export function Checks({ preflight: { checks, roundTripMs } }: { readonly preflight: Preflight }) {
  const t = useWords(words)
  const said = useSaid()
  return (
    <>
      <ul className="checks">
        {checks.map(({ name, title, state, findings }) => (
          <li key={name}>
            <div className="check-head">
              <State tone={TONES[state] ?? 'plain'}>{t(state)}</State> {said(title)}
            </div>
            {findings.map(({ party, text, mend }) => (
              <div className="finding" key={`${party} ${text.en}`}>
                <p>{said(text)}</p>
                <p className="muted">
                  {t('todo')}
                  {said(mend)}
                </p>
              </div>
            ))}
          </li>
        ))}
      </ul>
      <p className="muted">{t('roundTrip', { n: roundTripMs })}</p>
    </>
  )
}

type Estimate = Preflight['estimate'][number]

export function Cost({ preflight: { estimate, rows } }: { readonly preflight: Preflight }) {
  const t = useWords(words)
  const task = useWords(taskWords)
  if (estimate.length === 0) return null
  const total: Estimate = {
    task: '',
    bytes: estimate.reduce((sum, { bytes }) => sum + bytes, 0),
    seconds: estimate.reduce((sum, { seconds }) => sum + seconds, 0),
  }
  const columns: Column<Estimate>[] = [
    {
      id: 'task',
      title: t('task'),
      cell: ({ task: name }) => (name === '' ? <strong>{t('total')}</strong> : task(name as 'bin')),
    },
    { id: 'bytes', title: t('bytes'), cell: ({ bytes }) => <Bytes value={bytes} />, align: 'end' },
    { id: 'time', title: t('time'), cell: ({ seconds }) => <Duration seconds={Math.ceil(seconds)} />, align: 'end' },
  ]
  return (
    <>
      <h3>{t('cost')}</h3>
      <p className="muted">
        {t('rows', { n: rows })} {t('costNote')}
      </p>
      <Table label={t('cost')} columns={columns} rows={[...estimate, total]} rowId={(row) => row.task} />
    </>
  )
}

/** Whether something has to be mended first. */
export const hasProblems = ({ checks }: Preflight): boolean => checks.some(({ state }) => state === 'problem')
