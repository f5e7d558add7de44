// What a job with boosted trees leaves, and the tables that a report makes of it. Thresholds are with their owners: the
// guest's files have its own, a host's file has the host's, and no file has both.
import { join } from 'node:path'
import { type Table, tableOf } from '#credit/evaluation/pack.ts'
import { type Scaling, scaleOf } from '#credit/scorecard/scaling.ts'
import { columnImportance } from '#credit/trees/importance.ts'
import type { Objective } from '#credit/trees/params.ts'
import { levelOf, type SplitRef, type Tree } from '#credit/trees/tree.ts'
import type { OwnedSplit, TreeLoss } from '#protocols/secureboost/params.ts'
import { readJson } from './stored.ts'

export const TREES_FILE = 'trees.json'
export const SPLITS_FILE = 'splits.json'

/** The guest's part: shape and leaf weights of every tree, and of its own splits also column and threshold. */
export interface StoredTrees {
  readonly version: 1
  readonly job: string
  readonly party: string
  readonly protocol: 'secureboost'
  readonly objective: Objective
  /** margin before the first tree */
  readonly start: number
  /** points of margins, where the job says so */
  readonly scorecard?: Scaling
  /** by number of the owner in the split nodes: the guest, then the hosts */
  readonly owners: readonly string[]
  /** by owner, by number of the split: what the owner calls the column */
  readonly aliases: readonly (readonly string[])[]
  readonly trees: readonly Tree<SplitRef>[]
  /** own splits by number */
  readonly splits: readonly OwnedSplit[]
  /** after each tree, with those that training dropped again when it stopped early */
  readonly losses: readonly TreeLoss[]
  readonly stoppedEarly: boolean
}

/** A host's part: its splits by number, with column, threshold and the sides. */
export interface StoredSplits {
  readonly version: 1
  readonly job: string
  readonly party: string
  readonly protocol: 'secureboost'
  /** of the model */
  readonly trees: number
  readonly splits: readonly OwnedSplit[]
}

const IMPORTANCE_COLUMNS = ['rank', 'party', 'feature', 'splits', 'gain_pct', 'cover_pct'] as const
const LOSS_COLUMNS = ['tree', 'loss_train', 'loss_holdout'] as const
const VIEW_COLUMNS = [
  'tree',
  'node',
  'depth',
  'party',
  'feature',
  'split',
  'left',
  'gain',
  'cover',
  'n',
  'leaf_value',
  'points',
] as const

/** tree_importance, tree_losses and tree_view; none where the job grew no trees. @throws PlatformError storage.damaged */
export async function treeTables(jobDir: string): Promise<Table[]> {
  const model = await readJson<StoredTrees>(join(jobDir, TREES_FILE))
  return model === undefined ? [] : [importanceTable(model), lossTable(model), viewTable(model)]
}

/** Gain and cover of the splits of each column, as shares of those of all. */
function importanceTable({ trees, owners, aliases }: StoredTrees): Table {
  const columns = columnImportance(trees, ({ owner, split }) => aliases[owner]?.[split] ?? '')
  const cells = columns.map(({ owner, alias, splits, gain, cover }, i) => {
    return { rank: i + 1, party: owners[owner] ?? '', feature: alias, splits, gain_pct: gain, cover_pct: cover }
  })
  return tableOf('tree_importance', IMPORTANCE_COLUMNS, cells)
}

function lossTable({ losses }: StoredTrees): Table {
  const cells = losses.map(({ train, holdout }, i) => {
    return { tree: i + 1, loss_train: train, loss_holdout: holdout ?? null }
  })
  return tableOf('tree_losses', LOSS_COLUMNS, cells)
}

/** One line a node; `left` says which rows go left, where this party knows it. */
function viewTable({ trees, owners, aliases, splits, scorecard }: StoredTrees): Table {
  const factor = scorecard === undefined ? undefined : scaleOf(scorecard).factor
  const cells = trees.flatMap(({ nodes }, tree) =>
    nodes.map(({ node, split, cover, rows, value }) => {
      const own = split?.owner === 0 ? splits[split.split] : undefined
      const points = split === undefined && factor !== undefined ? -factor * value : null
      return {
        tree: tree + 1,
        node,
        depth: levelOf(node),
        party: split === undefined ? null : (owners[split.owner] ?? null),
        feature: split === undefined ? null : (aliases[split.owner]?.[split.split] ?? null),
        split: split?.split ?? null,
        left: own === undefined ? null : leftText(own),
        gain: split?.gain ?? null,
        cover,
        n: rows,
        leaf_value: split === undefined ? value : null,
        points,
      }
    }),
  )
  return tableOf('tree_view', VIEW_COLUMNS, cells)
}

function leftText({ name, threshold, lowRight, missingRight }: OwnedSplit): string {
  const values = Math.abs(threshold) === Number.MAX_VALUE ? '' : ` ${lowRight ? '>' : '≤'} ${brief(threshold)}`
  return `${name}${values}${missingRight ? '' : ' / –'}`
}

/** Without noise digits. */
function brief(value: number): number {
  return Number(value.toPrecision(12))
}

/** This party's own splits with their thresholds, by number; undefined where the job grew no trees here. */
export async function ownSplits(jobDir: string): Promise<Table | undefined> {
  const [trees, parts] = [
    await readJson<StoredTrees>(join(jobDir, TREES_FILE)),
    await readJson<StoredSplits>(join(jobDir, SPLITS_FILE)),
  ]
  const splits = trees?.splits ?? parts?.splits
  if (splits === undefined) return undefined
  const cells = splits.map(({ tree, alias, name, threshold, lowRight, missingRight }, split) => {
    const [low, missing] = [lowRight ? 'right' : 'left', missingRight ? 'right' : 'left']
    return { split, tree: tree + 1, feature: alias, feature_name: name, threshold: brief(threshold), low, missing }
  })
  return tableOf('own_splits', ['split', 'tree', 'feature', 'feature_name', 'threshold', 'low', 'missing'], cells)
}
