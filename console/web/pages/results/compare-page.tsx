// Two to six jobs side by side: measures with their intervals, settings, columns in and out, stability.
import { useParams } from 'wouter'
import { type Comparison, resultCalls } from '#console/api/results.ts'
import type { Cell } from '#credit/evaluation/pack.ts'
import { columnKind, columnTitle, type Language, writtenCell } from '#credit/report/columns.ts'
import { recordsOf, stabilityClass, valuesOf } from '#credit/report/table-markup.ts'
import { setTitle } from '#credit/report/words.ts'
import { clientOf } from '../../client.ts'
import { Page, Section } from '../../components/layout.tsx'
import { Answer, Loading, State } from '../../components/state.tsx'
import { Time } from '../../components/format.tsx'
import { type Column, Table } from '../../components/table.tsx'
import { useLanguage, useWords } from '../../words.ts'
import { useRead } from './kept.ts'
import { BarFigure } from './bar-figure.tsx'
import { words } from './compare-words.ts'
import { JobName } from './results-page.tsx'
import './results.css'

const calls = clientOf(resultCalls)
const TONES = { pass: 'good', watch: 'wait', fail: 'bad' } as const
type Words = ReturnType<typeof useWords<typeof words>>

export default function ComparePage() {
  const t = useWords(words)
  const { jobs = '' } = useParams()
  const asked = useRead(['results', 'compare', jobs], (signal) => calls.compare({ query: { jobs } }, { signal }))
  const isAverages = asked.data?.kind === 'averages'
  return (
    <Page title={t('title')} lead={t(isAverages ? 'averagesLead' : 'lead')} back={{ to: '/results', title: t('back') }}>
      {asked.data === undefined && asked.error === null ? (
        <Loading what={t('computing')} />
      ) : (
        <Answer of={asked}>{(of) => <Compared of={of} />}</Answer>
      )}
    </Page>
  )
}

function Compared({ of }: { readonly of: Comparison }) {
  return (
    <>
      <Jobs of={of} />
      <Measures of={of} />
      <Settings of={of} />
      {of.kind === 'averages' ? null : <Features of={of} />}
      {of.stability.length === 0 ? null : <Stability of={of} />}
    </>
  )
}

function Jobs({ of: { jobs } }: { readonly of: Comparison }) {
  const t = useWords(words)
  const rows = jobs.map((job, i) => ({ ...job, letter: letterOf(i) }))
  return (
    <Section title={t('jobs')}>
      <Table
        label={t('jobs')}
        rows={rows}
        rowId={({ job }) => job}
        columns={[
          { id: 'letter', title: '', cell: ({ letter }) => <strong>{letter}</strong> },
          { id: 'job', title: t('job'), cell: ({ job, name }) => <JobName job={job} name={name} /> },
          {
            id: 'algorithm',
            title: t('algorithm'),
            cell: ({ algorithm, challenger }) => (
              <>
                {algorithm}
                {challenger === undefined ? null : (
                  <small className="interval">{`${t('challenger')}: ${challenger}`}</small>
                )}
              </>
            ),
          },
          { id: 'parties', title: t('parties'), cell: ({ guest, hosts }) => [guest, ...hosts].join(', ') },
          { id: 'submitted', title: t('submitted'), cell: ({ submittedAt }) => <Time at={submittedAt} /> },
        ]}
      />
    </Section>
  )
}

/** Jobs go by letters where many stand side by side. */
const letterOf = (i: number): string => String.fromCodePoint(65 + i)

type MeasureRow = Readonly<Record<string, Cell>>
interface MeasureLine {
  readonly set: string
  readonly metric: string
  readonly cells: readonly MeasureRow[]
}

function Measures({ of }: { readonly of: Comparison }) {
  const t = useWords(words)
  const language = useLanguage()
  const { measures, jobs } = of
  const sets = valuesOf(measures, 'set')
  const titles = recordsOf(measures, { set: sets[0] ?? '', metric: valuesOf(measures, 'metric')[0] ?? '' }).map(
    (cell) => modelTitle(cell, jobs, t),
  )
  const drawn = sets.filter((set) => set !== 'train')
  return (
    <Section title={t('measures')}>
      <div className="plots">
        {drawn.flatMap((set) =>
          ['auc', 'ks', 'rmse'].map((metric) => (
            <MeasureBars key={`${set} ${metric}`} of={of} set={set} metric={metric} titles={titles} />
          )),
        )}
      </div>
      {sets.map((set) => {
        const lines = valuesOf(measures, 'metric').map(
          (metric): MeasureLine => ({ set, metric, cells: recordsOf(measures, { set, metric }) }),
        )
        const columns: Column<MeasureLine>[] = [
          { id: 'metric', title: t('measure'), cell: ({ metric }) => metricTitle(metric, language, t) },
          ...titles.map((title, i) => ({
            id: title,
            title,
            align: 'end' as const,
            cell: ({ cells, metric }: MeasureLine) => <Measured cell={cells[i]} metric={metric} language={language} />,
          })),
          {
            id: 'change',
            title: t('change'),
            align: 'end',
            cell: ({ cells, metric }) => signed(cells.at(-1)?.['diff_to_first'] ?? null, metric, language),
          },
        ]
        const title = setWord(set, language, t)
        return (
          <div className="by-set" key={set}>
            <h3>{title}</h3>
            <Table label={title} rows={lines} rowId={({ metric }) => metric} columns={columns} />
          </div>
        )
      })}
    </Section>
  )
}

function MeasureBars(props: { of: Comparison; set: string; metric: string; titles: readonly string[] }) {
  const t = useWords(words)
  const language = useLanguage()
  const { of, set, metric, titles } = props
  const cells = recordsOf(of.measures, { set, metric })
  const values = cells.map(({ value }) => value)
  if (values.length === 0 || !values.every((value) => typeof value === 'number')) return null
  const lows = cells.map(({ low, value }) => (typeof low === 'number' ? low : Number(value)))
  const lowest = Math.min(...lows)
  return (
    <BarFigure
      plot={{
        title: t('chart', { measure: metricTitle(metric, language, t), set: setWord(set, language, t) }),
        format: (value) => value.toFixed(2),
        from: Math.max(0, lowest - 0.02),
        dots: true,
        bars: cells.map(({ value, low, high }, i) => ({
          label: titles[i] ?? '',
          colour: (i % 6) + 1,
          value: Number(value),
          low: typeof low === 'number' ? low : null,
          high: typeof high === 'number' ? high : null,
          written: Number(value).toFixed(4),
        })),
      }}
    />
  )
}

function Measured(props: { cell: MeasureRow | undefined; metric: string; language: Language }) {
  const { cell, metric, language } = props
  const write = (value: Cell) => writtenCell(value, columnKind(metric), language)
  if (cell === undefined) return '–'
  return (
    <>
      <span className="numeric">{write(cell['value'] ?? null)}</span>
      {typeof cell['low'] === 'number' && typeof cell['high'] === 'number' ? (
        <small className="interval numeric">{`${write(cell['low'])} – ${write(cell['high'])}`}</small>
      ) : null}
    </>
  )
}

function signed(change: Cell, metric: string, language: Language): string {
  if (typeof change !== 'number') return '–'
  return `${change < 0 ? '−' : '+'}${writtenCell(Math.abs(change), columnKind(metric), language)}`
}

function modelTitle(cell: MeasureRow, jobs: Comparison['jobs'], t: Words): string {
  const i = jobs.findIndex(({ job }) => job === cell['job_id'])
  const beside = cell['model'] === 'challenger' ? ` (${t('challenger')})` : ''
  return `${letterOf(i)}${beside}`
}

function metricTitle(metric: string, language: Language, t: Words): string {
  return metric === 'loss' || metric === 'rows' ? t(metric) : columnTitle(metric, language)
}

function setWord(set: string, language: Language, t: Words): string {
  const isOfAverages = (name: string): name is 'all_parties' | 'own_rows' | 'own_rows_personal' | 'own_rows_alone' =>
    name === 'all_parties' || name.startsWith('own_rows')
  return isOfAverages(set) ? t(set) : setTitle(set, language)
}

function Settings({ of: { settings, jobs } }: { readonly of: Comparison }) {
  const t = useWords(words)
  return (
    <Section title={t('settings')}>
      {settings.length === 0 ? (
        <p className="muted">{t('settingsSame')}</p>
      ) : (
        <Table
          label={t('settings')}
          rows={settings}
          rowId={({ setting }) => setting}
          columns={[
            { id: 'setting', title: t('setting'), cell: ({ setting }) => <code>{setting}</code> },
            ...jobs.map(({ job }, i) => ({
              id: job,
              title: letterOf(i),
              cell: ({ values }: Comparison['settings'][number]) => values[i] || '–',
            })),
          ]}
        />
      )}
    </Section>
  )
}

function Features({ of: { features, shared, jobs } }: { readonly of: Comparison }) {
  const t = useWords(words)
  const state = (is: boolean | null | undefined) =>
    typeof is !== 'boolean' ? t('unknown') : <State tone={is ? 'good' : 'plain'}>{t(is ? 'in' : 'out')}</State>
  return (
    <Section
      title={t('features')}
      lead={features.length === 0 ? t('featuresSame', { n: shared }) : t('featuresLead', { n: shared })}
    >
      {features.length === 0 ? null : (
        <Table
          label={t('features')}
          rows={features}
          rowId={({ party, feature }) => `${party} ${feature}`}
          columns={[
            { id: 'feature', title: t('column'), cell: ({ feature }) => <code>{feature}</code> },
            { id: 'party', title: t('party'), cell: ({ party }) => party, order: ({ party }) => party },
            ...jobs.map(({ job }, i) => ({
              id: job,
              title: letterOf(i),
              cell: ({ inModel }: Comparison['features'][number]) => state(inModel[i]),
            })),
          ]}
        />
      )}
    </Section>
  )
}

function Stability({ of: { stability, jobs } }: { readonly of: Comparison }) {
  const t = useWords(words)
  const language = useLanguage()
  return (
    <Section title={t('stability')}>
      <Table
        label={t('stability')}
        rows={stability}
        rowId={({ set }) => set}
        columns={[
          { id: 'set', title: t('set'), cell: ({ set }) => setTitle(set, language) },
          ...jobs.map(({ job }, i) => ({
            id: job,
            title: letterOf(i),
            cell: ({ values }: Comparison['stability'][number]) => {
              const value = values[i]
              if (typeof value !== 'number') return '–'
              return <State tone={TONES[stabilityClass(value)]}>{value.toFixed(4)}</State>
            },
          })),
        ]}
      />
    </Section>
  )
}
