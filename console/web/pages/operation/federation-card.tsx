// How the federation runs, live: the first thing that an operator looks at.
import { useState } from 'react'
import { coordinatorCalls, type Overview } from '#console/api/coordinator.ts'
import { PageLink } from '../../components/button.tsx'
import { Bytes, countText, Time } from '../../components/format.tsx'
import { Facts } from '../../components/layout.tsx'
import { Answer, State } from '../../components/state.tsx'
import { useLive } from '../../events.ts'
import { useVisitor } from '../../shell/visitor.ts'
import { dictionary, useWords } from '../../words.ts'

const words = dictionary({
  federation: ['Federation', '联邦'],
  parties: ['Parties', '参与方'],
  connected: ['{n} of {all} connected', '{n} / {all} 已连接'],
  jobs: ['Jobs', '作业'],
  open: ['{running} running, {waiting} waiting', '{running} 个运行中，{waiting} 个等待中'],
  day: ['Ended in the last 24 hours', '过去 24 小时结束'],
  ended: ['{n}, of which {failed} failed', '{n} 个，其中 {failed} 个失败'],
  logs: ['Round logs', '轮次日志'],
  sealed: ['{n}, all cosigned', '{n} 个，均已联署'],
  unsealed: ['{n}, {waiting} waiting for cosignatures', '{n} 个，{waiting} 个待联署'],
  certificates: ['Certificates', '证书'],
  fine: ['none ends soon', '无即将到期'],
  look: ['{n} to look at', '{n} 个需处理'],
  see: ['See them', '查看'],
  next: ['The next certificate ends', '下一张证书到期'],
  relayed: ['Relayed for running jobs', '运行作业已转发'],
  edition: ['Edition of the trust bundle', '信任清单版本'],
  since: ['Coordinator runs since', '协调方启动于'],
})

export default function FederationCard() {
  const [now, setNow] = useState<Overview>()
  const { error } = useLive(coordinatorCalls.overviewEvents, {}, setNow)
  return <Answer of={{ data: now, error }}>{(data) => <Federation of={data} />}</Answer>
}

function Federation({ of }: { readonly of: Overview }) {
  const t = useWords(words)
  const { role } = useVisitor()
  const { parties, jobs, logs, certificates } = of
  const connected = t('connected', { n: parties.connected, all: parties.all })
  const isOperator = role === 'operator'
  return (
    <Facts
      of={[
        [t('federation'), of.federation],
        [
          t('parties'),
          <State key="parties" tone={parties.connected === parties.all ? 'good' : 'wait'}>
            {isOperator ? <PageLink to="/parties">{connected}</PageLink> : connected}
          </State>,
        ],
        [
          t('jobs'),
          <PageLink key="jobs" to="/queue">
            {t('open', { running: jobs.running, waiting: jobs.waiting })}
          </PageLink>,
        ],
        [t('day'), t('ended', { n: jobs.endedLately, failed: jobs.failedLately })],
        [
          t('logs'),
          <PageLink key="logs" to="/logs">
            {logs.unsealed === 0
              ? t('sealed', { n: logs.all })
              : t('unsealed', { n: logs.all, waiting: logs.unsealed })}
          </PageLink>,
        ],
        [t('relayed'), <Bytes key="relayed" value={of.relayedBytes} />],
        [
          t('certificates'),
          <span key="certificates">
            <State tone={certificates.toLookAt === 0 ? 'good' : 'wait'}>
              {t(certificates.toLookAt === 0 ? 'fine' : 'look', { n: certificates.toLookAt })}
            </State>{' '}
            {isOperator ? <PageLink to="/certificates">{t('see')}</PageLink> : null}
          </span>,
        ],
        [t('next'), <Time key="next" at={certificates.nextEnd} />],
        [t('edition'), countText(of.trustEdition)],
        [t('since'), <Time key="since" at={of.startedAt} />],
      ]}
    />
  )
}
