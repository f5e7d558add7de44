// One approval: its document, who signed it when, the jobs that used it; signing it second, and withdrawing it.
import { useState } from 'react'
import { useParams } from 'wouter'
import { type ApprovalFacts, approvalCalls } from '#console/api/approvals.ts'
import { askAgain, clientOf, useAsked } from '../../client.ts'
import { Button, Download, PageLink } from '../../components/button.tsx'
import { Digest, Time } from '../../components/format.tsx'
import { Page, Section } from '../../components/layout.tsx'
import { Answer, Note, State } from '../../components/state.tsx'
import { Table } from '../../components/table.tsx'
import { useVisitor } from '../../shell/visitor.ts'
import { dictionary, useWords } from '../../words.ts'
import { JobState } from '../results/job-state.tsx'
import { ApprovalState, WhoSigns } from './approval-state.tsx'
import { approvalWords } from './approval-words.ts'
import { CardsView } from './cards-view.tsx'
import { ApproveDialog, RevokeDialog } from './decide-dialogs.tsx'
import { DifferencesView } from './differences-view.tsx'
import { DocumentView } from './document-view.tsx'
import { Privacy } from './request-facts.tsx'
import { useSignedDocument } from './signed-document.ts'
import './owner.css'

const words = dictionary({
  back: ['Approvals', '批准书'],
  document: ['Document', '文件'],
  history: ['Signatures and withdrawal', '签署与撤回'],
  event: ['event', '事件'],
  signed: ['signed', '签署'],
  withdrawn: ['withdrawn', '撤回'],
  person: ['person', '人员'],
  role: ['role', '角色'],
  time: ['time', '时间'],
  key: ['key', '密钥'],
  reason: ['reason', '理由'],
  nobody: ['Nobody signed yet.', '尚无人签署。'],
  jobs: ['Jobs that used it', '使用过它的作业'],
  noJobs: ['No job used it yet.', '尚无作业使用。'],
  job: ['job', '作业'],
  name: ['name', '名称'],
  state: ['state', '状态'],
  waiting: ['{n} {n|job waits|jobs wait} for it', '{n} 个作业等待此批准书'],
  sign: ['Sign …', '签署…'],
  revoke: ['Withdraw …', '撤回…'],
  file: ['Document with signatures', '带签名的文件'],
  earlier: ['What differs from the approval before', '与上一份批准书的差异'],
  learns: ['Who learns what', '各方能知道什么'],
  other: [
    'It names another edition of the card of: {names}. No job runs with those.',
    '批准书所指的下列说明不是当前版本：{names}。相关作业不得运行。',
  ],
  damaged: [
    'What is on disk does not verify ({code}). Nothing runs under it.',
    '磁盘上的内容未通过校验（{code}），不得据此运行。',
  ],
})
const client = clientOf(approvalCalls)

export default function ApprovalPage() {
  const { id = '' } = useParams()
  const t = useWords(words)
  const facts = useAsked(['approvals', id], (signal) => client.approval({ params: { id } }, { signal }), {
    every: 5_000,
  })
  return (
    <Page
      title={id}
      back={{ to: '/approvals', title: t('back') }}
      actions={
        facts.data === undefined || facts.data.damage !== undefined ? undefined : (
          <Download name={`${id}.dsse.json`} file={() => client.approvalFile({ params: { id } })}>
            {t('file')}
          </Download>
        )
      }
    >
      <Answer of={facts}>{(approval) => <Approval facts={approval} />}</Answer>
    </Page>
  )
}

function Approval({ facts }: { readonly facts: ApprovalFacts }) {
  const t = useWords(words)
  const { row, bytes, digest, damage, cards, otherCards, waiting, privacy, earlier } = facts
  const shown = useSignedDocument(bytes, digest)
  return (
    <>
      <Section title={t('document')} actions={<Acts facts={facts} />}>
        <p>
          <ApprovalState state={row.state} /> {row.needs.length === 0 ? null : <WhoSigns needs={row.needs} />}
        </p>
        {damage === undefined ? null : <Note tone="bad">{t('damaged', { code: damage })}</Note>}
        {otherCards.length === 0 ? null : <Note tone="wait">{t('other', { names: otherCards.join(', ') })}</Note>}
        {waiting.length === 0 ? null : (
          <Note tone="wait" title={t('waiting', { n: waiting.length })}>
            {waiting.map((job) => (
              <div key={job}>
                <PageLink to={`/requests/${job}`}>{job}</PageLink>
              </div>
            ))}
          </Note>
        )}
        {shown === undefined ? null : <DocumentView shown={shown} />}
        {privacy === undefined ? null : <Privacy privacy={privacy} />}
      </Section>
      <History facts={facts} />
      <Jobs jobs={facts.jobs} />
      {earlier === undefined ? null : (
        <Section title={t('earlier')}>
          <p>
            <PageLink to={`/approvals/${earlier.approval}`}>{earlier.approval}</PageLink>
          </p>
          <DifferencesView label={t('earlier')} of={earlier.differences} />
        </Section>
      )}
      {cards.length === 0 ? null : (
        <Section title={t('learns')} tour="who-learns-what">
          <CardsView cards={cards} />
        </Section>
      )}
    </>
  )
}

/** Signing where a signature is missing, withdrawing while there is anything to withdraw. */
function Acts({ facts }: { readonly facts: ApprovalFacts }) {
  const t = useWords(words)
  const { role, session } = useVisitor()
  const [open, setOpen] = useState<'sign' | 'revoke'>()
  const { row, bytes, digest, damage } = facts
  const shown = useSignedDocument(bytes, digest)
  if ((role !== 'steward' && role !== 'compliance') || damage !== undefined) return null
  const close = () => setOpen(undefined)
  const isMine = row.signatures.some(({ person }) => person === session.person.id)
  const maySign = row.needs.includes(role) && !isMine && shown !== undefined
  const mayRevoke = row.state !== 'revoked' && row.state !== 'expired'
  const sign = async (passphrase: string) =>
    await client.sign({ params: { id: row.id }, body: { digest: shown?.digest ?? '', passphrase } })
  return (
    <>
      {mayRevoke ? (
        <Button look="danger" onPress={() => setOpen('revoke')}>
          {t('revoke')}
        </Button>
      ) : null}
      {maySign ? (
        <>
          <Button look="primary" isDisabled={!shown.isSame} onPress={() => setOpen('sign')}>
            {t('sign')}
          </Button>
          <ApproveDialog
            shown={shown}
            isSecond={row.signatures.length === 1}
            isOpen={open === 'sign'}
            onClose={close}
            sign={sign}
          />
        </>
      ) : null}
      <RevokeDialog
        facts={facts}
        isOpen={open === 'revoke'}
        onClose={close}
        onDone={() => void askAgain('approvals', row.id)}
      />
    </>
  )
}

interface HistoryLine {
  readonly event: 'signed' | 'withdrawn'
  readonly person: string
  readonly role: string
  readonly time: string
  readonly keyid: string
  readonly reason: string
}

function History({ facts: { row, revocation } }: { readonly facts: ApprovalFacts }) {
  const t = useWords(words)
  const name = useWords(approvalWords)
  const lines: HistoryLine[] = row.signatures.map((signature) => ({
    event: 'signed',
    person: `${signature.name} (${signature.person})`,
    role: signature.role,
    time: signature.time,
    keyid: signature.keyid,
    reason: '',
  }))
  if (revocation !== undefined)
    lines.push({
      event: 'withdrawn',
      person: revocation.by,
      role: '',
      time: revocation.time,
      keyid: '',
      reason: revocation.reason,
    })
  return (
    <Section title={t('history')}>
      <Table
        label={t('history')}
        rows={lines}
        rowId={({ event, person }) => `${event}/${person}`}
        empty={<p className="muted">{t('nobody')}</p>}
        columns={[
          {
            id: 'event',
            title: t('event'),
            cell: ({ event }) => <State tone={event === 'signed' ? 'good' : 'bad'}>{t(event)}</State>,
          },
          { id: 'person', title: t('person'), cell: ({ person }) => person },
          {
            id: 'role',
            title: t('role'),
            cell: ({ role }) => (role === 'steward' || role === 'compliance' ? name(role) : role),
          },
          { id: 'time', title: t('time'), cell: ({ time }) => <Time at={time} both /> },
          {
            id: 'key',
            title: t('key'),
            cell: ({ keyid }) => (keyid === '' ? '' : <Digest value={keyid} digits={8} />),
          },
          { id: 'reason', title: t('reason'), cell: ({ reason }) => reason },
        ]}
      />
    </Section>
  )
}

function Jobs({ jobs }: Pick<ApprovalFacts, 'jobs'>) {
  const t = useWords(words)
  return (
    <Section title={t('jobs')}>
      <Table
        label={t('jobs')}
        rows={jobs}
        rowId={({ job }) => job}
        empty={<p className="muted">{t('noJobs')}</p>}
        columns={[
          { id: 'job', title: t('job'), cell: ({ job }) => <PageLink to={`/left/${job}`}>{job}</PageLink> },
          { id: 'name', title: t('name'), cell: ({ name = '' }) => name },
          {
            id: 'state',
            title: t('state'),
            cell: ({ state }) => (state === undefined ? '—' : <JobState state={state} />),
          },
        ]}
      />
    </Section>
  )
}
