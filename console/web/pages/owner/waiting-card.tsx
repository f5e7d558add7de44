// On the first page: how much waits for people of this party. Who decides gets there with one press.
import { approvalCalls } from '#console/api/approvals.ts'
import { clientOf, useAsked } from '../../client.ts'
import { ButtonLink } from '../../components/button.tsx'
import { Answer, State } from '../../components/state.tsx'
import { useVisitor } from '../../shell/visitor.ts'
import { dictionary, useWords } from '../../words.ts'
import './owner.css'

const words = dictionary({
  none: ['Nothing waits for a decision.', '没有等待决定的事项。'],
  requests: ['{n} {n|job waits|jobs wait} for an approval', '{n} 个作业等待批准'],
  signatures: ['{n} of it {n|waits|wait} for the second signature or a first one', '其中 {n} 项等待签署'],
  ending: ['{n} {n|approval ends|approvals end} soon', '{n} 份批准书即将到期'],
  open: ['Open the inbox', '打开待办'],
  others: ['A data steward and a compliance officer of this party decide.', '由本方的数据管理员与合规官决定。'],
})
const client = clientOf(approvalCalls)

export default function WaitingCard() {
  const t = useWords(words)
  const { role } = useVisitor()
  const counts = useAsked(['inbox', 'counts'], (signal) => client.inboxCounts({}, { signal }), { every: 10_000 })
  const mayOpen = role === 'steward' || role === 'compliance' || role === 'auditor'
  return (
    <Answer of={counts}>
      {({ requests, signatures, ending }) => (
        <div className="owner-stack">
          {requests + signatures + ending === 0 ? <p className="muted">{t('none')}</p> : null}
          {requests === 0 ? null : <State tone="wait">{t('requests', { n: requests })}</State>}
          {signatures === 0 ? null : <State tone="wait">{t('signatures', { n: signatures })}</State>}
          {ending === 0 ? null : <State>{t('ending', { n: ending })}</State>}
          {mayOpen ? (
            <div className="actions">
              <ButtonLink to="/inbox" look={requests + signatures > 0 ? 'primary' : 'plain'}>
                {t('open')}
              </ButtonLink>
            </div>
          ) : (
            <p className="muted">{t('others')}</p>
          )}
        </div>
      )}
    </Answer>
  )
}
