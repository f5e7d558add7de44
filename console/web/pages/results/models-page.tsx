// The models that are registered here: the newest version of each.
import { modelCalls } from '#console/api/models.ts'
import { clientOf, usePaged } from '../../client.ts'
import { ButtonLink, PageLink } from '../../components/button.tsx'
import { Digest, Time } from '../../components/format.tsx'
import { Page } from '../../components/layout.tsx'
import { Answer, Empty } from '../../components/state.tsx'
import { Table } from '../../components/table.tsx'
import { useWords } from '../../words.ts'
import { words } from './model-words.ts'

const calls = clientOf(modelCalls)

export default function ModelsPage() {
  const t = useWords(words)
  const list = usePaged(['models'], (after, signal) =>
    calls.models({ query: after === undefined ? {} : { after } }, { signal }),
  )
  const empty = (
    <Empty title={t('none')}>
      <p>{t('noneHint')}</p>
      <ButtonLink to="/results">{t('toResults')}</ButtonLink>
    </Empty>
  )
  return (
    <Page title={t('models')} lead={t('lead')}>
      <Answer of={list} empty={empty}>
        {(rows) => (
          <Table
            label={t('models')}
            rows={rows}
            rowId={({ name }) => name}
            more={list.more}
            columns={[
              {
                id: 'name',
                title: t('name'),
                cell: ({ name }) => <PageLink to={`/models/${name}`}>{name}</PageLink>,
                order: ({ name }) => name,
              },
              { id: 'version', title: t('version'), cell: ({ version }) => `v${version}` },
              { id: 'job', title: t('job'), cell: ({ job }) => <PageLink to={`/results/${job}`}>{job}</PageLink> },
              {
                id: 'registered',
                title: t('registered'),
                cell: ({ registeredAt }) => <Time at={registeredAt} />,
                order: ({ registeredAt }) => registeredAt,
              },
              { id: 'digest', title: t('digest'), cell: ({ digest }) => <Digest value={digest} /> },
            ]}
          />
        )}
      </Answer>
    </Page>
  )
}
