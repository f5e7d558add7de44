// On the first page of an agent's operator: is it connected, does its certificate hold, does anything pile up.
import { PageLink } from '../../components/button.tsx'
import { bytesText, countText, Time } from '../../components/format.tsx'
import { Facts } from '../../components/layout.tsx'
import { Answer } from '../../components/state.tsx'
import { dictionary, useWords } from '../../words.ts'
import { useOperation } from './agent-client.ts'
import { CertificateWord, Connection } from './states.tsx'

const words = dictionary({
  coordinator: ['Coordinator', '协调方'],
  certificate: ['Certificate of this agent', '本代理证书'],
  until: ['until', '至'],
  jobs: ['Open jobs', '进行中的作业'],
  mail: ['Sent and not acknowledged', '已发送未确认'],
  messages: ['{n} {n|message|messages}, {size}', '{n} 条消息，{size}'],
  disk: ['Free disk', '磁盘剩余'],
  more: ['More about this agent', '代理详情'],
})

export default function AgentCard() {
  const t = useWords(words)
  return (
    <Answer of={useOperation()}>
      {({ coordinator, certificates, jobs, mail, machine }) => {
        const own = certificates.find(({ what }) => what === 'agent')
        return (
          <>
            <Facts
              of={[
                [t('coordinator'), <Connection key="coordinator" isConnected={coordinator.connected} />],
                [
                  t('certificate'),
                  own === undefined ? undefined : (
                    <span key="certificate">
                      <CertificateWord state={own.state} /> {t('until')} <Time at={own.validTo} />
                    </span>
                  ),
                ],
                [t('jobs'), countText(jobs.open.length)],
                [t('mail'), t('messages', { n: mail.messages, size: bytesText(mail.bytes) })],
                [t('disk'), bytesText(machine.disk.free)],
              ]}
            />
            <PageLink to="/operation">{t('more')}</PageLink>
          </>
        )
      }}
    </Answer>
  )
}
