// The record of one run: the status of its log, the time line with its list, the records themselves, evidence to keep.
import { useState } from 'react'
import { useParams } from 'wouter'
import { recordCalls } from '#console/api/record.ts'
import type { Run, Timeline } from '#console/api/record-shapes.ts'
import { clientOf, useAsked } from '../../client.ts'
import { Button, ButtonLink } from '../../components/button.tsx'
import { countText, Digest, Time } from '../../components/format.tsx'
import { Facts, Page, Section } from '../../components/layout.tsx'
import { Answer, Note } from '../../components/state.tsx'
import { type Column, Table } from '../../components/table.tsx'
import { useVisitor } from '../../shell/visitor.ts'
import { dictionary, useWords } from '../../words.ts'
import { ExportPanel } from './export-panel.tsx'
import { RecordsList, type RecordsFilter } from './records-list.tsx'
import { LogState, RunState } from './run-status.tsx'
import { Oddities } from './runs-page.tsx'
import { TimelinePicture, useCellWords, useColumnTitle } from './timeline.tsx'
import './record.css'

const words = dictionary({
  title: ['Record of a run', '运行的记录'],
  back: ['Runs and their record', '运行记录'],
  job: ['Job', '查看作业'],
  verify: ['Verify in this browser', '在浏览器中核验'],
  status: ['The run and its log', '运行与日志'],
  state: ['State of the run', '运行状态'],
  log: ['Log', '日志'],
  sealedOf: ['{sealed} of {all} records cosigned by all', '共 {all} 条，全体会签 {sealed} 条'],
  frozen: ['This log is frozen', '该日志已冻结'],
  frozenMend: [
    'A fault was found in it and no job goes on under it. The evidence is kept in the folder of the log; the guide for compliance officers says what to do.',
    '日志中发现故障，其下的作业不再继续。证据保存在日志目录中，处理办法见合规指南。',
  ],
  root: ['Root of the sealed records', '已封存记录的根'],
  cosigned: ['Cosigned', '会签'],
  purpose: ['Purpose', '用途'],
  number: ['Number', '编号'],
  parties: ['Parties, the guest first', '参与方（发起方在前）'],
  began: ['Began', '开始'],
  ended: ['Ended', '结束'],
  odd: ['Odd', '异常情况'],
  timeline: ['Time line', '时间线'],
  timelineLead: [
    'One lane for each party, one column for each round or a few of them. Choose a cell or a line of the list to see its records; zoom in to see the rounds of a column apart.',
    '每个参与方一行，每列为一轮或相邻几轮。点选格子或列表行可查看其记录；放大可将一列中的各轮分开。',
  ],
  whole: ['Whole run', '整次运行'],
  wider: ['Zoom out', '缩小'],
  earlier: ['Earlier', '更早'],
  later: ['Later', '更晚'],
  zoom: ['Zoom in', '放大'],
  zoomOn: ['Zoom in on {column}', '放大 {column}'],
  show: ['Records', '记录'],
  showOf: ['Show the records of {column}', '显示 {column} 的记录'],
  rounds: ['Rounds', '各轮'],
  what: ['What happened', '发生了什么'],
  records: ['Records', '记录'],
  evidence: ['Evidence to keep', '导出证据'],
})

const calls = clientOf(recordCalls)
const EVIDENCE_ROLES = new Set(['compliance', 'auditor'])
/** narrower screens get fewer columns; the server never sends more */
const columnsThatFit = () => Math.min(90, Math.max(12, Math.floor((innerWidth - 420) / 20)))

export default function RunPage() {
  const t = useWords(words)
  const { job } = useParams<{ job: string }>()
  const { role } = useVisitor()
  const run = useAsked(['record', 'run', job], (signal) => calls.loggedRun({ params: { job } }, { signal }))
  const mayExport = EVIDENCE_ROLES.has(role)
  const actions = (
    <>
      <ButtonLink to={`/jobs/${job}`}>{t('job')}</ButtonLink>
      {mayExport ? (
        <ButtonLink to={`/record/verify/${job}`} look="primary">
          {t('verify')}
        </ButtonLink>
      ) : null}
    </>
  )
  return (
    <Page title={run.data?.name || t('title')} back={{ to: '/record', title: t('back') }} actions={actions}>
      <Answer of={run}>{(found) => <Status run={found} />}</Answer>
      <Course job={job} />
      {mayExport ? (
        <Section title={t('evidence')} tour="evidence">
          <ExportPanel job={job} />
        </Section>
      ) : null}
    </Page>
  )
}

function Status({ run }: { readonly run: Run }) {
  const t = useWords(words)
  const { log } = run
  return (
    <Section title={t('status')} tour="log-status">
      {log.state === 'frozen' ? (
        <Note tone="bad" title={t('frozen')}>
          <p>{t('frozenMend')}</p>
        </Note>
      ) : null}
      <Facts
        of={[
          [t('state'), <RunState key="state" state={run.state} />],
          [
            t('log'),
            <span key="log">
              <LogState log={log} /> {t('sealedOf', { sealed: log.sealedSize, all: log.size })}
            </span>,
          ],
          [t('root'), <Digest key="root" value={log.root} digits={16} />],
          [t('cosigned'), <Cosigned key="cosigned" log={log} />],
          [t('purpose'), run.purpose || undefined],
          [t('number'), <Digest key="job" value={run.job} digits={24} />],
          [t('parties'), run.parties.join(', ')],
          [t('began'), <Time key="began" at={run.started} both />],
          [t('ended'), run.ended === undefined ? undefined : <Time key="ended" at={run.ended} both />],
          [t('odd'), <Oddities key="odd" run={run} />],
        ]}
      />
    </Section>
  )
}

interface Part {
  readonly from: number
  readonly to: number
}

/** Who has, and when the last one did: until then it was not sealed. */
function Cosigned({ log }: Pick<Run, 'log'>) {
  const last = log.cosigned
    .map(({ time }) => time)
    .toSorted()
    .at(-1)
  if (last === undefined) return '—'
  return (
    <>
      {log.cosigned.map(({ party }) => party).join(', ')}
      <div className="muted small">
        <Time at={last} />
      </div>
    </>
  )
}

function Course({ job }: { readonly job: string }) {
  const t = useWords(words)
  const [part, setPart] = useState<Part>()
  const [chosen, setChosen] = useState<{ readonly part: Part; readonly party?: string }>()
  const [columns] = useState(columnsThatFit)
  const timeline = useAsked(['record', 'timeline', job, part], (signal) =>
    calls.runTimeline({ params: { job }, query: { columns, ...part } }, { signal }),
  )
  const zoom = (next: Part | undefined) => {
    setPart(next)
    setChosen(undefined)
  }
  const range = chosen?.part ?? part
  const filter: RecordsFilter = {
    ...(range === undefined ? {} : { from: range.from, to: range.to }),
    ...(chosen?.party === undefined ? {} : { party: chosen.party }),
  }
  return (
    <>
      <Section
        title={t('timeline')}
        lead={t('timelineLead')}
        tour="timeline"
        actions={<Zoom part={part} size={timeline.data?.size} onZoom={zoom} />}
      >
        <Answer of={timeline}>
          {(found) => (
            <TimelinePicture
              timeline={found}
              chosen={chosenIn(found, chosen)}
              onChoose={(column, party) => setChosen({ part: partOf(found, column), party })}
            />
          )}
        </Answer>
      </Section>
      <div className="run-detail">
        <Section title={t('rounds')}>
          <Answer of={timeline}>
            {(found) => <Rounds timeline={found} onZoom={zoom} onShow={(shown) => setChosen({ part: shown })} />}
          </Answer>
        </Section>
        <Section title={t('records')}>
          <RecordsList job={job} filter={filter} onParty={(party) => setChosen({ part: range ?? WHOLE, ...party })} />
        </Section>
      </div>
    </>
  )
}

const WHOLE: Part = { from: 0, to: 10_000_000 }

function partOf({ columns }: Timeline, column: number): Part {
  const { from = 0, to = 0 } = columns[column] ?? {}
  return { from, to }
}

function chosenIn({ columns }: Timeline, chosen: { readonly part: Part; readonly party?: string } | undefined) {
  const column = columns.findIndex(({ from, to }) => from === chosen?.part.from && to === chosen.part.to)
  return column < 0 ? undefined : { column, ...(chosen?.party === undefined ? {} : { party: chosen.party }) }
}

interface ZoomProps {
  readonly part: Part | undefined
  readonly size: number | undefined
  readonly onZoom: (part: Part | undefined) => void
}

function Zoom({ part, size, onZoom }: ZoomProps) {
  const t = useWords(words)
  if (part === undefined || size === undefined) return null
  const span = part.to - part.from + 1
  const moved = (by: number): Part => {
    const from = Math.max(0, Math.min(size - span, part.from + by))
    return { from, to: from + span - 1 }
  }
  const wider = () => {
    const from = Math.max(0, part.from - Math.ceil(span / 2))
    const to = Math.min(size - 1, part.to + Math.ceil(span / 2))
    onZoom(from === 0 && to === size - 1 ? undefined : { from, to })
  }
  return (
    <>
      <Button isDisabled={part.from === 0} onPress={() => onZoom(moved(-span))}>
        {t('earlier')}
      </Button>
      <Button isDisabled={part.to >= size - 1} onPress={() => onZoom(moved(span))}>
        {t('later')}
      </Button>
      <Button onPress={wider}>{t('wider')}</Button>
      <Button onPress={() => onZoom(undefined)}>{t('whole')}</Button>
    </>
  )
}

interface RoundsProps {
  readonly timeline: Timeline
  readonly onZoom: (part: Part) => void
  readonly onShow: (part: Part) => void
}

interface RoundsRow {
  readonly column: number
  readonly title: string
  readonly part: Part
  readonly opened: string | undefined
  readonly said: readonly string[]
}

/** The picture in words: a line for each column. */
function Rounds({ timeline, onZoom, onShow }: RoundsProps) {
  const t = useWords(words)
  const titleOf = useColumnTitle()
  const told = useCellWords()
  const rows = timeline.columns.map((column, i): RoundsRow => {
    const cells = timeline.cells.filter((cell) => cell.column === i)
    const opened = cells.map((cell) => cell.opened).filter((time) => time !== undefined)
    return {
      column: i,
      title: titleOf(column),
      part: partOf(timeline, i),
      opened: opened.toSorted()[0],
      said: cells
        .map((cell) => [cell.party, told(cell)])
        .flatMap(([party, what]) => (what === '' ? [] : [`${party}: ${what}`])),
    }
  })
  const columns: Column<RoundsRow>[] = [
    {
      id: 'round',
      title: t('rounds'),
      cell: ({ title, opened }) => (
        <>
          {title}
          {opened === undefined ? null : (
            <div className="muted small">
              <Time at={opened} />
            </div>
          )}
        </>
      ),
    },
    {
      id: 'what',
      title: t('what'),
      cell: ({ said }) =>
        said.length === 0 ? (
          '—'
        ) : (
          <ul className="plain-list small">
            {said.map((line) => (
              <li key={line}>{line}</li>
            ))}
          </ul>
        ),
    },
    {
      id: 'acts',
      title: t('show'),
      cell: ({ part, title }) => (
        <div className="actions">
          <Button look="quiet" label={t('showOf', { column: title })} onPress={() => onShow(part)}>
            {t('show')}
          </Button>
          {part.to > part.from ? (
            <Button look="quiet" label={t('zoomOn', { column: title })} onPress={() => onZoom(part)}>
              {t('zoom')}
            </Button>
          ) : null}
        </div>
      ),
    },
  ]
  return (
    <div className="rounds-list">
      <Table
        label={`${t('rounds')}, ${countText(rows.length)}`}
        columns={columns}
        rows={rows}
        rowId={({ column }) => column}
      />
    </div>
  )
}
