// From the facts of a run to the evaluation pack. Every number is computed from scores and labels, none is taken over.
import { PlatformError } from '#runtime/errors.ts'
import { checkScaling, type Scaling } from '../scorecard/scaling.ts'
import { coalitionName, partnerTables } from '../value/partner-tables.ts'
import { coalitionKey } from '../value/coalitions.ts'
import { acceptanceTable, type MeasuredSet } from './acceptance.ts'
import { challengerTable } from './challenger.ts'
import { fidelityTable } from './fidelity.ts'
import {
  bandCounts,
  type Bands,
  bandsOf,
  psiTable,
  SCORE_BAND_COLUMNS,
  scoreBandTable,
  stabilityIndex,
} from './bands.ts'
import { binPoints, coefficientTable, csiTable, ivTable, woeTable } from './features.ts'
import { type CoalitionFacts, type EvaluationFacts, type EvaluationPack, type Table, tableOf } from './pack.ts'
import { checkRows, checkScores, type SetRows, setsOf } from './rows.ts'
import { seriesOf } from './series.ts'
import { monthlyTable, segmentTable } from './slices.ts'
import { type Targets, targetBandTable, targetSummaryTable } from './target-tables.ts'
import { comparableSets, SUMMARY_COLUMNS, summaryTable } from './summary.ts'
import { checkApproval, swapSetTable } from './swap.ts'

/** What a partner is worth is measured on rows that the models were not fitted on. */
const VALUE_SETS = ['holdout', 'oot']
const DEFAULT_BANDS = 10
const DEFAULT_APPROVAL = 0.8
const DEFAULT_MINIMUM_CELL = 20

type FeatureTableFacts = Pick<EvaluationFacts, 'features' | 'coefficients' | 'minimumCell'> & {
  readonly rows: Pick<EvaluationFacts['rows'], 'sets'>
}

/**
 * All tables and plot series of a run. Sorts each set once; a million rows take some seconds.
 * @throws PlatformError evaluation.invalid when lengths, sets, labels, scores or coalitions do not fit together
 */
export function buildEvaluation(facts: EvaluationFacts): EvaluationPack {
  checkFacts(facts)
  const scaling = facts.scaling ?? null
  const sets = setsOf(facts.rows)
  const reference = sets.find(({ name }) => name === 'train') ?? sets[0]
  const bands = reference === undefined ? null : bandsOf(reference.logOdds, facts.bands ?? DEFAULT_BANDS)
  const { targets } = facts.rows
  const ofRows =
    bands === null || reference === undefined
      ? []
      : targets === undefined
        ? rowTables(facts, sets, bands, reference, scaling)
        : targetTables(facts, targets, sets, bands, reference)
  return {
    format: 'tributary/evaluation/1',
    run: facts.run,
    scoreUnit: targets !== undefined ? 'expected' : scaling === null ? 'log-odds' : 'points',
    scaling,
    tables: [...ofRows, ...featureTables(facts, scaling), ...(facts.tables ?? [])].filter(
      ({ rows }) => rows.length > 0,
    ),
    series: sets.flatMap((set) => seriesOf(set, scaling) ?? []),
    ...(facts.challenger === undefined ? {} : { challenger: challengerSeries(facts, facts.challenger, scaling) }),
  }
}

function challengerSeries(
  { rows }: EvaluationFacts,
  { algorithm, scores }: NonNullable<EvaluationFacts['challenger']>,
  scaling: Scaling | null,
): NonNullable<EvaluationPack['challenger']> {
  return { algorithm, series: setsOf(rows, scores).flatMap((set) => seriesOf(set, scaling) ?? []) }
}

function checkFacts(facts: EvaluationFacts): void {
  checkRows(facts.rows)
  if (facts.scaling !== undefined) checkScaling(facts.scaling)
  const rows = facts.rows.scores.length
  for (const { partners, scores } of facts.coalitions ?? []) {
    checkLength(`coalition ${coalitionKey(partners)}`, scores.length, rows)
    checkScores(scores, facts.rows.scoreKind, 'scores of a coalition')
  }
  checkApproval(facts.approval ?? DEFAULT_APPROVAL)
  if (facts.challenger !== undefined) {
    checkLength('challenger', facts.challenger.scores.length, rows)
    checkScores(facts.challenger.scores, facts.rows.scoreKind, 'scores of the challenger')
  }
  if (facts.champion !== undefined) checkLength('champion', facts.champion.scores.length, rows)
}

function checkLength(what: string, length: number, rows: number): void {
  if (length !== rows) throw new PlatformError('evaluation.invalid', { what, length, rows })
}

function rowTables(
  facts: EvaluationFacts,
  sets: readonly SetRows[],
  bands: Bands,
  reference: SetRows,
  scaling: Scaling | null,
): Table[] {
  const minimum = facts.minimumCell ?? DEFAULT_MINIMUM_CELL
  const { limits, months, segments } = facts.rows
  const later = sets.filter((set) => set !== reference)
  const labelled = sets.filter(({ ranking }) => ranking.labels.length > 0)
  const summary = summaryTables(facts, labelled, scaling)
  const scoreBands = labelled.map((set) => scoreBandTable(bands, set, scaling, limits, minimum))
  const valued = VALUE_SETS.filter((name) => sets.some((set) => set.name === name))
  const values = (valued.length > 0 ? valued : [reference.name]).map((name) =>
    partnerTables(facts.run.guest, facts.rows, coalitionsOf(facts), facts.costs ?? [], name),
  )
  const { challenger } = facts
  const names = { champion: facts.run.algorithm, challenger: challenger?.algorithm ?? '' }
  return [
    summary,
    acceptanceTable(measuredSets(summary, scoreBands, labelled, bands, reference)),
    joined(scoreBands),
    joined(later.map((set) => psiTable(bands, reference, set, minimum))),
    joined(months === undefined ? [] : sets.map((set) => monthlyTable(set, months, bands, reference))),
    joined(
      segments === undefined
        ? []
        : labelled.filter((set) => set !== reference).map((set) => segmentTable(set, segments)),
    ),
    joined(values.flatMap(([lift]) => lift ?? [])),
    joined(values.flatMap(([, value]) => value ?? [])),
    challenger === undefined
      ? undefined
      : challengerTable(facts.rows, names, challenger.scores, facts.bands ?? DEFAULT_BANDS),
    joined(swapTables(facts, later, minimum)),
    fidelityTable(facts.fidelity ?? []),
  ].flatMap((table) => table ?? [])
}

/** Of a run whose label is no class. */
function targetTables(
  facts: EvaluationFacts,
  targets: Targets,
  sets: readonly SetRows[],
  bands: Bands,
  reference: SetRows,
): Table[] {
  const minimum = facts.minimumCell ?? DEFAULT_MINIMUM_CELL
  const { guest } = facts.run
  const others = otherCoalitions(facts).map(({ partners, scores }) =>
    targetSummaryTable(comparableSets(facts.rows, sets, scores), targets, coalitionName(guest, partners)),
  )
  return [
    joined([targetSummaryTable(sets, targets, coalitionName(guest, partnersOf(facts))), ...others]),
    joined(sets.map((set) => targetBandTable(bands, set, targets, minimum))),
    joined(sets.filter((set) => set !== reference).map((set) => psiTable(bands, reference, set, minimum))),
  ].flatMap((table) => table ?? [])
}

/** The final model against the one in use; where that is not known, its challenger against the final model. */
function swapTables(facts: EvaluationFacts, later: readonly SetRows[], minimum: number): Table[] {
  const { champion, challenger, approval = DEFAULT_APPROVAL, rows } = facts
  if (champion !== undefined) return later.map((set) => swapSetTable(set, champion.scores, approval, minimum))
  if (challenger === undefined) return []
  return setsOf(rows, challenger.scores)
    .filter(({ name }) => later.some((set) => set.name === name))
    .map((set) => swapSetTable(set, rows.scores, approval, minimum))
}

/** The coalitions given, with the final model as that of all partners. */
function coalitionsOf(facts: EvaluationFacts): CoalitionFacts[] {
  const rest = otherCoalitions(facts)
  return rest.length === 0 ? [] : [...rest, { partners: partnersOf(facts), scores: facts.rows.scores }]
}

function otherCoalitions(facts: EvaluationFacts): CoalitionFacts[] {
  const all = coalitionKey(partnersOf(facts))
  return (facts.coalitions ?? []).filter((coalition) => coalitionKey(coalition.partners) !== all)
}

/** All parties of the run but the guest. */
function partnersOf({ run }: EvaluationFacts): string[] {
  return run.parties.map(({ party }) => party).filter((party) => party !== run.guest)
}

/** Final model first, then every other coalition, each on all sets that it scored completely. */
function summaryTables(facts: EvaluationFacts, sets: readonly SetRows[], scaling: Scaling | null): Table {
  const { guest } = facts.run
  const final = summaryTable(sets, coalitionName(guest, partnersOf(facts)), scaling)
  const others = otherCoalitions(facts).map(({ partners, scores }) =>
    summaryTable(comparableSets(facts.rows, sets, scores), coalitionName(guest, partners), scaling),
  )
  return joined([final, ...others]) ?? tableOf('summary', SUMMARY_COLUMNS, [])
}

function measuredSets(
  summary: Table,
  scoreBands: readonly Table[],
  sets: readonly SetRows[],
  bands: Bands,
  reference: SetRows,
): Map<string, MeasuredSet> {
  const column = (name: (typeof SUMMARY_COLUMNS)[number]): number => SUMMARY_COLUMNS.indexOf(name)
  const rate = SCORE_BAND_COLUMNS.indexOf('bad_rate')
  const expected = bandCounts(bands, reference.logOdds)
  return new Map(
    sets.map((set, i) => {
      const line = summary.rows[i] // the final model's lines come first, in the order of the sets
      const numberAt = (name: (typeof SUMMARY_COLUMNS)[number]): number => Number(line?.[column(name)] ?? Number.NaN)
      const measured = {
        auc: numberAt('auc'),
        ks: numberAt('ks'),
        calibrationRatio: numberAt('calibration_ratio'),
        stability: stabilityIndex(expected, bandCounts(bands, set.logOdds)),
        bandRates: scoreBands[i]!.rows.map((row) => Number(row[rate] ?? Number.NaN)),
      }
      return [set.name, measured]
    }),
  )
}

/** Coefficients, information values, bins and their stability: what there is of columns, with or without a model. */
export function featureTables(facts: FeatureTableFacts, scaling: Scaling | null): Table[] {
  const { features, coefficients = [] } = facts
  const minimum = facts.minimumCell ?? DEFAULT_MINIMUM_CELL
  const betas = new Map(coefficients.map(({ party, feature, beta }) => [`${party} ${feature}`, beta]))
  const names = facts.rows.sets.map(({ name }) => name)
  const tables = [coefficientTable(coefficients)]
  if (features === undefined) return tables
  const csi = names
    .filter((name) => name !== 'train')
    .map((name) =>
      csiTable(
        features,
        name,
        ({ party, feature }, { woe }) => {
          const beta = betas.get(`${party} ${feature}`)
          return beta === undefined || scaling === null ? null : binPoints(beta, woe, scaling)
        },
        minimum,
      ),
    )
  const woe = names.map((name) => woeTable(features, name, minimum))
  return [...tables, ivTable(features), ...[joined(woe), joined(csi)].flatMap((table) => table ?? [])]
}

/** Tables of one name and columns below each other; undefined when there are none. */
function joined(tables: readonly Table[]): Table | undefined {
  const [first] = tables
  return first === undefined ? undefined : { ...first, rows: tables.flatMap(({ rows }) => rows) }
}
