// The jobs of this party with the kind of each result, and the choice of those to see side by side.
import { useState } from 'react'
import { type JobLine, MOST_COMPARED, resultCalls } from '#console/api/results.ts'
import { clientOf, usePaged } from '../../client.ts'
import { ButtonLink, PageLink } from '../../components/button.tsx'
import { Checkbox } from '../../components/fields.tsx'
import { Time } from '../../components/format.tsx'
import { Page } from '../../components/layout.tsx'
import { Answer, Empty, State } from '../../components/state.tsx'
import { Table } from '../../components/table.tsx'
import { useWords } from '../../words.ts'
import { JobState } from './job-state.tsx'
import { KIND_TONES, words } from './words.ts'
import './results.css'

const calls = clientOf(resultCalls)
const COMPARABLE: ReadonlySet<JobLine['kind']> = new Set(['classes', 'numbers', 'average'])

export default function ResultsPage() {
  const t = useWords(words)
  const list = usePaged(['results'], (after, signal) =>
    calls.results({ query: after === undefined ? {} : { after } }, { signal }),
  )
  const [chosen, setChosen] = useState<readonly string[]>([])
  const isEnough = chosen.length >= 2
  return (
    <Page
      title={t('results')}
      lead={t('resultsLead')}
      actions={
        isEnough ? (
          <ButtonLink to={`/results/compare/${chosen.join(',')}`} look="primary">
            {t('compareChosen', { n: chosen.length })}
          </ButtonLink>
        ) : (
          <span className="muted">{t('compareHint')}</span>
        )
      }
    >
      <Answer of={list} empty={<Empty title={t('noResults')} />}>
        {(rows) => (
          <Table
            label={t('results')}
            rows={rows}
            rowId={({ job }) => job}
            more={list.more}
            columns={[
              {
                id: 'choose',
                title: t('choose'),
                cell: ({ job, kind, name }) =>
                  COMPARABLE.has(kind) ? (
                    <Checkbox
                      value={chosen.includes(job)}
                      isDisabled={!chosen.includes(job) && chosen.length >= MOST_COMPARED}
                      onChange={(is) => setChosen(is ? [...chosen, job] : chosen.filter((other) => other !== job))}
                    >
                      <span className="unseen">{t('chooseJob', { job: name })}</span>
                    </Checkbox>
                  ) : null,
              },
              {
                id: 'job',
                title: t('job'),
                isRowHeader: true,
                cell: ({ job, name }) => <JobName job={job} name={name} />,
                order: ({ name }) => name,
              },
              {
                id: 'kind',
                title: t('kind'),
                cell: ({ kind }) => <State tone={KIND_TONES[kind]}>{t(kind)}</State>,
                order: ({ kind }) => t(kind),
              },
              { id: 'state', title: t('state'), cell: ({ state }) => <JobState state={state} /> },
              {
                id: 'parties',
                title: t('parties'),
                cell: ({ guest, hosts }) => [guest, ...hosts].join(', '),
              },
              {
                id: 'submitted',
                title: t('submitted'),
                cell: ({ submittedAt }) => <Time at={submittedAt} />,
                order: ({ submittedAt }) => submittedAt,
              },
            ]}
          />
        )}
      </Answer>
    </Page>
  )
}

export function JobName({ job, name }: Pick<JobLine, 'job' | 'name'>) {
  return (
    <>
      <PageLink to={`/results/${job}`}>{name}</PageLink>
      <small className="interval">{job}</small>
    </>
  )
}
