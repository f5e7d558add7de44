// What left in one job: whether its ledger is unbroken, sums, plain numbers, and every line of it.
import { useState } from 'react'
import { useParams } from 'wouter'
import { type LeftLine, type LeftOfJob, ledgerCalls } from '#console/api/ledger.ts'
import { clientOf, useAsked, usePaged } from '../../client.ts'
import { Select } from '../../components/fields.tsx'
import { Bytes, bytesText, Count, countText, Digest, Time } from '../../components/format.tsx'
import { Facts, Page, Section } from '../../components/layout.tsx'
import { Answer, Note, State } from '../../components/state.tsx'
import { Table } from '../../components/table.tsx'
import { classWords } from '#protocols/core/card.ts'
import type { MessageKind } from '#protocols/core/schedule.ts'
import { dictionary, useSaid, useWords } from '../../words.ts'
import { JobState } from '../results/job-state.tsx'
import { ApprovalOf, KindOfMessage, LeftSums } from './left-sums.tsx'
import './owner.css'

const words = dictionary({
  back: ['What left', '发出的内容'],
  sums: ['What left', '发出的内容'],
  guest: ['who asked', '发起方'],
  state: ['state of the job', '作业状态'],
  from: ['first', '最早'],
  to: ['last', '最近'],
  all: ['all together', '合计'],
  allOf: ['{messages} messages, {bytes} on the wire', '{messages} 条消息，线上 {bytes}'],
  chain: ['ledger', '账本'],
  unbroken: ['unbroken: {n} lines, each with the digest of the one before', '完整：共 {n} 行，每行含上一行的摘要'],
  broken: ['broken at line {line}', '在第 {line} 行断裂'],
  brokenWhy: [
    'Line {line} does not follow from the line before: somebody changed, left out or put in a line. What is shown ends before it. Keep the file and call the operator; the round log at the other parties still has what was sent.',
    '第 {line} 行与上一行不衔接：有人修改、删除或插入了内容。所示到此为止。请保留文件并联系运维人员；其他方的轮次日志中仍有发出内容的记录。',
  ],
  head: ['digest of the last line', '末行摘要'],
  plain: ['Plain numbers that were released', '公布的明文数值'],
  noPlain: ['No plain number left in this job.', '本作业未公布明文数值。'],
  step: ['step', '步骤'],
  messages: ['messages', '消息数'],
  behind: ['fewest rows behind', '背后最少行数'],
  least: ['at least wanted', '下限'],
  withheld: ['withheld', '未公布'],
  lines: ['Every line', '逐行'],
  kind: ['kind', '类别'],
  every: ['every kind', '全部类别'],
  round: ['round', '轮次'],
  receiver: ['to', '接收方'],
  wire: ['on the wire', '线上字节'],
  opened: ['can be opened by', '可解密方'],
  key: ['key', '密钥'],
  approval: ['approval', '批准书'],
  digest: ['digest', '摘要'],
  time: ['time', '时间'],
  none: ['No line of this kind.', '没有此类内容。'],
})
const client = clientOf(ledgerCalls)

export default function LeftJobPage() {
  const { job = '' } = useParams()
  const t = useWords(words)
  const left = useAsked(['left', 'job', job], (signal) => client.leftOfJob({ params: { job } }, { signal }))
  return (
    <Page title={left.data?.name ?? job} lead={job} back={{ to: '/left', title: t('back') }}>
      <Answer of={left}>
        {(found) => (
          <>
            <Sums left={found} />
            <Released releases={found.releases} />
            <Lines job={job} left={found} />
          </>
        )}
      </Answer>
    </Page>
  )
}

function Sums({ left }: { readonly left: LeftOfJob }) {
  const t = useWords(words)
  const { chain, guest, state, first, last, messages, envelopeBytes, sums, approvals } = left
  const { brokenAt, head } = chain
  return (
    <Section title={t('sums')}>
      {brokenAt === undefined ? null : (
        <Note tone="bad" title={t('broken', { line: brokenAt })}>
          <p>{t('brokenWhy', { line: brokenAt })}</p>
        </Note>
      )}
      <Facts
        of={[
          [
            t('chain'),
            <span key="chain" className="owner-says">
              <State tone={brokenAt === undefined ? 'good' : 'bad'}>
                {brokenAt === undefined ? t('unbroken', { n: chain.lines }) : t('broken', { line: brokenAt })}
              </State>
            </span>,
          ],
          [t('head'), head === undefined ? undefined : <Digest key="head" value={head} />],
          [t('guest'), guest],
          [t('state'), state === undefined ? undefined : <JobState key="state" state={state} />],
          [t('all'), t('allOf', { messages, bytes: bytesText(envelopeBytes) })],
          [t('from'), first === undefined ? undefined : <Time key="first" at={first} />],
          [t('to'), last === undefined ? undefined : <Time key="last" at={last} />],
        ]}
      />
      <LeftSums label={t('sums')} sums={sums} approvals={approvals} />
    </Section>
  )
}

function Released({ releases }: Pick<LeftOfJob, 'releases'>) {
  const t = useWords(words)
  return (
    <Section title={t('plain')}>
      <Table
        label={t('plain')}
        rows={releases}
        rowId={({ task, step }) => `${task}/${step}`}
        empty={<p className="muted">{t('noPlain')}</p>}
        columns={[
          { id: 'step', title: t('step'), cell: ({ task, step }) => <code>{`${task}/${step}`}</code> },
          { id: 'messages', title: t('messages'), align: 'end', cell: ({ messages }) => <Count value={messages} /> },
          {
            id: 'behind',
            title: t('behind'),
            align: 'end',
            cell: ({ least }) => (least === undefined || least.withheld ? t('withheld') : <Count value={least.rows} />),
          },
          {
            id: 'least',
            title: t('least'),
            align: 'end',
            cell: ({ least }) => <Count value={least?.minimumRows ?? 0} />,
          },
        ]}
      />
    </Section>
  )
}

function Lines({ job, left }: { readonly job: string; readonly left: LeftOfJob }) {
  const t = useWords(words)
  const said = useSaid()
  const [kind, setKind] = useState('every')
  const kinds = [...new Set(left.sums.map((sum) => sum.class))]
  const lines = usePaged(['left', 'job', job, 'lines', kind], (after, signal) => {
    const query = { ...(after === undefined ? {} : { after }), ...(kind === 'every' ? {} : { class: kind }) }
    return client.leftLines({ params: { job }, query }, { signal })
  })
  return (
    <Section title={t('lines')}>
      <Select
        label={t('kind')}
        value={kind}
        onChange={setKind}
        options={[
          { id: 'every', title: t('every') },
          ...kinds.map((id) => ({ id, title: said(classWords(id as MessageKind)) })),
        ]}
      />
      <Answer of={lines}>
        {(rows) => (
          <Table<LeftLine>
            label={t('lines')}
            rows={rows}
            rowId={({ seq }) => seq}
            more={lines.more}
            empty={<p className="muted">{t('none')}</p>}
            columns={[
              {
                id: 'seq',
                title: '#',
                align: 'end',
                cell: ({ seq }) => <span className="numeric">{countText(seq)}</span>,
              },
              { id: 'time', title: t('time'), cell: ({ time }) => <Time at={time} /> },
              { id: 'round', title: t('round'), cell: ({ task, round }) => (task === '' ? '—' : `${task} ${round}`) },
              { id: 'step', title: t('step'), isRowHeader: true, cell: ({ step }) => <code>{step}</code> },
              { id: 'to', title: t('receiver'), cell: ({ to }) => to },
              { id: 'kind', title: t('kind'), cell: (line) => <KindOfMessage kind={line.class} /> },
              {
                id: 'messages',
                title: t('messages'),
                align: 'end',
                cell: ({ messages }) => <Count value={messages} />,
              },
              {
                id: 'wire',
                title: t('wire'),
                align: 'end',
                cell: ({ envelopeBytes }) => <Bytes value={envelopeBytes} />,
              },
              { id: 'opened', title: t('opened'), cell: ({ decryptableBy }) => decryptableBy.join(' + ') || '—' },
              { id: 'key', title: t('key'), cell: ({ keyId }) => <code>{keyId.slice(0, 8) || '—'}</code> },
              { id: 'digest', title: t('digest'), cell: ({ sha256 }) => <code>{sha256.slice(0, 8) || '—'}</code> },
              {
                id: 'approval',
                title: t('approval'),
                cell: ({ approval }) => <ApprovalOf digest={approval} approvals={left.approvals} />,
              },
            ]}
          />
        )}
      </Answer>
    </Section>
  )
}
