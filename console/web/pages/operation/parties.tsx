// The parties of the federation with their connection, software and certificate.
import { usePaged } from '../../client.ts'
import { Bytes, Count, Duration, Party, Time } from '../../components/format.tsx'
import { Page } from '../../components/layout.tsx'
import { Answer, Empty, State } from '../../components/state.tsx'
import { Table } from '../../components/table.tsx'
import { dictionary, useWords } from '../../words.ts'
import { coordinator, from, LOOK_AGAIN_MS } from './coordinator-client.ts'
import { CertificateWord, Connection } from './states.tsx'

const words = dictionary({
  title: ['Parties', '参与方'],
  lead: [
    'Who is in the trust bundle, and whose agent is connected. What a party offers, approves or records is at its own agent.',
    '信任清单中的各方及其代理连接状态。各方提供、审批和记录的内容仅在其自己的代理上。',
  ],
  none: ['The federation has no parties yet.', '联邦尚无参与方。'],
  mend: ['Invite one with `tributary federation invite`.', '请用 `tributary federation invite` 邀请参与方。'],
  party: ['Party', '参与方'],
  connection: ['Connection', '连接'],
  since: ['Since', '自'],
  never: ['not since the coordinator started', '协调方启动后未连接'],
  software: ['Agent software', '代理软件'],
  certificate: ['Certificate', '证书'],
  left: ['Ends in', '剩余有效期'],
  jobs: ['Running jobs', '运行中作业'],
  sets: ['Data sets', '数据集'],
  queue: ['Waiting for it', '待发送'],
  revoked: ['revoked', '已吊销'],
})

export default function Parties() {
  const t = useWords(words)
  const list = usePaged(
    ['coordinator', 'parties'],
    (after, signal) => coordinator.parties({ query: from(after) }, { signal }),
    { every: LOOK_AGAIN_MS },
  )
  const none = <Empty title={t('none')}>{t('mend')}</Empty>
  return (
    <Page title={t('title')} lead={t('lead')}>
      <Answer of={list} empty={none}>
        {(rows) => (
          <Table
            label={t('title')}
            rows={rows}
            rowId={({ party }) => party}
            more={list.more}
            mark={({ revoked, connected }) => (revoked ? 'bad' : connected ? undefined : 'wait')}
            columns={[
              { id: 'party', title: t('party'), cell: (row) => <Party name={row.party} />, order: (row) => row.party },
              {
                id: 'connection',
                title: t('connection'),
                cell: (row) =>
                  row.revoked ? <State tone="bad">{t('revoked')}</State> : <Connection isConnected={row.connected} />,
                order: (row) => Number(row.connected),
              },
              {
                id: 'since',
                title: t('since'),
                cell: (row) => (row.since === '' ? t('never') : <Time at={row.since} />),
                order: (row) => row.since,
              },
              {
                id: 'software',
                title: t('software'),
                cell: (row) => row.software || '–',
                order: (row) => row.software,
              },
              {
                id: 'certificate',
                title: t('certificate'),
                cell: ({ certificate }) =>
                  certificate === undefined ? '–' : <CertificateWord state={certificate.state} />,
              },
              {
                id: 'left',
                title: t('left'),
                align: 'end',
                cell: ({ certificate }) =>
                  certificate === undefined ? (
                    '–'
                  ) : (
                    <Duration seconds={Math.max(0, secondsUntil(certificate.validTo))} />
                  ),
                order: ({ certificate }) => (certificate === undefined ? 0 : secondsUntil(certificate.validTo)),
              },
              {
                id: 'jobs',
                title: t('jobs'),
                align: 'end',
                cell: (row) => <Count value={row.runningJobs} />,
                order: (row) => row.runningJobs,
              },
              { id: 'sets', title: t('sets'), align: 'end', cell: (row) => <Count value={row.datasets} /> },
              { id: 'queue', title: t('queue'), align: 'end', cell: (row) => <Bytes value={row.queuedBytes} /> },
            ]}
          />
        )}
      </Answer>
    </Page>
  )
}

function secondsUntil(time: string): number {
  return (Date.parse(time) - Date.now()) / 1000
}
