// A new job: the file filled in from a template (or from an earlier job), who takes part, its mistakes and its pre-flight
// as it is written, and its submission.
import { useQuery } from '@tanstack/react-query'
import { useEffect, useState } from 'react'
import { useLocation, useParams } from 'wouter'
import { type Checked, jobCalls, MAX_JOB_TEXT } from '#console/api/jobs.ts'
import { askAgain, clientOf, useAsked } from '../../client.ts'
import { Button } from '../../components/button.tsx'
import { Checkbox, TextField } from '../../components/fields.tsx'
import { Page, Section } from '../../components/layout.tsx'
import { ProblemNote } from '../../components/problem.tsx'
import { Answer, Loading, Note } from '../../components/state.tsx'
import { currentLanguage, dictionary, useWords } from '../../words.ts'
import { nameIn, withName } from './job-name.ts'
import { Checks, Cost, hasProblems } from './preflight.tsx'
import { YamlEditor } from './yaml-editor.tsx'
import './jobs.css'

const words = dictionary({
  title: ['New job', '新建作业'],
  back: ['Templates', '模板'],
  name: ['Name', '名称'],
  nameHint: ['All parties see it.', '各方均可见。'],
  partners: ['Who takes part', '参与的合作方'],
  partnersHint: [
    'All that offer fitting data. Without a tick a party is not asked.',
    '列出提供了适用数据的全部合作方；未勾选的不会收到请求。',
  ],
  edited: [
    'The file was changed by hand: change who takes part in it, or start over.',
    '文件已手动修改：请在文件中调整参与方，或重新开始。',
  ],
  startOver: ['Start over', '重新开始'],
  file: ['Job file', '作业文件'],
  preflight: ['Pre-flight', '预检'],
  preflightLead: ['Nobody has been asked yet.', '尚未通知任何人。'],
  afterMistakes: ['It follows as soon as the file has no mistakes.', '文件没有错误后即可预检。'],
  checking: ['Looking at what the parties offer …', '正在对照各方提供的数据…'],
  submit: ['Submit', '提交作业'],
  submitLead: [
    'Your party signs the job and every party is asked. Its data owners approve before anything runs; the access log of your party states that you had it signed.',
    '本方签署作业并通知各方；各数据方批准后才会运行。本方访问记录会载明由您签署提交。',
  ],
  anyway: ['Submit in spite of what must be mended', '仍然提交（存在须处理的问题）'],
  tooLong: ['The file is too long: at most {n} characters', '文件过长：至多 {n} 个字符'],
})

const calls = clientOf(jobCalls)
const isEarlierJob = (template: string) => template.startsWith('job-')

export default function DraftPage() {
  const t = useWords(words)
  const { template } = useParams<{ template: string }>()
  // the language of the remarks in the file; another one later is no reason to write the file anew
  const [language] = useState(currentLanguage)
  const start = useAsked(['jobs', 'draft', template, language], (signal) => begin(template, { language }, signal))
  return (
    <Page title={t('title')} back={{ to: '/jobs/new', title: t('back') }}>
      <Answer of={start}>
        {(draft) => <Draft key={template} first={draft} fill={(partners) => begin(template, { language, partners })} />}
      </Answer>
    </Page>
  )
}

interface Start {
  readonly text: string
  readonly partners: readonly string[]
  readonly chosen: readonly string[]
}
type Wishes = { readonly language: 'en' | 'zh'; readonly partners?: string }

async function begin(template: string, query: Wishes, signal?: AbortSignal): Promise<Start> {
  const options = signal === undefined ? {} : { signal }
  if (!isEarlierJob(template)) return await calls.draftJob({ params: { template }, query }, options)
  const { text } = await calls.jobText({ params: { job: template } }, options)
  return { text, partners: [], chosen: [] }
}

interface DraftProps {
  readonly first: Start
  /** the template with these partners, with commas between */
  readonly fill: (partners: string) => Promise<Start>
}

function Draft({ first, fill }: DraftProps) {
  const t = useWords(words)
  const [start, setStart] = useState(first)
  const [text, setText] = useState(first.text)
  const [refusal, setRefusal] = useState<unknown>()
  const settled = useSettled(text)
  const check = useQuery<Checked>({
    queryKey: ['jobs', 'check', settled],
    queryFn: ({ signal }) => calls.check({ body: { text: settled } }, { signal }),
    enabled: settled.length <= MAX_JOB_TEXT,
    placeholderData: (before) => before,
    gcTime: 60_000,
  })
  const isChecking = settled !== text || check.isPlaceholderData || check.isPending
  const problems = check.data?.problems ?? []
  const { preflight } = check.data ?? {}
  const isEdited = withName(text, 'x') !== withName(start.text, 'x')
  const choose = async (partners: readonly string[]) => {
    setRefusal(undefined)
    try {
      const filled = await fill(partners.join(','))
      setStart(filled)
      setText(withName(filled.text, nameIn(text)))
    } catch (error) {
      setRefusal(error)
    }
  }
  const isReady = !isChecking && check.data !== undefined && problems.length === 0
  return (
    <div className="draft">
      <Section title={t('file')}>
        <TextField
          label={t('name')}
          hint={t('nameHint')}
          value={nameIn(text)}
          onChange={(name) => setText(withName(text, name))}
          maxLength={120}
        />
        {start.partners.length < 2 ? null : (
          <Partners
            start={start}
            isEdited={isEdited}
            onPartners={(chosen) => void choose(chosen)}
            onStartOver={() => setText(start.text)}
          />
        )}
        {refusal === undefined ? null : <ProblemNote error={refusal} />}
        {text.length > MAX_JOB_TEXT ? <Note tone="bad">{t('tooLong', { n: MAX_JOB_TEXT })}</Note> : null}
        <YamlEditor text={text} onChange={setText} problems={problems} isChecking={isChecking} />
      </Section>
      <div className="draft-side">
        <Submit text={text} preflight={preflight} isReady={isReady} />
        <Section title={t('preflight')} lead={t('preflightLead')}>
          {check.error === null ? null : <ProblemNote error={check.error} />}
          {preflight !== undefined ? (
            <>
              <Checks preflight={preflight} />
              <Cost preflight={preflight} />
            </>
          ) : problems.length > 0 ? (
            <p className="muted">{t('afterMistakes')}</p>
          ) : check.error === null ? (
            <Loading what={t('checking')} />
          ) : null}
        </Section>
      </div>
    </div>
  )
}

interface PartnersProps {
  readonly start: Start
  readonly isEdited: boolean
  readonly onPartners: (chosen: readonly string[]) => void
  readonly onStartOver: () => void
}

/** A tick fills the template anew, so a file that was changed by hand keeps its own. */
function Partners({ start, isEdited, onPartners, onStartOver }: PartnersProps) {
  const t = useWords(words)
  const isAlone = start.chosen.length === 1
  return (
    <fieldset className="partners">
      <legend>{t('partners')}</legend>
      <div className="choices">
        {start.partners.map((party) => {
          const isChosen = start.chosen.includes(party)
          const others = start.partners.filter((other) => other !== party && start.chosen.includes(other))
          return (
            <Checkbox
              key={party}
              value={isChosen}
              isDisabled={isEdited || (isChosen && isAlone)}
              onChange={(wanted) => onPartners(wanted ? [...others, party] : others)}
            >
              {party}
            </Checkbox>
          )
        })}
      </div>
      <p className="hint">{t(isEdited ? 'edited' : 'partnersHint')}</p>
      {isEdited ? (
        <div>
          <Button look="quiet" onPress={onStartOver}>
            {t('startOver')}
          </Button>
        </div>
      ) : null}
    </fieldset>
  )
}

function Submit(props: { text: string; preflight: Checked['preflight']; isReady: boolean }) {
  const t = useWords(words)
  const { text, preflight, isReady } = props
  const [, go] = useLocation()
  const [isWillful, setWillful] = useState(false)
  const [isPending, setPending] = useState(false)
  const [error, setError] = useState<unknown>()
  const isAmiss = preflight !== undefined && hasProblems(preflight)
  const submit = async () => {
    setPending(true)
    setError(undefined)
    try {
      const { job } = await calls.submit({ body: { text } })
      void askAgain('jobs')
      go(`/jobs/${job}`)
    } catch (failure) {
      setError(failure)
      setPending(false)
    }
  }
  return (
    <Section title={t('submit')} lead={t('submitLead')} tour="submit-job">
      {isAmiss ? (
        <Checkbox value={isWillful} onChange={setWillful}>
          {t('anyway')}
        </Checkbox>
      ) : null}
      {error === undefined ? null : <ProblemNote error={error} />}
      <div className="actions">
        <Button
          look="primary"
          isPending={isPending}
          isDisabled={!isReady || (isAmiss && !isWillful)}
          onPress={() => void submit()}
        >
          {t('submit')}
        </Button>
      </div>
    </Section>
  )
}

const SETTLE_MS = 400

/** The text once nobody typed for a moment. */
function useSettled(text: string): string {
  const [settled, setSettled] = useState(text)
  useEffect(() => {
    const timer = setTimeout(() => setSettled(text), SETTLE_MS)
    return () => clearTimeout(timer)
  }, [text])
  return settled
}
