// What a party keeps of a job in its own home, and nobody else sees: result, own coefficients, events and record.
import { join } from 'node:path'
import { DISCLOSURES_FILE, type LedgerLine, readLedger } from '../ledger/disclosures.ts'
import type { RecordLine } from '../mail/record.ts'
import { loadAverageResult, type StoredAverageResult } from './average-facts.ts'
import { loadBatchScores, scoredRows } from './batch-scores.ts'
import { readJson, readJsonLines } from './stored.ts'
import { ownSplits } from './tree-facts.ts'
import type { Evaluation } from '#credit/evaluation/discrimination.ts'
import type { Table } from '#credit/evaluation/pack.ts'
import type { TargetEvaluation, TargetKind } from '#credit/evaluation/targets.ts'
import { readIfPresent } from '#runtime/files.ts'

/** result.json at the guest. */
export interface LocalResult {
  readonly alignment?: Readonly<Record<string, unknown>>
  /** of the hold-out set, with 95 % confidence intervals */
  readonly bankOnly: Evaluation
  readonly joint: Evaluation
  readonly rows: { readonly training: number; readonly holdout: number }
  /** of a regression: training rounds; of trees: how many there are */
  readonly rounds: number
  /** of trees: whether training stopped early */
  readonly converged: boolean
  readonly losses?: readonly number[]
  /** absent: vertical-lr */
  readonly protocol?: 'secureboost'
  /** the trees of a job that trained both */
  readonly challenger?: Pick<LocalResult, 'bankOnly' | 'joint' | 'rounds' | 'converged' | 'losses'>
}

/** result.json at the guest where the label is a number or a count: trees, and never anything beside them. */
export interface LocalTargetResult extends Omit<LocalResult, 'bankOnly' | 'joint' | 'challenger'> {
  /** of the hold-out set */
  readonly targets: {
    readonly kind: TargetKind
    readonly bankOnly: TargetEvaluation
    readonly joint: TargetEvaluation
  }
}

/** model.json at every party: its own part of the model. */
export interface LocalModel {
  readonly party: string
  readonly features: readonly {
    readonly name: string
    /** of standardised columns; weights of evidence have neither */
    readonly mean?: number
    readonly sd?: number
    readonly coefficient: number
    /** where the job asked for standard errors */
    readonly test?: { readonly standardError: number; readonly z: number; readonly p: number }
  }[]
  readonly intercept?: number
}

export interface JobEvent {
  readonly time: string
  readonly event: string
  readonly [field: string]: unknown
}

export interface LocalJob {
  readonly folder: string
  readonly result?: LocalResult
  /** instead of `result`, of a job over the rows of all parties: at each of them */
  readonly average?: StoredAverageResult
  /** instead of `result` */
  readonly targetResult?: LocalTargetResult
  /** at the guest of a job that scores: how many of its rows */
  readonly scored?: number
  readonly model?: LocalModel
  /** of boosted trees: with their thresholds, as `ownSplits` of party-agent/results/tree-facts.ts */
  readonly ownSplits?: Table
  readonly events: readonly JobEvent[]
  readonly record: readonly RecordLine[]
  /** what left this party; its chain holds */
  readonly ledger: readonly LedgerLine[]
}

/** Everything that is there; a job that is still running has less. @throws PlatformError storage.damaged */
export async function readLocalJob(home: string, job: string): Promise<LocalJob> {
  const folder = join(home, 'jobs', job)
  const average = await loadAverageResult(folder)
  const result =
    average === undefined ? await readJson<LocalResult | LocalTargetResult>(join(folder, 'result.json')) : undefined
  const scores = await loadBatchScores(folder)
  const model = await readJson<LocalModel>(join(folder, 'model.json'))
  const splits = await ownSplits(folder)
  return {
    folder,
    ...(result === undefined ? {} : 'targets' in result ? { targetResult: result } : { result }),
    ...(average === undefined ? {} : { average }),
    ...(scores === undefined ? {} : { scored: scoredRows(scores) }),
    ...(model === undefined ? {} : { model }),
    ...(splits === undefined ? {} : { ownSplits: splits }),
    events: await readJsonLines<JobEvent>(join(folder, 'events.jsonl')),
    record: await readJsonLines<RecordLine>(join(folder, 'record.jsonl')),
    ledger: await readDisclosures(folder),
  }
}

/** @throws PlatformError storage.damaged when a line was changed, left out or put in */
async function readDisclosures(folder: string): Promise<readonly LedgerLine[]> {
  const file = join(folder, DISCLOSURES_FILE)
  const text = Buffer.from((await readIfPresent(file)) ?? []).toString('utf8')
  return readLedger(text.slice(0, text.lastIndexOf('\n') + 1), file)
}

const MODEL_TASKS = ['train', 'boost', 'average'] as const
type ModelTask = (typeof MODEL_TASKS)[number]

/** Loss after each round of the regression or of averaging, or after each tree, as this party saw it. A round that ran again after a restart counts once. */
export function lossCurve(
  events: readonly JobEvent[],
  task: ModelTask = MODEL_TASKS.find((name) => events.some((event) => event['task'] === name)) ?? 'train',
): readonly { readonly round: number; readonly loss: number }[] {
  const byRound = new Map<number, number>()
  for (const event of events) {
    const { round } = event
    const loss = event.event === 'tree' ? event['train'] : event['loss']
    const ofTask = event['task'] === task
    if (ofTask && typeof round === 'number' && typeof loss === 'number') byRound.set(round, loss)
  }
  return [...byRound].sort(([a], [b]) => a - b).map(([round, loss]) => ({ round, loss }))
}

/** Payload bytes by message kind in one direction. */
export function bytesByKind(record: readonly RecordLine[], direction: 'sent' | 'received'): Record<string, number> {
  const total: Record<string, number> = {}
  for (const line of record) {
    if (line.direction === direction) total[line.kind] = (total[line.kind] ?? 0) + line.bytes
  }
  return total
}
