// What takes a passphrase: approving what is shown, refusing a job, withdrawing an approval.
import { useState, type ReactNode } from 'react'
import { type ApprovalFacts, approvalCalls } from '#console/api/approvals.ts'
import { askAgain, clientOf } from '../../client.ts'
import { PageLink } from '../../components/button.tsx'
import { SignDialog } from '../../components/dialog.tsx'
import { TextArea } from '../../components/fields.tsx'
import { Digest } from '../../components/format.tsx'
import { Facts } from '../../components/layout.tsx'
import { Note } from '../../components/state.tsx'
import { dictionary, useWords } from '../../words.ts'
import { approvalWords } from './approval-words.ts'
import type { ShownDocument } from './signed-document.ts'

const words = dictionary({
  approve: ['Sign the approval', '签署批准书'],
  sign: ['Sign', '签署'],
  second: [
    'Yours is the second signature: the approval is active at once, and jobs that wait for it begin.',
    '您是第二位签署人：签署后批准书立即生效，等待它的作业将开始。',
  ],
  first: [
    'A person of the other role has to sign too before anything happens.',
    '须另一角色的人员也签署后，批准书才生效。',
  ],
  refuse: ['Refuse this job', '拒绝此作业'],
  refuseAct: ['Refuse', '拒绝'],
  refuseWhat: [
    'The job ends. Who asked is told that this party refused, and your reason.',
    '作业随之结束。发起方会得知本方拒绝及您的理由。',
  ],
  reason: ['Reason', '理由'],
  reasonHint: [
    'It is signed with your refusal, recorded, and told to who asked.',
    '理由随决定一并签署并留存，且告知发起方。',
  ],
  revoke: ['Withdraw this approval', '撤回此批准书'],
  revokeAct: ['Withdraw', '撤回'],
  revokeWhat: [
    'One person is enough. Nothing leaves under it from the next message on, and no other job begins.',
    '一人即可撤回。自下一条消息起不再发出任何内容，也不会再有作业据此开始。',
  ],
  stops: ['{n} running {n|job stops|jobs stop}: ', '将停止 {n} 个正在运行的作业：'],
  stopsNone: ['No job runs under it now.', '目前没有作业据此运行。'],
})
const client = clientOf(approvalCalls)

interface ApproveProps {
  readonly shown: ShownDocument
  /** nobody else has to sign after this */
  readonly isSecond: boolean
  readonly isOpen: boolean
  readonly onClose: () => void
  readonly sign: (passphrase: string) => Promise<unknown>
  /** what is left out of the job, before it is signed */
  readonly warning?: ReactNode
}

export function ApproveDialog({ shown, isSecond, isOpen, onClose, sign, warning }: ApproveProps) {
  const t = useWords(words)
  const name = useWords(approvalWords)
  const { document, digest, isSame } = shown
  const signed = async (passphrase: string) => {
    await sign(passphrase)
    await Promise.all([askAgain('inbox'), askAgain('requests'), askAgain('approvals')])
  }
  return (
    <SignDialog title={t('approve')} act={t('sign')} isOpen={isOpen} onClose={onClose} sign={signed} isReady={isSame}>
      <Facts
        of={[
          [name('guest'), document.guest],
          [name('purpose'), document.purpose],
          [name('dataset'), document.dataset],
          [name('columns'), document.columns.join(', ')],
          [name('runs'), String(document.runs)],
          [name('digest'), <Digest key="digest" value={digest} digits={16} />],
        ]}
      />
      {isSame ? null : <Note tone="bad">{name('digestOther')}</Note>}
      {warning}
      <p>{t(isSecond ? 'second' : 'first')}</p>
    </SignDialog>
  )
}

interface ReasonProps {
  readonly isOpen: boolean
  readonly onClose: () => void
  readonly onDone: () => void
}

export function RefuseDialog({ job, isOpen, onClose, onDone }: ReasonProps & { readonly job: string }) {
  const t = useWords(words)
  const [reason, setReason] = useState('')
  const refuse = async (passphrase: string) => {
    await client.refuse({ params: { job }, body: { reason: reason.trim(), passphrase } })
    await askAgain('inbox')
    onDone()
  }
  return (
    <SignDialog
      title={t('refuse')}
      act={t('refuseAct')}
      look="danger"
      isOpen={isOpen}
      onClose={onClose}
      sign={refuse}
      isReady={reason.trim() !== ''}
    >
      <p>{t('refuseWhat')}</p>
      <Reason value={reason} onChange={setReason} />
    </SignDialog>
  )
}

export function RevokeDialog({ facts, isOpen, onClose, onDone }: ReasonProps & { readonly facts: ApprovalFacts }) {
  const t = useWords(words)
  const [reason, setReason] = useState('')
  const { id } = facts.row
  const running = facts.jobs.filter((job) => job.running)
  const revoke = async (passphrase: string) => {
    await client.revoke({ params: { id }, body: { reason: reason.trim(), passphrase } })
    await Promise.all([askAgain('inbox'), askAgain('approvals')])
    onDone()
  }
  return (
    <SignDialog
      title={t('revoke')}
      act={t('revokeAct')}
      look="danger"
      isOpen={isOpen}
      onClose={onClose}
      sign={revoke}
      isReady={reason.trim() !== ''}
    >
      <p>{t('revokeWhat')}</p>
      <Note tone={running.length === 0 ? 'plain' : 'wait'}>
        {running.length === 0 ? <p>{t('stopsNone')}</p> : <p>{t('stops', { n: running.length })}</p>}
        <ul className="owner-list">
          {running.map(({ job, name }) => (
            <li key={job}>
              {name} <PageLink to={`/left/${job}`}>{job}</PageLink>
            </li>
          ))}
        </ul>
      </Note>
      <Reason value={reason} onChange={setReason} />
    </SignDialog>
  )
}

function Reason({ value, onChange }: { readonly value: string; readonly onChange: (value: string) => void }) {
  const t = useWords(words)
  return (
    <TextArea
      label={t('reason')}
      hint={t('reasonHint')}
      value={value}
      onChange={onChange}
      maxLength={500}
      rows={3}
      isRequired
    />
  )
}
