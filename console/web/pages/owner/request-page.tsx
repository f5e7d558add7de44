// One waiting job: who asks for what, who would learn what, what would be signed; approve, narrow or refuse.
import { keepPreviousData, useQuery } from '@tanstack/react-query'
import { type ReactNode, useEffect, useState } from 'react'
import { useParams } from 'wouter'
import { approvalCalls, type Draft, type DraftWishes, type RequestFacts } from '#console/api/approvals.ts'
import { clientOf, useAsked } from '../../client.ts'
import { Button, PageLink } from '../../components/button.tsx'
import { Select, TextField } from '../../components/fields.tsx'
import { Page, Section } from '../../components/layout.tsx'
import { Answer, Note, State } from '../../components/state.tsx'
import { useVisitor } from '../../shell/visitor.ts'
import { dictionary, useLanguage, useSaid, useWords } from '../../words.ts'
import { WhoSigns } from './approval-state.tsx'
import { CardsView } from './cards-view.tsx'
import { ApproveDialog, RefuseDialog } from './decide-dialogs.tsx'
import { DifferencesView } from './differences-view.tsx'
import { DocumentView } from './document-view.tsx'
import { NarrowForm, type Narrowing, narrowWishes } from './narrow-form.tsx'
import { RequestFactsView } from './request-facts.tsx'
import { type ShownDocument, useSignedDocument } from './signed-document.ts'
import './owner.css'

const words = dictionary({
  back: ['Inbox', '待办'],
  learns: ['Who learns what', '各方能知道什么'],
  learnsLead: [
    'Made from the code of the protocols. The approval names each card by its digest: another edition needs another approval.',
    '由协议代码生成。批准书以摘要指明每份说明：说明变更须重新批准。',
  ],
  document: ['What you would sign', '将要签署的内容'],
  documentLead: [
    'These are the very bytes: the digest below is counted here, and the agent signs them or refuses.',
    '所示即所签的字节：下方摘要由本页计算，代理只会签署这些字节，否则拒绝。',
  ],
  template: ['Contract', '合同模板'],
  templateHint: ['{days} days, {runs} runs', '{days} 天，{runs} 次'],
  legalBasis: ['Legal basis', '法律依据'],
  legalHint: ['that of the template unless you write another', '不填则采用模板中的法律依据'],
  narrow: ['Allow less', '缩小范围'],
  narrowClose: ['Allow what is asked', '按申请批准'],
  fromTemplate: ['What you changed of the template', '与模板的差异'],
  fromEarlier: [
    'What differs from the last approval of {guest} for this data set',
    '与 {guest} 上一份同数据集批准书的差异',
  ],
  missing: ['This leaves out what the job asks for: it would be refused', '以下内容未获允许，该作业将被拒绝'],
  another: ['Draft another one instead', '另拟一份'],
  approve: ['Approve …', '批准…'],
  refuse: ['Refuse …', '拒绝…'],
  half: ['One person signed', '一人已签署'],
  halfYou: ['You signed. Nothing happens before the second person does.', '您已签署。第二位签署前不会有任何动作。'],
  read: ['You read this; a data steward and a compliance officer decide.', '您仅可查看；由数据管理员与合规官决定。'],
  decided: ['Signed by both: the job goes on.', '双方均已签署：作业继续进行。'],
  refused: ['You refused this job.', '您已拒绝此作业。'],
  toApproval: ['Open the approval', '打开批准书'],
})
const client = clientOf(approvalCalls)
const PLAIN = 'credit-model'
const TYPING_MS = 400

export default function RequestPage() {
  const { job = '' } = useParams()
  const t = useWords(words)
  const [end, setEnd] = useState<{ readonly key: 'decided' | 'refused'; readonly approval?: string }>()
  const [isAnother, setAnother] = useState(false)
  const request = useAsked(['requests', job], (signal) => client.request({ params: { job } }, { signal }), {
    isOff: end !== undefined,
  })
  const back = { to: '/inbox', title: t('back') }
  if (end !== undefined)
    return (
      <Page title={request.data?.name ?? job} back={back}>
        <Note tone={end.key === 'decided' ? 'good' : 'plain'} title={t(end.key)}>
          {end.approval === undefined ? null : <PageLink to={`/approvals/${end.approval}`}>{t('toApproval')}</PageLink>}
        </Note>
      </Page>
    )
  return (
    <Page title={request.data?.name ?? job} back={back}>
      <Answer of={request}>
        {(facts) => (
          <>
            <RequestFactsView request={facts} />
            <Section title={t('learns')} lead={t('learnsLead')} tour="who-learns-what">
              <CardsView cards={facts.cards} />
            </Section>
            {facts.approval === undefined || isAnother ? (
              <Drafting request={facts} onEnd={setEnd} />
            ) : (
              <HalfSigned request={facts} approval={facts.approval} onEnd={setEnd} onAnother={() => setAnother(true)} />
            )}
          </>
        )}
      </Answer>
    </Page>
  )
}

type End = (end: { readonly key: 'decided' | 'refused'; readonly approval?: string }) => void

/** Nobody signed yet: the document is drafted as the person wishes. */
function Drafting({ request, onEnd }: { readonly request: RequestFacts; readonly onEnd: End }) {
  const t = useWords(words)
  const language = useLanguage()
  const mayDecide = useMayDecide()
  const [template, setTemplate] = useState(PLAIN)
  const [legalBasis, setLegalBasis] = useState('')
  const [narrowing, setNarrowing] = useState<Narrowing>()
  const settled = useSettled({ template, legalBasis: legalBasis.trim(), narrowing })
  const basis = settled.legalBasis === '' ? {} : { legalBasis: settled.legalBasis }
  const plain: DraftWishes = { template: settled.template, language, narrow: [], ...basis }
  const wishes: DraftWishes = { ...plain, narrow: narrowWishes(settled.narrowing ?? {}) }
  const widest = useDraft(request.job, plain, mayDecide)
  const made = useDraft(request.job, wishes, mayDecide)
  const widestShown = useSignedDocument(widest.data?.draft.bytes, widest.data?.draft.digest)
  const shown = useSignedDocument(made.data?.draft.bytes, made.data?.draft.digest)
  if (!mayDecide) return <Note>{t('read')}</Note>
  const approve = async (passphrase: string) => {
    if (made.data === undefined || shown === undefined) return
    const { draft, wishes: drafted } = made.data
    const { id, at } = draft
    const body = { ...drafted, id, at, digest: shown.digest, passphrase }
    const row = await client.approve({ params: { job: request.job }, body })
    if (row.state === 'active') onEnd({ key: 'decided', approval: row.id })
  }
  const missing = made.data?.draft.missing ?? []
  return (
    <>
      <Section title={t('document')} lead={t('documentLead')} tour="document">
        <Contract
          request={request}
          template={template}
          onTemplate={setTemplate}
          legalBasis={legalBasis}
          onLegalBasis={setLegalBasis}
        />
        <div className="actions">
          <Button onPress={() => setNarrowing(narrowing === undefined ? {} : undefined)}>
            {t(narrowing === undefined ? 'narrow' : 'narrowClose')}
          </Button>
        </div>
        {narrowing === undefined || widestShown === undefined ? null : (
          <NarrowForm request={request} widest={widestShown.document} value={narrowing} onChange={setNarrowing} />
        )}
        <Answer of={made}>
          {({ draft }) => (shown === undefined ? null : <DraftView request={request} draft={draft} shown={shown} />)}
        </Answer>
      </Section>
      <DecideBar
        request={request}
        shown={made.isPlaceholderData ? undefined : shown}
        isSecond={false}
        sign={approve}
        warning={<MissingNote missing={missing} />}
        onEnd={onEnd}
      />
    </>
  )
}

interface ContractProps {
  readonly request: RequestFacts
  readonly template: string
  readonly onTemplate: (name: string) => void
  readonly legalBasis: string
  readonly onLegalBasis: (text: string) => void
}

function Contract({ request, template, onTemplate, legalBasis, onLegalBasis }: ContractProps) {
  const t = useWords(words)
  const said = useSaid()
  const chosen = request.templates.find(({ name }) => name === template)
  return (
    <div className="owner-limits">
      <Select
        label={t('template')}
        value={template}
        onChange={onTemplate}
        options={request.templates.map(({ name, about, days, runs }) => ({
          id: name,
          title: said(about),
          hint: t('templateHint', { days, runs }),
        }))}
      />
      <TextField
        label={t('legalBasis')}
        hint={t('legalHint')}
        placeholder={chosen === undefined ? '' : said(chosen.legalBasis)}
        value={legalBasis}
        onChange={onLegalBasis}
        maxLength={500}
      />
    </div>
  )
}

/** A draft is asked for once: another would have another number and time, and so another digest than the one on the page. */
function useDraft(job: string, wishes: DraftWishes, isWanted: boolean) {
  return useQuery({
    queryKey: ['requests', job, 'draft', JSON.stringify(wishes)],
    queryFn: async ({ signal }) => ({
      wishes,
      draft: await client.draft({ params: { job }, body: wishes }, { signal }),
    }),
    enabled: isWanted,
    staleTime: Number.POSITIVE_INFINITY,
    placeholderData: keepPreviousData,
  })
}

/** The value once nobody has typed for a moment. */
function useSettled<T>(value: T): T {
  const [settled, setSettled] = useState(value)
  const key = JSON.stringify(value)
  useEffect(() => {
    const timer = setTimeout(() => setSettled(JSON.parse(key) as T), TYPING_MS)
    return () => clearTimeout(timer)
  }, [key])
  return settled
}

interface DraftViewProps {
  readonly request: RequestFacts
  readonly draft: Draft
  readonly shown: ShownDocument
}

function DraftView({ request, draft, shown }: DraftViewProps) {
  const t = useWords(words)
  const { missing, fromTemplate, earlier } = draft
  return (
    <>
      <MissingNote missing={missing} />
      <DocumentView shown={shown} />
      {fromTemplate.length === 0 ? null : (
        <>
          <h3>{t('fromTemplate')}</h3>
          <DifferencesView label={t('fromTemplate')} of={fromTemplate} />
        </>
      )}
      {earlier === undefined ? null : (
        <>
          <h3>{t('fromEarlier', { guest: request.guest })}</h3>
          <p>
            <PageLink to={`/approvals/${earlier.approval}`}>{earlier.approval}</PageLink>
          </p>
          <DifferencesView label={t('fromEarlier', { guest: request.guest })} of={earlier.differences} />
        </>
      )}
    </>
  )
}

function MissingNote({ missing }: { readonly missing: readonly string[] }) {
  const t = useWords(words)
  if (missing.length === 0) return null
  return (
    <Note tone="wait" title={t('missing')}>
      <ul className="owner-list">
        {missing.map((line) => (
          <li key={line}>{line}</li>
        ))}
      </ul>
    </Note>
  )
}

interface HalfSignedProps {
  readonly request: RequestFacts
  readonly approval: string
  readonly onEnd: End
  /** the person would rather sign something else */
  readonly onAnother: () => void
}

/** One person signed: the other reads the same document and signs it, or refuses. */
function HalfSigned({ request, approval, onEnd, onAnother }: HalfSignedProps) {
  const t = useWords(words)
  const { session, role } = useVisitor()
  const mayDecide = useMayDecide()
  const facts = useAsked(
    ['approvals', approval],
    (signal) => client.approval({ params: { id: approval } }, { signal }),
    { every: 5_000 },
  )
  const shown = useSignedDocument(facts.data?.bytes, facts.data?.digest)
  const sign = async (passphrase: string) => {
    const digest = shown?.digest ?? ''
    const row = await client.sign({ params: { id: approval }, body: { digest, passphrase } })
    if (row.state === 'active') onEnd({ key: 'decided', approval })
  }
  return (
    <>
      <Section title={t('document')} lead={t('documentLead')} tour="document">
        <Answer of={facts}>
          {({ row, earlier }) => (
            <>
              <Note tone="wait" title={t('half')}>
                <p>{row.signatures.map(({ name }) => name).join(', ')}</p>
                {row.signatures.some(({ person }) => person === session.person.id) ? <p>{t('halfYou')}</p> : null}
              </Note>
              {mayDecide ? (
                <div className="actions">
                  <Button onPress={onAnother}>{t('another')}</Button>
                </div>
              ) : null}
              {shown === undefined ? null : <DocumentView shown={shown} />}
              {earlier === undefined ? null : (
                <>
                  <h3>{t('fromEarlier', { guest: request.guest })}</h3>
                  <DifferencesView label={t('fromEarlier', { guest: request.guest })} of={earlier.differences} />
                </>
              )}
            </>
          )}
        </Answer>
      </Section>
      <DecideBar
        request={request}
        shown={request.needs.some((needed) => needed === role) ? shown : undefined}
        isSecond
        sign={sign}
        onEnd={onEnd}
      />
    </>
  )
}

interface DecideProps {
  readonly request: RequestFacts
  /** absent where there is nothing for this person to sign: it is being made, or the other role signs */
  readonly shown: ShownDocument | undefined
  readonly isSecond: boolean
  readonly sign: (passphrase: string) => Promise<unknown>
  readonly warning?: ReactNode
  readonly onEnd: End
}

/** Always in sight: who has yet to sign, and the two answers. */
function DecideBar({ request, shown, isSecond, sign, warning, onEnd }: DecideProps) {
  const t = useWords(words)
  const [open, setOpen] = useState<'approve' | 'refuse'>()
  const mayDecide = useMayDecide()
  if (!mayDecide) return <Note>{t('read')}</Note>
  const close = () => setOpen(undefined)
  return (
    <div className="owner-decide" data-tour="decide">
      <span className="owner-says">
        <State tone="wait">
          <WhoSigns needs={request.needs} />
        </State>
      </span>
      <div className="actions">
        <Button look="danger" onPress={() => setOpen('refuse')}>
          {t('refuse')}
        </Button>
        <Button look="primary" isDisabled={shown?.isSame !== true} onPress={() => setOpen('approve')}>
          {t('approve')}
        </Button>
      </div>
      {shown === undefined ? null : (
        <ApproveDialog
          shown={shown}
          isSecond={isSecond}
          isOpen={open === 'approve'}
          onClose={close}
          sign={sign}
          {...(warning === undefined ? {} : { warning })}
        />
      )}
      <RefuseDialog
        job={request.job}
        isOpen={open === 'refuse'}
        onClose={close}
        onDone={() => onEnd({ key: 'refused' })}
      />
    </div>
  )
}

function useMayDecide(): boolean {
  const { role } = useVisitor()
  return role === 'steward' || role === 'compliance'
}
