// The result of one job: at a glance, then its chapters, each asked for when it is opened.
import { useEffect } from 'react'
import { useParams } from 'wouter'
import { useHashLocation } from 'wouter/use-hash-location'
import { type Overview, resultCalls, type ResultKind } from '#console/api/results.ts'
import { text, type TextName } from '#credit/report/words.ts'
import { clientOf } from '../../client.ts'
import { ButtonLink } from '../../components/button.tsx'
import { Page, Section, Tabs } from '../../components/layout.tsx'
import { Answer, Empty, Loading, Note, State } from '../../components/state.tsx'
import { useLanguage, useWords } from '../../words.ts'
import { useRead } from './kept.ts'
import { ChapterBody } from './chapters.tsx'
import { Files } from './files.tsx'
import { Facts, Headlines } from './glance.tsx'
import { isOpen, useStateWord } from './job-state.tsx'
import { OwnPartSection } from './own-part.tsx'
import { KIND_TONES, words } from './words.ts'
import './results.css'

const calls = clientOf(resultCalls)
/** A job that runs may have its result soon; so often it is looked for. */
const WAITING_MS = 15_000
const HAVE_CHAPTERS: ReadonlySet<ResultKind> = new Set<ResultKind>(['classes', 'numbers', 'average', 'scan'])

export default function ResultPage() {
  const t = useWords(words)
  const { job = '' } = useParams()
  const overview = useRead(['results', job], (signal) => calls.result({ params: { job } }, { signal }))
  const { data, refetch } = overview
  const isWaiting = data !== undefined && data.kind === 'none' && isOpen(data.state)
  useEffect(() => {
    if (!isWaiting) return undefined
    const timer = setInterval(() => void refetch(), WAITING_MS)
    return () => clearInterval(timer)
  }, [isWaiting, refetch])
  return (
    <Page
      title={overview.data?.name ?? t('results')}
      lead={<code>{job}</code>}
      back={{ to: '/results', title: t('toResults') }}
      actions={
        <>
          <ButtonLink to={`/jobs/${job}`}>{t('toJob')}</ButtonLink>
          <ButtonLink to={`/record/runs/${job}`}>{t('toRecord')}</ButtonLink>
        </>
      }
    >
      <Answer of={overview}>{(of) => <Result of={of} />}</Answer>
    </Page>
  )
}

function Result({ of }: { readonly of: Overview }) {
  const t = useWords(words)
  return (
    <>
      {of.kind === 'none' || of.kind === 'damaged' || of.kind === 'part' ? <NothingToShow of={of} /> : null}
      {of.headline.length === 0 && of.kind !== 'scores' ? null : (
        <Section
          title={of.kind === 'scores' ? t('scores') : t('onHoldout')}
          tour="result-quality"
          actions={<State tone={KIND_TONES[of.kind]}>{t(of.kind)}</State>}
          {...(of.kind === 'scores' ? { lead: t('scoredLead') } : {})}
        >
          <Headlines of={of} />
        </Section>
      )}
      {HAVE_CHAPTERS.has(of.kind) ? <Chapters of={of} /> : null}
      {of.ownPart ? <OwnPartSection job={of.job} /> : null}
      <Section title={t('facts')}>
        <Facts of={of} />
      </Section>
      {of.files.length === 0 ? null : <Files of={of} />}
    </>
  )
}

function NothingToShow({ of }: { readonly of: Overview }) {
  const t = useWords(words)
  const stateWord = useStateWord()
  if (of.kind === 'part')
    return (
      <Note title={t('partTitle', { guest: of.guest })}>
        <p>{t('partLead')}</p>
      </Note>
    )
  if (of.kind === 'damaged')
    return (
      <Note tone="bad" title={t('damagedTitle')}>
        <p>{t('damagedMend')}</p>
      </Note>
    )
  return (
    <Empty title={t('noneTitle')}>
      <p>{isOpen(of.state) ? t('noneOpen') : t('noneEnded', { state: stateWord(of.state) })}</p>
      <ButtonLink to={`/jobs/${of.job}`}>{t('toJob')}</ButtonLink>
    </Empty>
  )
}

function Chapters({ of: { job } }: { readonly of: Overview }) {
  const t = useWords(words)
  const asked = useRead(['results', job, 'chapters'], (signal) => calls.chapters({ params: { job } }, { signal }))
  if (asked.data === undefined && asked.error === null) return <Loading what={t('computing')} />
  return <Answer of={asked}>{({ chapters }) => <Opened job={job} chapters={chapters} />}</Answer>
}

/** A chapter has an address of its own, so that it can be passed on. */
function Opened({ job, chapters }: { readonly job: string; readonly chapters: readonly string[] }) {
  const t = useWords(words)
  const language = useLanguage()
  const { chapter } = useParams()
  const [, go] = useHashLocation()
  const selected = chapters.find((known) => known === chapter) ?? chapters[0]
  if (selected === undefined) return null
  const titleOf = (name: string): string =>
    name === 'quality' || name === 'rounds' || name === 'statistics' ? t(name) : text(name as TextName, language)
  return (
    <div className="chapters">
      <Tabs
        label={t('results')}
        selected={selected}
        onSelect={(name) => go(`/results/${job}/${name}`, { replace: true })}
        tabs={chapters.map((name) => ({
          id: name,
          title: titleOf(name),
          body: () => <ChapterBody job={job} chapter={name} title={titleOf(name)} />,
        }))}
      />
    </div>
  )
}
