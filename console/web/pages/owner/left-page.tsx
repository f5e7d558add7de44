// What left this party on a day, and in which jobs. Reading it is stated in the access log.
import { useState } from 'react'
import { ledgerCalls } from '#console/api/ledger.ts'
import { clientOf, useAsked, usePaged } from '../../client.ts'
import { Button, PageLink } from '../../components/button.tsx'
import { TextField } from '../../components/fields.tsx'
import { Bytes, bytesText, Count, Time } from '../../components/format.tsx'
import { Page, Section } from '../../components/layout.tsx'
import { Answer, Empty, State } from '../../components/state.tsx'
import { Table } from '../../components/table.tsx'
import { dictionary, useWords } from '../../words.ts'
import { LeftSums } from './left-sums.tsx'
import './owner.css'

const words = dictionary({
  title: ['What left', '发出的内容'],
  lead: [
    'From the disclosure ledger of this party: every message of every job, who can open it, and the approval that covers it. No row and no id is ever among it. That you read this is stated in the access log.',
    '取自本方的披露账：每个作业的每条消息、可解密方及所依据的批准书。其中不含任何原始行或标识。您的查阅会记入访问日志。',
  ],
  day: ['A day', '某一天'],
  date: ['Day, UTC', '日期（UTC）'],
  today: ['Today', '今天'],
  before: ['Day before', '前一天'],
  after: ['Day after', '后一天'],
  sum: [
    '{messages} {messages|message|messages}, {bytes} on the wire, in {jobs} {jobs|job|jobs}',
    '{jobs} 个作业，共 {messages} 条消息，线上 {bytes}',
  ],
  nothing: ['Nothing left on this day.', '当天没有发出任何内容。'],
  jobs: ['By job', '按作业'],
  none: ['Nothing ever left this party.', '本方从未发出任何内容。'],
  noneWhy: ['The first job that runs here begins the ledger.', '首个作业运行后即有记录。'],
  job: ['job', '作业'],
  name: ['name', '名称'],
  guest: ['who asked', '发起方'],
  messages: ['messages', '消息数'],
  wire: ['on the wire', '线上字节'],
  last: ['last', '最近'],
  chain: ['ledger', '账本'],
  whole: ['unbroken', '完整'],
  broken: ['broken', '断裂'],
})
const client = clientOf(ledgerCalls)
const DAY_MS = 86_400_000
const dayOf = (at: number) => new Date(at).toISOString().slice(0, 10)

export default function LeftPage() {
  const t = useWords(words)
  return (
    <Page title={t('title')} lead={t('lead')}>
      <Day />
      <Jobs />
    </Page>
  )
}

function Day() {
  const t = useWords(words)
  const [day, setDay] = useState(() => dayOf(Date.now()))
  const left = useAsked(['left', 'day', day], (signal) => client.leftOfDay({ params: { day } }, { signal }))
  const move = (days: number) => setDay(dayOf(Date.parse(day) + days * DAY_MS))
  return (
    <Section title={t('day')} tour="left-today">
      <div className="owner-day">
        <TextField
          label={t('date')}
          type="date"
          value={day}
          onChange={(chosen) => {
            if (/^\d{4}-\d{2}-\d{2}$/.test(chosen)) setDay(chosen)
          }}
        />
        <Button onPress={() => move(-1)}>{t('before')}</Button>
        <Button onPress={() => move(1)} isDisabled={day >= dayOf(Date.now())}>
          {t('after')}
        </Button>
        <Button onPress={() => setDay(dayOf(Date.now()))}>{t('today')}</Button>
      </div>
      <Answer of={left} empty={<Empty title={t('nothing')} />} isEmpty={({ jobs }) => jobs.length === 0}>
        {({ messages, envelopeBytes, sums, jobs, approvals }) => (
          <>
            <p>
              <strong>{t('sum', { messages, bytes: bytesText(envelopeBytes), jobs: jobs.length })}</strong>
            </p>
            <LeftSums label={`${t('title')} ${day}`} sums={sums} approvals={approvals} />
            <Table
              label={`${t('jobs')} ${day}`}
              rows={jobs}
              rowId={({ job }) => job}
              columns={[
                {
                  id: 'job',
                  title: t('job'),
                  cell: ({ job, name }) => <PageLink to={`/left/${job}`}>{name ?? job}</PageLink>,
                },
                { id: 'guest', title: t('guest'), cell: ({ guest = '' }) => guest },
                { id: 'messages', title: t('messages'), align: 'end', cell: (row) => <Count value={row.messages} /> },
                { id: 'wire', title: t('wire'), align: 'end', cell: (row) => <Bytes value={row.envelopeBytes} /> },
                { id: 'chain', title: t('chain'), cell: ({ whole }) => <Chain whole={whole} /> },
              ]}
            />
          </>
        )}
      </Answer>
    </Section>
  )
}

function Jobs() {
  const t = useWords(words)
  const list = usePaged(['left', 'jobs'], (after, signal) =>
    client.leftJobs({ query: { limit: 20, ...(after === undefined ? {} : { after }) } }, { signal }),
  )
  return (
    <Section title={t('jobs')}>
      <Answer
        of={list}
        empty={
          <Empty title={t('none')}>
            <p>{t('noneWhy')}</p>
          </Empty>
        }
      >
        {(rows) => (
          <Table
            label={t('jobs')}
            rows={rows}
            rowId={({ job }) => job}
            more={list.more}
            mark={({ whole }) => (whole ? undefined : 'bad')}
            columns={[
              { id: 'job', title: t('job'), cell: ({ job }) => <PageLink to={`/left/${job}`}>{job}</PageLink> },
              { id: 'name', title: t('name'), cell: ({ name = '' }) => name },
              { id: 'guest', title: t('guest'), cell: ({ guest = '' }) => guest, order: ({ guest = '' }) => guest },
              { id: 'messages', title: t('messages'), align: 'end', cell: (row) => <Count value={row.messages} /> },
              {
                id: 'wire',
                title: t('wire'),
                align: 'end',
                cell: (row) => <Bytes value={row.envelopeBytes} />,
                order: (row) => row.envelopeBytes,
              },
              {
                id: 'last',
                title: t('last'),
                cell: ({ last }) => (last === '' ? '' : <Time at={last} />),
                order: ({ last }) => last,
              },
              { id: 'chain', title: t('chain'), cell: ({ whole }) => <Chain whole={whole} /> },
            ]}
          />
        )}
      </Answer>
    </Section>
  )
}

function Chain({ whole }: { readonly whole: boolean }) {
  const t = useWords(words)
  return <State tone={whole ? 'good' : 'bad'}>{t(whole ? 'whole' : 'broken')}</State>
}
