// The coordinator's machine, its checks, the relay and the adder.
import type { Resources as Used } from '#console/api/coordinator.ts'
import { useAsked } from '../../client.ts'
import { PageLink } from '../../components/button.tsx'
import { Bytes, bytesText, Party } from '../../components/format.tsx'
import { Columns, Page, Section } from '../../components/layout.tsx'
import { Answer, Gauge } from '../../components/state.tsx'
import { Table } from '../../components/table.tsx'
import { dictionary, useWords } from '../../words.ts'
import { CheckList } from './check-list.tsx'
import { coordinator, LOOK_AGAIN_MS } from './coordinator-client.ts'
import { MachineView } from './machine-view.tsx'

const words = dictionary({
  title: ['Machine and health', '资源与健康'],
  checks: ['Checks', '检查'],
  relay: ['Relay', '转发'],
  relayLead: [
    'Sealed envelopes pass through unread. What waits for a party is bounded: its senders are made to wait.',
    '加密信封原样转发，协调方无法读取。等待发送的数据量有上限，超出时发送方会被暂停。',
  ],
  job: ['Job', '作业'],
  bytes: ['Relayed', '已转发'],
  quota: ['Quota', '限额'],
  noJobs: ['No job runs.', '没有运行中的作业。'],
  party: ['Party', '参与方'],
  queued: ['Waiting now', '当前等待'],
  highest: ['Most that waited', '最高等待'],
  noQueues: ['No agent is connected.', '没有已连接的代理。'],
  queues: ['Queues to the agents', '发往代理的队列'],
  jobs: ['Running jobs', '运行中的作业'],
  adder: ['Memory of the adder', '密文累加内存'],
  inUse: ['In use', '已用'],
  most: ['Most so far', '历史最高'],
  of: ['{part} of {all}', '{part} / {all}'],
  files: ['Databases in the home', '工作目录中的数据库'],
  file: ['File', '文件'],
  size: ['Size', '大小'],
})

export default function Resources() {
  const t = useWords(words)
  const used = useAsked(['coordinator', 'resources'], (signal) => coordinator.resources({}, { signal }), {
    every: LOOK_AGAIN_MS,
  })
  const checks = useAsked(['coordinator', 'checks'], (signal) => coordinator.checks({}, { signal }), {
    every: 2 * LOOK_AGAIN_MS,
  })
  return (
    <Page title={t('title')}>
      <Section title={t('checks')}>
        <Answer of={checks}>{(found) => <CheckList checks={found.checks} />}</Answer>
      </Section>
      <Answer of={used}>
        {(data) => (
          <>
            <MachineView of={data.machine} />
            <Relay of={data} />
          </>
        )}
      </Answer>
    </Page>
  )
}

function Relay({ of: { relay, adder, files } }: { readonly of: Used }) {
  const t = useWords(words)
  const part = (value: number) => t('of', { part: bytesText(value), all: bytesText(adder.limit) })
  return (
    <>
      <Section title={t('relay')} lead={t('relayLead')}>
        <Table
          label={t('jobs')}
          rows={relay.jobs}
          rowId={({ job }) => job}
          empty={<p className="muted">{t('noJobs')}</p>}
          columns={[
            { id: 'job', title: t('job'), cell: ({ job, name }) => <PageLink to={`/queue/${job}`}>{name}</PageLink> },
            { id: 'bytes', title: t('bytes'), align: 'end', cell: ({ bytes }) => <Bytes value={bytes} /> },
            { id: 'quota', title: t('quota'), align: 'end', cell: () => <Bytes value={relay.jobBytesLimit} /> },
          ]}
        />
        <Table
          label={t('queues')}
          rows={relay.queues}
          rowId={({ party }) => party}
          empty={<p className="muted">{t('noQueues')}</p>}
          columns={[
            { id: 'party', title: t('party'), cell: ({ party }) => <Party name={party} /> },
            { id: 'queued', title: t('queued'), align: 'end', cell: ({ bytes }) => <Bytes value={bytes} /> },
            { id: 'highest', title: t('highest'), align: 'end', cell: ({ highest }) => <Bytes value={highest} /> },
          ]}
        />
      </Section>
      <Columns>
        <Section title={t('adder')}>
          <Gauge label={t('inUse')} value={adder.used} most={adder.limit} words={part(adder.used)} />
          <Gauge label={t('most')} value={adder.highest} most={adder.limit} words={part(adder.highest)} />
        </Section>
        <Section title={t('files')}>
          <Table
            label={t('files')}
            rows={files}
            rowId={({ file }) => file}
            columns={[
              { id: 'file', title: t('file'), cell: ({ file }) => <code>{file}</code> },
              { id: 'size', title: t('size'), align: 'end', cell: ({ bytes }) => <Bytes value={bytes} /> },
            ]}
          />
        </Section>
      </Columns>
    </>
  )
}
