// What a run page shows, made up from the events of its job. What did not change keeps its identity, so that only the rows
// that changed are drawn again.
import type { JobProgress, PartyProgress, TaskProgress } from '#console/api/job-progress.ts'
import type { jobCalls } from '#console/api/jobs.ts'
import type { Static } from 'typebox'

export type JobEvent = Static<(typeof jobCalls)['watchJob']['events']>

/** Loss of a task, by round, ascending. */
export interface LossCurve {
  readonly task: string
  readonly rounds: readonly number[]
  readonly losses: readonly number[]
}

export interface RunView {
  readonly job: JobProgress | undefined
  readonly curves: readonly LossCurve[]
  /** the coordinator does not answer */
  readonly isAway: boolean
}

export const NOTHING_SEEN: RunView = { job: undefined, curves: [], isAway: false }

export function seen(view: RunView, event: JobEvent): RunView {
  if (event.kind === 'away') return view.isAway ? view : { ...view, isAway: true }
  if (event.kind === 'loss') return { ...view, curves: withPoints(view.curves, event) }
  return { ...view, isAway: false, job: view.job === undefined ? event.job : settled(view.job, event.job) }
}

/** The newer, with the parts of the older that are the same. */
function settled(older: JobProgress, newer: JobProgress): JobProgress {
  return {
    ...newer,
    tasks: sameParts(older.tasks, newer.tasks, ({ task }: TaskProgress) => task),
    parties: sameParts(older.parties, newer.parties, ({ party }: PartyProgress) => party),
  }
}

function sameParts<T extends object>(older: readonly T[], newer: readonly T[], idOf: (part: T) => string): T[] {
  const known = new Map(older.map((part) => [idOf(part), part]))
  return newer.map((part) => {
    const before = known.get(idOf(part))
    return before !== undefined && isSame(before, part) ? before : part
  })
}

/** Of flat parts: texts, numbers and booleans. */
function isSame<T extends object>(one: T, other: T): boolean {
  const keys = Object.keys(one) as (keyof T)[]
  return keys.length === Object.keys(other).length && keys.every((key) => one[key] === other[key])
}

/** A round that came before, after a broken line or a restart, is told again and counts once. */
function withPoints(curves: readonly LossCurve[], { task, points }: Extract<JobEvent, { kind: 'loss' }>): LossCurve[] {
  const known = curves.find((curve) => curve.task === task)
  const last = known?.rounds.at(-1) ?? -1
  const isNew = points.every(({ round }, i) => round > (i === 0 ? last : (points[i - 1]?.round ?? last)))
  const curve = isNew ? appended(known, task, points) : merged(known, task, points)
  return known === undefined ? [...curves, curve] : curves.map((each) => (each === known ? curve : each))
}

type Points = readonly { readonly round: number; readonly loss: number }[]

function appended(known: LossCurve | undefined, task: string, points: Points): LossCurve {
  return {
    task,
    rounds: [...(known?.rounds ?? []), ...points.map(({ round }) => round)],
    losses: [...(known?.losses ?? []), ...points.map(({ loss }) => loss)],
  }
}

function merged(known: LossCurve | undefined, task: string, points: Points): LossCurve {
  const byRound = new Map(known?.rounds.map((round, i) => [round, known.losses[i] ?? Number.NaN]))
  for (const { round, loss } of points) byRound.set(round, loss)
  const rounds = [...byRound.keys()].sort((a, b) => a - b)
  return { task, rounds, losses: rounds.map((round) => byRound.get(round) ?? Number.NaN) }
}
