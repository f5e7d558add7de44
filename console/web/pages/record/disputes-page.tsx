// Disputes about rounds of averaging in which this party asked or showed its update. Opening one is for the command line.
import { recordCalls } from '#console/api/record.ts'
import type { Dispute } from '#console/api/record-shapes.ts'
import { clientOf, usePaged } from '../../client.ts'
import { PageLink } from '../../components/button.tsx'
import { Time } from '../../components/format.tsx'
import { Facts, Page, Section } from '../../components/layout.tsx'
import { Answer, Empty, State } from '../../components/state.tsx'
import { Button } from '../../components/button.tsx'
import { dictionary, useWords } from '../../words.ts'
import './record.css'

const words = dictionary({
  title: ['Disputes', '争议'],
  lead: [
    'When a round of averaging looks spoiled, its guest may ask the others to show their update of that one round. People of each party agree or do not; nothing is shown unasked. Opening, agreeing and comparing are done with `tributary dispute`.',
    '联邦平均某一轮疑有问题时，发起方可请其他各方出示该轮的更新，由各方人员决定是否同意，不会主动出示。提出、同意与比较均使用 `tributary dispute` 命令。',
  ],
  none: ['No dispute has been opened or answered here', '此处没有提出或答复过争议'],
  round: ['Round {n} of {job}', '{job} 第 {n} 轮'],
  id: ['Number', '编号'],
  by: ['Asked by', '提出'],
  when: ['When', '时间'],
  reason: ['Reason', '理由'],
  side: ['Your party', '本方'],
  asked: ['asked', '提出'],
  shown: ['showed its update to the guest', '已向发起方出示更新'],
  signature: ['Signature of the guest', '发起方签名'],
  right: ['right', '有效'],
  wrong: ['wrong', '无效'],
  reads: ['Reads of updates in the common log', '共同日志中的更新读取'],
  nobody: ['none yet', '尚无'],
  run: ['Record of the run', '该次运行的记录'],
  more: ['Show more', '显示更多'],
})

const calls = clientOf(recordCalls)

export default function DisputesPage() {
  const t = useWords(words)
  const disputes = usePaged(['record', 'disputes'], (after, signal) =>
    calls.disputes({ query: after === undefined ? {} : { after } }, { signal }),
  )
  const { more } = disputes
  return (
    <Page title={t('title')} lead={t('lead')}>
      <Answer of={disputes} empty={<Empty title={t('none')} />}>
        {(rows) => rows.map((one) => <One key={one.id} dispute={one} />)}
      </Answer>
      {more === undefined ? null : (
        <Button isPending={more.isAsking} onPress={more.ask}>
          {t('more')}
        </Button>
      )}
    </Page>
  )
}

function One({ dispute }: { readonly dispute: Dispute }) {
  const t = useWords(words)
  const { id, job, round, guest, by, reason, time, side, isSigned, shown } = dispute
  return (
    <Section title={t('round', { n: round, job })}>
      <Facts
        of={[
          [t('id'), <code key="id">{id}</code>],
          [t('by'), `${guest} (${by})`],
          [t('when'), <Time key="when" at={time} both />],
          [t('reason'), reason],
          [t('side'), t(side)],
          [
            t('signature'),
            <State key="signature" tone={isSigned ? 'good' : 'bad'}>
              {t(isSigned ? 'right' : 'wrong')}
            </State>,
          ],
          [
            t('reads'),
            shown.length === 0 ? (
              t('nobody')
            ) : (
              <ul key="reads" className="plain-list">
                {shown.map(({ party, actor, time: at }) => (
                  <li key={`${party} ${at}`}>
                    {party}: {actor} <Time at={at} />
                  </li>
                ))}
              </ul>
            ),
          ],
        ]}
      />
      <PageLink to={`/record/runs/${job}`}>{t('run')}</PageLink>
    </Section>
  )
}
