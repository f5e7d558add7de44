// From the folder of a job at the guest to the facts of its evaluation. Nothing here is a result of training taken over:
// every measure is computed from the scores that the folder holds.
import { join } from 'node:path'
import type {
  CoalitionFacts,
  CoefficientFacts,
  EvaluationFacts,
  FeatureFacts,
  PartnerCost,
  Table,
} from '#credit/evaluation/pack.ts'
import { tableOf } from '#credit/evaluation/pack.ts'
import { PROFILE_STATISTICS } from '#credit/profile.ts'
import { scorecardTable } from '#credit/scorecard/points.ts'
import { type HostOwner, ownersOf } from '#protocols/core/job-groups.ts'
import { boostOf, coalitionsOf, type JobSpec, parseJobSpec } from '#protocols/core/job-spec.ts'
import type { HostCoverage, PsiReport } from '#protocols/psi/report.ts'
import { PlatformError } from '#runtime/errors.ts'
import { readIfPresent } from '#runtime/files.ts'
import { softwareVersion } from '#runtime/version.ts'
import type { RecordLine } from '../mail/record.ts'
import { loadRows, loadScores, type ModelKind } from './score-store.ts'
import { withProfiles } from './selection.ts'
import { treeTables } from './tree-facts.ts'
import { bankScorecard } from './scorecard.ts'
import {
  type BinnedFeature,
  loadResultFile,
  readJson,
  readJsonLines,
  type StoredBinning,
  type StoredCoefficients,
  type StoredProfiles,
  type StoredSelection,
} from './stored.ts'

const PSI_COLUMNS = [
  'party',
  'mode',
  'n_input',
  'n_valid',
  'n_ids',
  'n_intersection',
  'coverage_pct',
  'present',
  'absent',
  'not_covered',
  'no_consent',
  'decoys',
] as const

interface StoredResult {
  readonly job: string
  readonly rounds: number
  readonly losses?: readonly number[]
  readonly alignment?: PsiReport
}

interface JobEvent {
  readonly time: string
  readonly event: string
  readonly task?: string
  readonly stage?: number
}

/**
 * @param jobDir folder of a job that has trained a model @param job its id
 * @throws PlatformError results.none where no model was trained, storage.damaged
 */
export async function evaluationFacts(jobDir: string, job: string): Promise<EvaluationFacts> {
  const specBytes = await readIfPresent(join(jobDir, 'spec.json'))
  const result = await readJson<StoredResult>(join(jobDir, 'result.json'))
  if (specBytes === undefined || result === undefined) throw new PlatformError('results.none', { job })
  const spec = parseJobSpec(specBytes)
  const hosts = spec.hosts.map(({ party }) => party)
  const kind = finalKind(spec)
  const joint = await loadScores(jobDir, hosts, kind)
  if (joint === undefined) throw new PlatformError('results.none', { job })
  const challenger = kind === 'trees' ? undefined : await loadScores(jobDir, hosts, 'trees')
  const [rows, binning, selection, coefficients, profiles] = await Promise.all([
    loadRows(jobDir),
    loadResultFile(jobDir, 'binning'),
    loadResultFile(jobDir, 'selection'),
    loadResultFile(jobDir, 'coefficients'),
    loadResultFile(jobDir, 'profiles'),
  ])
  const events = await readJsonLines<JobEvent>(join(jobDir, 'events.jsonl'))
  const record = await readJsonLines<RecordLine>(join(jobDir, 'record.jsonl'))
  const { amounts, ...evaluated } = rows
  return {
    run: {
      title: { zh: spec.name, en: spec.name },
      jobId: job,
      guest: spec.guest.party,
      parties: [{ party: spec.guest.party, name: bilingual(spec.guest.party) }, ...ownersOf(spec).map(namedOwner)],
      createdAt: events.at(-1)?.time ?? new Date(0).toISOString(),
      algorithm: algorithmOf(spec),
      software: softwareVersion(),
    },
    rows: {
      ...evaluated,
      scores: joint.scores,
      scoreKind: rows.targets === undefined ? 'log-odds' : 'expected',
      ...(amounts === undefined ? {} : { limits: amounts }),
    },
    bands: spec.evaluate?.bands ?? 10,
    ...(challenger === undefined
      ? {}
      : { challenger: { algorithm: treesName(boostOf(spec)), scores: challenger.scores } }),
    ...(spec.scorecard === undefined ? {} : { scaling: spec.scorecard }),
    coalitions: await coalitions(jobDir, spec),
    costs: costsOf(spec, record, events),
    ...(binning === undefined
      ? {}
      : { features: withProfiles(binning.features, profiles).map((feature) => withVerdict(feature, selection)) }),
    ...(coefficients === undefined
      ? {}
      : {
          intercept: coefficients.intercept,
          coefficients: coefficients.coefficients.map((each) => explained(each, binning, selection)),
        }),
    tables: [
      ...cardTables(spec, binning, coefficients),
      ...(profiles === undefined ? [] : [profileTable(profiles)]),
      ...(result.alignment === undefined ? [] : [alignmentTable(result.alignment)]),
      ...(selection?.tables ?? []),
      ...(kind === 'trees' ? [] : [roundsTable(result.losses ?? [])]),
      ...(await treeTables(jobDir)),
    ],
  }
}

/** A group by its name, with who is in it. */
export function namedOwner({ name, members, isGroup }: HostOwner): EvaluationFacts['run']['parties'][number] {
  return { party: name, name: bilingual(isGroup ? `${name} (${members.join(', ')})` : name) }
}

function bilingual(text: string): { readonly zh: string; readonly en: string } {
  return { zh: text, en: text }
}

/** Whether the selection kept the column, and if not, why. */
export function withVerdict(feature: FeatureFacts, selection: StoredSelection | undefined): FeatureFacts {
  if (selection === undefined) return feature
  const { party, feature: name } = feature
  const table = selection.tables.find((candidate) => candidate.name === 'selection_log')
  const at = (column: string) => table?.columns.indexOf(column) ?? -1
  const dropped = table?.rows.findLast(
    (row) => row[at('party')] === party && row[at('feature')] === name && row[at('kept')] === false,
  )
  if (selection.chosen[party]?.includes(name)) return { ...feature, selected: true }
  // the rule alone, which the pages say in their language; the selection log has the whole reason
  return { ...feature, selected: false, rejectReason: dropped === undefined ? '' : String(dropped[at('rule')]) }
}

/** With what binning and selection say of the column: how far its WOE spreads, its inflation of variance, its direction. */
function explained(
  coefficient: CoefficientFacts,
  binning: StoredBinning | undefined,
  selection: StoredSelection | undefined,
): CoefficientFacts {
  const { party, feature, beta } = coefficient
  const column = binning?.features.find((each) => each.party === party && each.feature === feature)
  const inflation = selection?.tables.find(({ name }) => name === 'vif')
  const at = (row: readonly unknown[], name: string) => row[inflation?.columns.indexOf(name) ?? -1]
  const own = inflation?.rows.find((row) => at(row, 'feature') === feature && at(row, 'party') === party)
  const vif = own === undefined ? undefined : at(own, 'vif')
  return {
    ...coefficient,
    ...(typeof vif === 'number' ? { vif } : {}),
    ...(column === undefined ? {} : { columnStd: woeDeviation(column), signOk: beta >= 0 && asExpected(column) }),
  }
}

/** Weight of evidence rises with risk, so what it observes of the value is to be compared with what the owner expects. */
function asExpected({ expectedSign = 0, observedSign }: BinnedFeature): boolean {
  return expectedSign === 0 || observedSign === 0 || expectedSign === observedSign
}

/** Standard deviation of the WOE of a column over the training rows. */
function woeDeviation({ bins }: BinnedFeature): number {
  const counted = bins.map(({ woe, counts }) => ({ woe, n: counts['train']?.n ?? 0 }))
  const rows = counted.reduce((sum, { n }) => sum + n, 0)
  const mean = counted.reduce((sum, { woe, n }) => sum + woe * n, 0) / rows
  return Math.sqrt(counted.reduce((sum, { woe, n }) => sum + n * (woe - mean) ** 2, 0) / rows)
}

function cardTables(
  { scorecard }: JobSpec,
  binning: StoredBinning | undefined,
  coefficients: StoredCoefficients | undefined,
): Table[] {
  if (scorecard === undefined || binning === undefined || coefficients === undefined) return []
  const card = bankScorecard(binning.features, coefficients.coefficients, coefficients.intercept, scorecard)
  return card === undefined ? [] : [scorecardTable(card)]
}

/** One text for the pages of both languages. */
export function algorithmOf(spec: JobSpec): string {
  if (spec.train === undefined) return treesName(boostOf(spec))
  const { train } = spec
  const columns = train.columns === 'woe' ? 'WOE' : '标准化列 standardised'
  return `纵向逻辑回归 vertical LR · ${columns}${train.nonNegative ? ' · β ≥ 0' : ''} · L2 ${train.l2}`
}

/** The trees of a job that trains both; undefined where there is one model. */
export function challengerOf(spec: JobSpec): string | undefined {
  return spec.train === undefined || spec.boost === undefined ? undefined : treesName(spec.boost)
}

/** One text for the pages of both languages. */
function treesName({ trees, depth, bins, learningRate }: NonNullable<JobSpec['boost']>): string {
  return `梯度提升树 gradient-boosted trees · ${trees} × ${depth} · ${bins} bins · η ${learningRate}`
}

/** The guest alone, and every coalition that the value task trained. */
async function coalitions(jobDir: string, spec: JobSpec): Promise<CoalitionFacts[]> {
  const found: CoalitionFacts[] = []
  for (const hosts of [[], ...coalitionsOf(spec)]) {
    const partners = hosts.map((index) => spec.hosts[index]?.party ?? '')
    const model = await loadScores(jobDir, partners, finalKind(spec))
    if (model !== undefined) found.push({ partners, scores: model.scores })
  }
  return found
}

/**
 * One line a host, and one a group. Bytes: what the guest and this host sent each other, all tasks together. Seconds: how long the model of the guest
 * and this host alone took to train where the job trained it, else how long the job's own model took.
 */
function costsOf(spec: JobSpec, record: readonly RecordLine[], events: readonly JobEvent[]): PartnerCost[] {
  const stages = coalitionsOf(spec)
  return ownersOf(spec).map(({ name: party, members }) => {
    const index = spec.hosts.findIndex((host) => host.party === members[0])
    const lines = record.filter(({ from, to }) => members.some((member) => from === member || to === member))
    const bytes = lines.reduce((sum, line) => sum + line.envelopeBytes, 0)
    const stage = stages.findIndex((hosts) => hosts.length === 1 && hosts[0] === index)
    const seconds =
      stage < 0 ? secondsOf(events, finalKind(spec) === 'trees' ? 'boost' : 'train') : secondsOf(events, 'value', stage)
    return { party, bytes, seconds }
  })
}

/** Where a job trains both models, the regression is the champion. */
function finalKind({ train }: JobSpec): ModelKind {
  return train === undefined ? 'trees' : 'regression'
}

/** From the end of what came before to the last event of the task, or of one stage of it. */
function secondsOf(events: readonly JobEvent[], task: string, stage?: number): number {
  const own = events.flatMap((event, i) => {
    const belongs = event.task === task && (stage === undefined || event.stage === stage)
    return belongs && (event.event === 'round.trained' || event.event === 'tree') ? [i] : []
  })
  const [first, last] = [own[0], own.at(-1)]
  if (first === undefined || last === undefined) return 0
  const before = events.slice(0, first).findLast(({ event }) => event === 'round.closed' || event === 'task.finished')
  const from = Date.parse((before ?? events[first])?.time ?? '')
  return Math.max(0, Date.parse(events[last]?.time ?? '') - from) / 1000
}

/** Columns of domain.md 2.3; the smallest and the largest value are never told. */
export function profileTable({ parties }: StoredProfiles): Table {
  const cells = Object.entries(parties).flatMap(([party, columns]) =>
    columns.map(({ alias, zh, en, n, statistics }) => ({
      party,
      feature_code: alias,
      feature_name_zh: zh || en,
      n,
      ...Object.fromEntries(PROFILE_STATISTICS.map((name) => [name, statistics[name] ?? null])),
    })),
  )
  const columns: readonly string[] = ['party', 'feature_code', 'feature_name_zh', 'n', ...PROFILE_STATISTICS]
  return tableOf('feature_profile', columns, cells)
}

/**
 * One line a host: how many of the guest's rows it has, and why not the others. Never an id. After a group, one line a member
 * with the rows that went to it.
 */
function alignmentTable(report: PsiReport): Table {
  const whole = { mode: report.mode, n_input: report.nInput, n_valid: report.nValid, n_ids: report.nIds }
  const share = (ids: number) => (report.nIds === 0 ? null : ids / report.nIds)
  const matched = (at: Pick<HostCoverage, 'idsMatched' | 'present' | 'decoys'>) => ({
    ...whole,
    n_intersection: at.idsMatched,
    coverage_pct: share(at.idsMatched),
    present: at.present,
    decoys: at.decoys,
  })
  const cells = (report.hosts ?? []).flatMap((at) => [
    { party: at.host, ...matched(at), absent: at.absent, not_covered: at.notCovered, no_consent: at.noConsent },
    ...(at.members ?? []).map((member) => ({
      party: `${at.host}: ${member.host}`,
      ...matched(member),
      absent: null,
      not_covered: null,
      no_consent: null,
    })),
  ])
  const pairs = report.pairwise.map(({ host, count }) => ({
    party: host,
    ...whole,
    n_intersection: count,
    coverage_pct: share(count),
    present: null,
    absent: null,
    not_covered: null,
    no_consent: null,
    decoys: null,
  }))
  return tableOf('psi_report', PSI_COLUMNS, cells.length > 0 ? cells : pairs)
}

function roundsTable(losses: readonly number[]): Table {
  const cells = losses.map((loss, i) => ({ round: i + 1, loss }))
  return tableOf('training_rounds', ['round', 'loss'], cells)
}
