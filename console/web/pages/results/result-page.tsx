// The result of one job: at a glance, then its chapters, each asked for when it is opened.
import { useParams } from 'wouter'
import { useHashLocation } from 'wouter/use-hash-location'
import { type Overview, resultCalls } from '#console/api/results.ts'
import { text, type TextName } from '#credit/report/words.ts'
import { clientOf, useAsked } from '../../client.ts'
import { ButtonLink } from '../../components/button.tsx'
import { Page, Section, Tabs } from '../../components/layout.tsx'
import { Answer, Empty, Note, State } from '../../components/state.tsx'
import { useLanguage, useWords } from '../../words.ts'
import { ChapterBody } from './chapters.tsx'
import { Files } from './files.tsx'
import { Facts, Headlines } from './glance.tsx'
import { isOpen, useStateWord } from './job-state.tsx'
import { OwnPartSection } from './own-part.tsx'
import { KIND_TONES, words } from './words.ts'
import './results.css'

const calls = clientOf(resultCalls)
const WAITING_MS = 15_000

export default function ResultPage() {
  const t = useWords(words)
  const { job = '' } = useParams()
  const overview = useAsked(['results', job], (signal) => calls.result({ params: { job } }, { signal }))
  const open = overview.data !== undefined && isOpen(overview.data.state) && overview.data.kind === 'none'
  // a job that runs has its result soon; one that ended is never asked for again
  useAsked(['results', job, 'wait'], () => overview.refetch().then(() => Date.now()), {
    every: WAITING_MS,
    isOff: !open,
  })
  return (
    <Page
      title={overview.data?.name ?? t('results')}
      lead={<code>{job}</code>}
      back={{ to: '/results', title: t('toResults') }}
      actions={
        <>
          <ButtonLink to={`/jobs/${job}`}>{t('toJob')}</ButtonLink>
          <ButtonLink to={`/record/${job}`}>{t('toRecord')}</ButtonLink>
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
      {of.chapters.length === 0 ? null : <Chapters of={of} />}
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

/** A chapter has an address of its own, so that it can be passed on. */
function Chapters({ of }: { readonly of: Overview }) {
  const t = useWords(words)
  const language = useLanguage()
  const { chapter } = useParams()
  const [, go] = useHashLocation()
  const selected = of.chapters.find((known) => known === chapter) ?? of.chapters[0] ?? ''
  const titleOf = (name: string): string =>
    name === 'quality' || name === 'rounds' || name === 'statistics' ? t(name) : text(name as TextName, language)
  return (
    <Tabs
      label={t('results')}
      selected={selected}
      onSelect={(name) => go(`/results/${of.job}/${name}`, { replace: true })}
      tabs={of.chapters.map((name) => ({
        id: name,
        title: titleOf(name),
        body: () => <ChapterBody job={of.job} chapter={name} title={titleOf(name)} />,
      }))}
    />
  )
}
