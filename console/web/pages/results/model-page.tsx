// One model with its versions: from which data and which job each came, what binds its parts, and what was scored with it.
import { useParams } from 'wouter'
import { modelCalls, type ModelVersion } from '#console/api/models.ts'
import { clientOf } from '../../client.ts'
import { PageLink } from '../../components/button.tsx'
import { Digest, Time } from '../../components/format.tsx'
import { Facts, Page, Section } from '../../components/layout.tsx'
import { Answer, Badge, State, type Tone } from '../../components/state.tsx'
import { Table } from '../../components/table.tsx'
import { useWords } from '../../words.ts'
import { useRead } from './kept.ts'
import { JobState } from './job-state.tsx'
import { words } from './model-words.ts'
import './results.css'

const calls = clientOf(modelCalls)
const TONES: Readonly<Record<ModelVersion['state'], Tone>> = { newest: 'good', replaced: 'plain', changed: 'bad' }

export default function ModelPage() {
  const t = useWords(words)
  const { name = '' } = useParams()
  const asked = useRead(['models', name], (signal) => calls.model({ params: { name } }, { signal }))
  return (
    <Page title={name} back={{ to: '/models', title: t('allModels') }}>
      <Answer of={asked}>
        {({ versions }) => versions.map((version) => <Version key={version.version} of={version} />)}
      </Answer>
    </Page>
  )
}

function Version({ of }: { readonly of: ModelVersion }) {
  const t = useWords(words)
  const { version, state, registeredAt, digest, log, software, purpose } = of
  return (
    <Section title={`${of.name} v${version}`} actions={<State tone={TONES[state]}>{t(state)}</State>}>
      <Lineage of={of} />
      <Facts
        of={[
          [t('registered'), <Time key="registered" at={registeredAt} />],
          [t('digest'), <Digest key="digest" value={digest} />],
          [t('purpose'), purpose],
          [t('log'), t('records', { n: log.size, collaboration: log.collaboration.slice(0, 16) })],
          [t('software'), software],
        ]}
      />
      <h3>{t('data')}</h3>
      <Parties of={of} />
      {of.measures.length === 0 ? null : (
        <>
          <h3>{t('measures')}</h3>
          <Table
            label={t('measures')}
            rows={of.measures}
            rowId={({ name }) => name}
            columns={[
              { id: 'name', title: t('measure'), cell: ({ name }) => <code>{name}</code> },
              {
                id: 'value',
                title: t('value'),
                align: 'end',
                cell: ({ value }) => <span className="numeric">{value}</span>,
              },
            ]}
          />
        </>
      )}
      <details>
        <summary>{t('settings')}</summary>
        <Table
          label={t('settings')}
          rows={of.parameters}
          rowId={({ setting }) => setting}
          columns={[
            { id: 'setting', title: t('setting'), cell: ({ setting }) => <code>{setting}</code> },
            { id: 'value', title: t('value'), cell: ({ value }) => value },
          ]}
        />
      </details>
    </Section>
  )
}

/** Data → job → model → scores, each leading on. */
function Lineage({ of: { parties, job, jobName, reused, name, version, scoredBy } }: { readonly of: ModelVersion }) {
  const t = useWords(words)
  return (
    <ol className="lineage" aria-label={t('lineage')}>
      <li>
        <span className="tile-name">{t('data')}</span>
        <span>{parties.map(({ party, dataset }) => `${party}/${dataset}`).join(', ')}</span>
      </li>
      <li>
        <span className="tile-name">{t('job')}</span>
        <span>
          <PageLink to={`/results/${job}`}>{jobName === '' ? job : jobName}</PageLink>
          {reused === undefined ? null : (
            <small className="interval">
              {t('reused')} <PageLink to={`/results/${reused}`}>{reused}</PageLink>
            </small>
          )}
        </span>
      </li>
      <li>
        <span className="tile-name">{t('model')}</span>
        <strong>{`${name} v${version}`}</strong>
      </li>
      <li>
        <span className="tile-name">{t('scores')}</span>
        {scoredBy.length === 0 ? <span className="muted">{t('noScores')}</span> : null}
        {scoredBy.map((by) => (
          <span key={by.job}>
            <PageLink to={`/results/${by.job}`}>{by.name}</PageLink> <JobState state={by.state} />
          </span>
        ))}
      </li>
    </ol>
  )
}

function Parties({ of: { parties } }: { readonly of: ModelVersion }) {
  const t = useWords(words)
  return (
    <Table
      label={t('data')}
      rows={parties}
      rowId={({ party }) => party}
      columns={[
        { id: 'party', title: t('party'), cell: ({ party }) => party },
        { id: 'dataset', title: t('dataset'), cell: ({ dataset }) => dataset },
        {
          id: 'columns',
          title: t('columns'),
          cell: ({ columns }) => (columns === 'all' ? t('allColumns') : columns.join(', ')),
        },
        { id: 'approval', title: t('approval'), cell: ({ approval }) => <Digest value={approval} /> },
        {
          id: 'parts',
          title: t('parts'),
          cell: ({ parts }) =>
            parts.map(({ model, sha256 }) => (
              <div key={model}>
                <Badge>{t(model)}</Badge> <Digest value={sha256} />
              </div>
            )),
        },
      ]}
    />
  )
}
