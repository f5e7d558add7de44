// An agent for its operator: connection, certificates, backlog, running jobs, machine.
import type { AgentOperation } from '#console/api/operation.ts'
import { ButtonLink } from '../../components/button.tsx'
import { bytesText, Count, countText, Time } from '../../components/format.tsx'
import { Columns, Facts, Page, Section } from '../../components/layout.tsx'
import { Answer, Note } from '../../components/state.tsx'
import { Table } from '../../components/table.tsx'
import { dictionary, useWords } from '../../words.ts'
import { useOperation } from './agent-client.ts'
import { CertificateTable } from './certificate-table.tsx'
import { MachineView } from './machine-view.tsx'
import { Connection } from './states.tsx'

const words = dictionary({
  title: ['This agent', '本机代理'],
  lead: [
    'Whether it is connected, how long its certificates hold, what piles up. No data and no results.',
    '连接状态、证书有效期与积压情况。不含数据和结果。',
  ],
  doctor: ['Examine it (doctor)', '检查代理（doctor）'],
  connection: ['Connection', '连接'],
  coordinator: ['Coordinator', '协调方'],
  state: ['State', '状态'],
  since: ['Since', '自'],
  software: ['Software', '软件'],
  edition: ['Edition of the trust bundle', '信任清单版本'],
  away: ['The coordinator is not reached', '无法连接协调方'],
  awayMend: [
    'The agent dials again by itself; jobs wait meanwhile. If it lasts, let the doctor look: it tells network, certificate and clock apart.',
    '代理会自动重连，作业在此期间等待。若持续未恢复，请运行 doctor：它会区分网络、证书与时钟问题。',
  ],
  certificates: ['Certificates', '证书'],
  backlog: ['Backlog', '积压'],
  mail: ['Messages sent and not acknowledged', '已发送未确认的消息'],
  mailBytes: ['Their size', '其大小'],
  workers: ['Worker threads for encryption', '加密工作线程'],
  kept: ['Jobs kept on disk', '磁盘上保存的作业'],
  damaged: ['Jobs that could not be loaded', '无法加载的作业'],
  jobs: ['Open jobs', '进行中的作业'],
  none: ['No job is open here.', '没有进行中的作业。'],
  job: ['Job', '作业'],
  id: ['Id', '编号'],
})

/** Where a job is at this party. */
const localWords = dictionary({
  awaiting: ['waits for approval', '等待批准'],
  accepted: ['accepted, waits for the others', '已接受，等待其他方'],
  declined: ['declined', '已拒绝'],
  started: ['running', '运行中'],
})

export default function AgentPage() {
  const t = useWords(words)
  return (
    <Page title={t('title')} lead={t('lead')} actions={<ButtonLink to="/health">{t('doctor')}</ButtonLink>}>
      <Answer of={useOperation()}>{(data) => <Operation of={data} />}</Answer>
    </Page>
  )
}

function Operation({ of }: { readonly of: AgentOperation }) {
  const t = useWords(words)
  const local = useWords(localWords)
  const { coordinator, jobs, mail, workers } = of
  return (
    <>
      {coordinator.connected ? null : (
        <Note tone="wait" title={t('away')}>
          <p>{t('awayMend')}</p>
        </Note>
      )}
      <Columns>
        <Section title={t('connection')}>
          <Facts
            of={[
              [t('coordinator'), <code key="address">{coordinator.address}</code>],
              [t('state'), <Connection key="state" isConnected={coordinator.connected} />],
              [t('since'), coordinator.since === '' ? undefined : <Time key="since" at={coordinator.since} />],
              [t('software'), coordinator.software],
              [t('edition'), <Count key="edition" value={of.trustEdition} />],
            ]}
          />
        </Section>
        <Section title={t('backlog')}>
          <Facts
            of={[
              [t('mail'), countText(mail.messages)],
              [t('mailBytes'), bytesText(mail.bytes)],
              [t('workers'), countText(workers.threads)],
              [t('kept'), countText(jobs.kept)],
              [t('damaged'), countText(jobs.damaged)],
            ]}
          />
        </Section>
      </Columns>
      <Section title={t('certificates')}>
        <CertificateTable label={t('certificates')} rows={of.certificates} now={Date.now()} />
      </Section>
      <Section title={t('jobs')}>
        <Table
          label={t('jobs')}
          rows={jobs.open}
          rowId={({ job }) => job}
          empty={<p className="muted">{t('none')}</p>}
          columns={[
            { id: 'job', title: t('job'), cell: ({ name }) => name },
            { id: 'state', title: t('state'), cell: ({ state }) => local(state as keyof typeof localWords) },
            { id: 'id', title: t('id'), cell: ({ job }) => <code>{job}</code> },
          ]}
        />
      </Section>
      <MachineView of={of.machine} />
    </>
  )
}
