// All runs of this party with the status of their log: who has cosigned, what is odd about them.
import { useState } from 'react'
import { recordCalls } from '#console/api/record.ts'
import { LOG_STATES, type Run } from '#console/api/record-shapes.ts'
import { clientOf, usePaged } from '../../client.ts'
import { PageLink } from '../../components/button.tsx'
import { Select, TextField } from '../../components/fields.tsx'
import { countText, Time } from '../../components/format.tsx'
import { Page } from '../../components/layout.tsx'
import { Answer, Empty } from '../../components/state.tsx'
import { type Column, Table } from '../../components/table.tsx'
import { dictionary, useWords } from '../../words.ts'
import { stateWords } from './record-words.ts'
import { LogState, RunState } from './run-status.tsx'
import './record.css'

const words = dictionary({
  title: ['Runs and their record', '运行记录'],
  lead: [
    'Every job of your party with the log that all parties sign together. Sealed: every record of the run is under a checkpoint that all of them have cosigned.',
    '本方参与的全部作业，以及各方共同签署的日志。“已封存”表示该次运行的每条记录都在全体会签的检查点之下。',
  ],
  find: ['Name, purpose or number', '名称、用途或编号'],
  logState: ['Log', '日志'],
  all: ['all', '全部'],
  odd: ['what is odd', '有异常的'],
  run: ['Run', '运行'],
  parties: ['Parties', '参与方'],
  state: ['State', '状态'],
  started: ['Began', '开始'],
  size: ['Records', '记录数'],
  cosigned: ['Cosigned by', '会签方'],
  oddities: ['Odd', '异常情况'],
  refusals: ['{n} {n|refusal|refusals}', '{n} 次拒绝'],
  anomalies: ['{n} {n|anomaly|anomalies}', '{n} 个异常'],
  withheld: ['{n} withheld', '{n} 项未放行'],
  voided: ['{n} {n|round|rounds} voided', '{n} 轮作废'],
  disputes: ['{n} {n|dispute|disputes}', '{n} 起争议'],
  nothing: ['nothing', '无'],
  none: ['No run has left a record yet', '尚无运行记录'],
  noneSuch: ['No run is like this', '没有符合条件的运行'],
  ofAll: ['{some} of {all}', '{some}/{all}'],
  noCosign: ['nobody yet', '尚无'],
})

const calls = clientOf(recordCalls)
const SHOWN = [...LOG_STATES, 'odd', 'all'] as const

export default function RunsPage() {
  const t = useWords(words)
  const state = useWords(stateWords)
  const [find, setFind] = useState('')
  const [shown, setShown] = useState<(typeof SHOWN)[number]>('all')
  const runs = usePaged(['record', 'runs', shown, find], (after, signal) => {
    const filter = shown === 'odd' ? { isOdd: true } : shown === 'all' ? {} : { log: shown }
    const asked = { ...filter, ...(find === '' ? {} : { words: find }), ...(after === undefined ? {} : { after }) }
    return calls.loggedRuns({ query: asked }, { signal })
  })
  const options = (['all', ...LOG_STATES, 'odd'] as const).map((id) => {
    return { id, title: id === 'all' || id === 'odd' ? t(id) : state(id) }
  })
  const isAll = shown === 'all' && find === ''
  return (
    <Page title={t('title')} lead={t('lead')}>
      <div className="filters" data-tour="runs">
        <TextField label={t('find')} value={find} onChange={setFind} type="search" maxLength={120} />
        <Select label={t('logState')} options={options} value={shown} onChange={setShown} />
      </div>
      <Answer of={runs} empty={<Empty title={t(isAll ? 'none' : 'noneSuch')} />}>
        {(rows) => <Runs rows={rows} more={runs.more} />}
      </Answer>
    </Page>
  )
}

function Runs({ rows, more }: { readonly rows: readonly Run[]; readonly more: ReturnType<typeof usePaged>['more'] }) {
  const t = useWords(words)
  const columns: Column<Run>[] = [
    {
      id: 'run',
      title: t('run'),
      cell: ({ job, name, purpose }) => (
        <>
          <PageLink to={`/record/runs/${job}`}>{name || job}</PageLink>
          <div className="muted small">{purpose}</div>
        </>
      ),
      order: ({ name }) => name,
    },
    { id: 'state', title: t('state'), cell: ({ state }) => <RunState state={state} />, order: ({ state }) => state },
    { id: 'log', title: t('logState'), cell: ({ log }) => <LogState log={log} />, order: ({ log }) => log.state },
    {
      id: 'size',
      title: t('size'),
      align: 'end',
      cell: ({ records }) => <span className="numeric">{countText(records)}</span>,
      order: ({ records }) => records,
    },
    {
      id: 'cosigned',
      title: t('cosigned'),
      cell: ({ log, parties }) => {
        const all = { some: log.cosigned.length, all: parties.length }
        return log.cosigned.length === 0 ? (
          <span className="muted">{t('noCosign')}</span>
        ) : (
          <span title={log.cosigned.map(({ party }) => party).join(', ')}>{t('ofAll', all)}</span>
        )
      },
    },
    { id: 'parties', title: t('parties'), cell: ({ parties }) => parties.join(', ') },
    { id: 'odd', title: t('oddities'), cell: (run) => <Oddities run={run} /> },
    {
      id: 'started',
      title: t('started'),
      cell: ({ started }) => <Time at={started} />,
      order: ({ started }) => started,
    },
  ]
  const mark = (run: Run) => (run.log.state === 'frozen' ? 'bad' : isOdd(run) ? 'wait' : undefined)
  return <Table label={t('title')} columns={columns} rows={rows} rowId={({ job }) => job} more={more} mark={mark} />
}

const ODDITIES = ['refusals', 'anomalies', 'withheld', 'voided', 'disputes'] as const
const isOdd = (run: Run) => run.log.incidents.length > 0 || ODDITIES.some((name) => run[name] > 0)

/** What a reader would ask about. */
export function Oddities({ run }: { readonly run: Run }) {
  const t = useWords(words)
  const found = ODDITIES.filter((name) => run[name] > 0)
  if (!isOdd(run)) return <span className="muted">{t('nothing')}</span>
  return (
    <>
      {run.log.incidents.map((code) => (
        <div key={code}>
          <code>{code}</code>
        </div>
      ))}
      {found.map((name) => t(name, { n: run[name] })).join(', ')}
    </>
  )
}
