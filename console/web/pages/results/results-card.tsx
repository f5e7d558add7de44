// The card of the first page: the newest results of this party.
import { resultCalls } from '#console/api/results.ts'
import { clientOf, useAsked } from '../../client.ts'
import { PageLink } from '../../components/button.tsx'
import { Time } from '../../components/format.tsx'
import { Answer, State } from '../../components/state.tsx'
import { Table } from '../../components/table.tsx'
import { useWords } from '../../words.ts'
import { KIND_TONES, words } from './words.ts'

const calls = clientOf(resultCalls)
const SHOWN = 5

export default function ResultsCard() {
  const t = useWords(words)
  const latest = useAsked(['results', 'latest'], (signal) => calls.results({ query: { limit: SHOWN } }, { signal }))
  return (
    <Answer of={latest} empty={<p className="muted">{t('noResults')}</p>}>
      {({ items }) => (
        <>
          <Table
            label={t('results')}
            rows={items}
            rowId={({ job }) => job}
            columns={[
              {
                id: 'job',
                title: t('job'),
                cell: ({ job, name }) => <PageLink to={`/results/${job}`}>{name}</PageLink>,
              },
              { id: 'kind', title: t('kind'), cell: ({ kind }) => <State tone={KIND_TONES[kind]}>{t(kind)}</State> },
              { id: 'submitted', title: t('submitted'), cell: ({ submittedAt }) => <Time at={submittedAt} /> },
            ]}
          />
          <PageLink to="/results">{t('toResults')}</PageLink>
        </>
      )}
    </Answer>
  )
}
