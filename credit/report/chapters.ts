// Which tables stand in which chapter of the report; any other table of a pack stands at its end. Pages that fetch a report
// a chapter at a time ask for the same.
import type { EvaluationPack, SetSeries, Table } from '../evaluation/pack.ts'
import type { TextName } from './words.ts'

const CHAPTER_TABLES = {
  overview: ['summary', 'target_summary', 'acceptance'],
  value: ['partner_lift', 'partner_value'],
  discrimination: ['summary'],
  bands: ['score_band', 'target_band'],
  calibration: ['summary'],
  stability: ['psi', 'csi', 'oot_monthly'],
  segments: ['segment'],
  champion: ['champion_challenger', 'swap_set'],
  variables: ['iv_ranking', 'selection_log', 'vif', 'corr_matrix', 'woe_table'],
  card: ['lr_coef', 'scorecard'],
  trees: ['tree_importance', 'tree_losses', 'tree_view'],
  samples: [
    'sample_waterfall',
    'sample_distribution',
    'vintage',
    'roll_rate',
    'psi_report',
    'feature_profile',
    'training_rounds',
  ],
  fidelity: ['federation_fidelity'],
} as const satisfies Partial<Record<TextName, readonly string[]>>

export type ChapterName = keyof typeof CHAPTER_TABLES | 'others'

const PLACED: ReadonlySet<string> = new Set(Object.values(CHAPTER_TABLES).flat())
/** Chapters that are drawn from curves: with tables alone there is nothing in them. */
const OF_SERIES: readonly ChapterName[] = ['discrimination', 'calibration']

/** Tables that no other chapter shows. */
export function otherTables({ tables }: EvaluationPack): Table[] {
  return tables.filter(({ name }) => !PLACED.has(name))
}

/** In the order of the report. */
export function tablesOfChapter(pack: EvaluationPack, chapter: ChapterName): Table[] {
  if (chapter === 'others') return otherTables(pack)
  return CHAPTER_TABLES[chapter].flatMap((name) => pack.tables.find((table) => table.name === name) ?? [])
}

/** Curves of the sets, where the chapter shows any. */
export function seriesOfChapter({ series }: EvaluationPack, chapter: ChapterName): readonly SetSeries[] {
  const drawn: readonly ChapterName[] = [...OF_SERIES, 'bands', 'champion']
  return drawn.includes(chapter) ? series : []
}

/** The chapters of which a pack has anything. */
export function chaptersOf(pack: EvaluationPack): ChapterName[] {
  const names = [...(Object.keys(CHAPTER_TABLES) as ChapterName[]), 'others' as const]
  return names.filter((name) =>
    OF_SERIES.includes(name) ? pack.series.length > 0 : tablesOfChapter(pack, name).length > 0,
  )
}
