// The chapters of a result. Each is asked for when it is opened; what it shows is what the report shows.
import { type ReactNode, useMemo } from 'react'
import { type Chapter, resultCalls } from '#console/api/results.ts'
import {
  bandCurves,
  calibrationCurves,
  discriminationCurves,
  scoreHistogram,
  verdictSet,
  vintageCurves,
} from '#credit/report/performance-sections.ts'
import {
  columnStabilityBars,
  informationBars,
  partnerColumns,
  scoreStabilityBars,
  valueBars,
} from '#credit/report/feature-sections.ts'
import { importanceBars, lossCurves, rocOfBoth } from '#credit/report/tree-sections.ts'
import { targetBandCurves } from '#credit/report/target-sections.ts'
import { recordsOf, valuesOf } from '#credit/report/table-markup.ts'
import { setTitle, tableTitle, text } from '#credit/report/words.ts'
import { DEFINITIONS } from '#credit/report/definitions.ts'
import type { EvaluationPack } from '#credit/evaluation/pack.ts'
import type { Language } from '#credit/report/columns.ts'
import { clientOf } from '../../client.ts'
import { Section } from '../../components/layout.tsx'
import { Answer } from '../../components/state.tsx'
import { useLanguage } from '../../words.ts'
import { useRead } from './kept.ts'
import { AverageQuality, AverageRounds, AverageStatistics } from './average-chapters.tsx'
import { BarFigure } from './bar-figure.tsx'
import { CurveFigure, HistogramFigure } from './curve-figure.tsx'
import { OneColumn } from './one-column.tsx'
import { OneTree } from './one-tree.tsx'
import { packOf } from './pack.ts'
import { PackTable } from './pack-table.tsx'

const calls = clientOf(resultCalls)

interface Shown {
  readonly chapter: Chapter
  readonly pack: EvaluationPack
  readonly language: Language
}

export function ChapterBody(props: { readonly job: string; readonly chapter: string; readonly title: string }) {
  const { job, chapter, title } = props
  const asked = useRead(['results', job, 'chapter', chapter], (signal) =>
    calls.chapter({ params: { job, chapter } }, { signal }),
  )
  return (
    <Section title={title} tour={`chapter-${chapter}`}>
      <Answer of={asked}>{(of) => <Content chapter={of} />}</Answer>
    </Section>
  )
}

function Content({ chapter }: { readonly chapter: Chapter }) {
  const language = useLanguage()
  const pack = useMemo(() => packOf(chapter), [chapter])
  const Body = BODIES[chapter.chapter] ?? AllTables
  return <Body chapter={chapter} pack={pack} language={language} />
}

const BODIES: Readonly<Record<string, (shown: Shown) => ReactNode>> = {
  overview: OverviewChapter,
  value: ValueChapter,
  discrimination: DiscriminationChapter,
  bands: BandChapter,
  calibration: CalibrationChapter,
  stability: StabilityChapter,
  champion: ChampionChapter,
  variables: VariableChapter,
  card: CardChapter,
  trees: TreeChapter,
  quality: AverageQuality,
  rounds: AverageRounds,
  statistics: AverageStatistics,
}

const partOf = ({ tables }: Chapter, name: string) => tables.find((table) => table.name === name)

/** The checks and the final model first; every coalition when asked for. */
function OverviewChapter({ chapter, pack, language }: Shown) {
  return (
    <>
      <PackTable pack={pack} part={partOf(chapter, 'acceptance')} />
      <Summary chapter={chapter} pack={pack} />
      <details>
        <summary>{text('definitions', language)}</summary>
        <dl className="definitions">
          {DEFINITIONS.map(([term, zh, en]) => (
            <div key={term}>
              <dt>{term}</dt>
              <dd>{language === 'zh' ? zh : en}</dd>
            </div>
          ))}
        </dl>
      </details>
    </>
  )
}

/** @param columns of interest; all when absent */
function Summary(props: Pick<Shown, 'chapter' | 'pack'> & { columns?: readonly string[]; title?: string }) {
  const { chapter, pack, title } = props
  const language = useLanguage()
  const summary = partOf(chapter, 'summary') ?? partOf(chapter, 'target_summary')
  const coalitions = valuesOf(summary, 'coalition')
  const wanted = props.columns ?? summary?.columns ?? []
  const columns = ['coalition', 'set', ...wanted.filter((name) => name !== 'coalition' && name !== 'set')]
  const named = title === undefined ? {} : { title }
  return (
    <>
      <PackTable pack={pack} part={summary} columns={columns} where={{ coalition: coalitions[0] ?? '' }} {...named} />
      {coalitions.length < 2 ? null : (
        <PackTable pack={pack} part={summary} columns={columns} title={tableTitle('partner_lift', language)} isFolded />
      )}
    </>
  )
}

function AllTables({ chapter, pack }: Shown) {
  return chapter.tables.map((part) => <PackTable key={part.name} pack={pack} part={part} />)
}

function Plots({ children }: { readonly children: ReactNode }) {
  return <div className="plots">{children}</div>
}

function ValueChapter({ chapter, pack, language }: Shown) {
  const sets = valuesOf(partOf(chapter, 'partner_lift'), 'set')
  const lift = partOf(chapter, 'partner_lift')
  const columns = (lift?.columns ?? []).filter((column) => column !== 'set')
  return sets.map((set) => (
    <BySet key={set} set={set} language={language}>
      <Plots>
        {valueBars(pack, set, language).map((plot) => (
          <BarFigure key={plot.title} plot={plot} />
        ))}
      </Plots>
      <PackTable
        pack={pack}
        part={partOf(chapter, 'partner_value')}
        columns={partnerColumns()}
        where={{ set }}
        title={`${tableTitle('partner_value', language)} · ${setTitle(set, language)}`}
      />
      <PackTable
        pack={pack}
        part={lift}
        columns={columns}
        where={{ set }}
        title={`${tableTitle('partner_lift', language)} · ${setTitle(set, language)}`}
      />
    </BySet>
  ))
}

function BySet({ set, language, children }: { set: string; language: Language; children: ReactNode }) {
  return (
    <section className="by-set" aria-label={setTitle(set, language)}>
      <h3>{setTitle(set, language)}</h3>
      {children}
    </section>
  )
}

function DiscriminationChapter({ chapter, pack, language }: Shown) {
  return (
    <>
      <Plots>
        {discriminationCurves(pack, language).map((plot) => (
          <CurveFigure key={plot.title} plot={plot} />
        ))}
      </Plots>
      <Summary chapter={chapter} pack={pack} />
    </>
  )
}

function BandChapter({ chapter, pack, language }: Shown) {
  const bands = partOf(chapter, 'score_band') ?? partOf(chapter, 'target_band')
  const sets = valuesOf(bands, 'set')
  const drawn = sets.filter((set) => pack.series.some((series) => series.set === set))
  return (
    <>
      <Plots>
        {bands?.name === 'score_band' && drawn.length > 0 ? (
          <CurveFigure plot={bandCurves(pack, drawn, language)} />
        ) : null}
        {bands?.name === 'target_band'
          ? sets.map((set) => (
              <CurveFigure key={set} plot={targetBandCurves(recordsOf(bands, { set }), set, language)} />
            ))
          : null}
        {pack.series.map((series) => (
          <HistogramFigure key={series.set} histogram={scoreHistogram(pack, series, language)} />
        ))}
      </Plots>
      {sets.map((set) => (
        <PackTable
          key={set}
          pack={pack}
          part={bands}
          columns={(bands?.columns ?? []).filter((column) => column !== 'set')}
          where={{ set }}
          title={`${tableTitle(bands?.name ?? '', language)} · ${setTitle(set, language)}`}
          isFolded={set !== verdictSet(pack)}
        />
      ))}
    </>
  )
}

function CalibrationChapter({ chapter, pack, language }: Shown) {
  const columns = [
    'set',
    'coalition',
    'n',
    'bad_rate',
    'calibration_ratio',
    'brier',
    'log_loss',
    'ece',
    'hosmer_lemeshow_p',
  ]
  return (
    <>
      <Plots>
        {pack.series.map((series) => (
          <CurveFigure key={series.set} plot={calibrationCurves(series, language)} />
        ))}
      </Plots>
      <Summary chapter={chapter} pack={pack} columns={columns} title={text('calibration', language)} />
    </>
  )
}

function StabilityChapter({ chapter, pack, language }: Shown) {
  const byColumn = partOf(chapter, 'csi_by_column')
  const latest = ['recent', 'oot', 'holdout'].find((set) => valuesOf(byColumn, 'set').includes(set))
  const least = latest === undefined ? [] : recordsOf(byColumn, { set: latest })
  return (
    <>
      <Plots>
        {vintageCurves(pack, language).map((plot) => (
          <CurveFigure key={plot.title} plot={plot} />
        ))}
        {scoreStabilityBars(pack, language).map((plot) => (
          <BarFigure key={plot.title} plot={plot} />
        ))}
        {latest === undefined ? null : <BarFigure plot={columnStabilityBars(pack, latest, least, language)} />}
      </Plots>
      <PackTable pack={pack} part={partOf(chapter, 'psi')} isFolded />
      <PackTable pack={pack} part={partOf(chapter, 'oot_monthly')} isFolded />
      <PackTable pack={pack} part={partOf(chapter, 'csi')} isFolded />
    </>
  )
}

function ChampionChapter({ chapter, pack, language }: Shown) {
  return (
    <>
      {pack.challenger === undefined ? null : (
        <Plots>
          <CurveFigure plot={rocOfBoth(pack, language)} />
        </Plots>
      )}
      <AllTables chapter={chapter} pack={pack} language={language} />
    </>
  )
}

function VariableChapter({ chapter, pack, language }: Shown) {
  const others = ['iv_ranking', 'selection_log', 'vif', 'corr_matrix']
  return (
    <>
      <Plots>
        {informationBars(pack, language).map((plot) => (
          <BarFigure key={plot.title} plot={plot} />
        ))}
      </Plots>
      {partOf(chapter, 'woe_table') === undefined ? null : <OneColumn pack={pack} />}
      {others.map((name) => (
        <PackTable key={name} pack={pack} part={partOf(chapter, name)} isFolded={name !== 'selection_log'} />
      ))}
      <PackTable pack={pack} part={partOf(chapter, 'woe_table')} isFolded />
    </>
  )
}

function CardChapter({ chapter, pack, language }: Shown) {
  const { scaling } = pack
  return (
    <>
      {scaling === null ? null : (
        <p>
          {language === 'zh'
            ? `好坏比 ${scaling.baseOdds}:1 时 ${scaling.baseScore} 分，每 ${scaling.pdo} 分好坏比翻倍，范围 ${scaling.low}–${scaling.high}。`
            : `${scaling.baseScore} points at ${scaling.baseOdds} good to 1 bad; ${scaling.pdo} points double the odds; from ${scaling.low} to ${scaling.high}.`}
        </p>
      )}
      <AllTables chapter={chapter} pack={pack} language={language} />
    </>
  )
}

function TreeChapter({ chapter, pack, language }: Shown) {
  return (
    <>
      <Plots>
        {importanceBars(pack, language).map((plot) => (
          <BarFigure key={plot.title} plot={plot} />
        ))}
        {lossCurves(pack, language).map((plot) => (
          <CurveFigure key={plot.title} plot={plot} />
        ))}
      </Plots>
      <OneTree pack={pack} first={partOf(chapter, 'tree_view')} />
      <PackTable pack={pack} part={partOf(chapter, 'tree_importance')} />
      <PackTable pack={pack} part={partOf(chapter, 'tree_losses')} isFolded />
    </>
  )
}
