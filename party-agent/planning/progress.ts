// Where a job stands, as its parties and the coordinator tell it: ended or not, the task that runs, how long it will take.
import type { JobView } from '../link/coordinator-client.ts'

const ENDED_STATES: readonly string[] = ['succeeded', 'failed', 'cancelled', 'rejected']

export function hasEnded(view: Pick<JobView, 'state'>): boolean {
  return ENDED_STATES.includes(view.state)
}

/** The task that runs, or the last one that began. */
export function currentTask(view: JobView): JobView['tasks'][number] | undefined {
  return view.tasks.find((task) => task.state === 'running') ?? view.tasks.findLast((task) => task.started_at !== '')
}

/** Since it was submitted. @param now milliseconds since 1970 */
export function elapsedSeconds(view: JobView, now: number): number {
  const end = view.ended_at === '' ? now : Date.parse(view.ended_at)
  return (end - Date.parse(view.submitted_at)) / 1000
}

/**
 * At most so long, of the task that runs, from the pace of its rounds so far; known once the second round of a task that has
 * several began. @param now milliseconds since 1970
 */
export function secondsLeft(view: JobView, now: number): number | undefined {
  const task = currentTask(view)
  if (task === undefined || task.started_at === '' || task.max_rounds < 3 || task.round < 2) return undefined
  const done = task.round - 1
  return ((now - Date.parse(task.started_at)) / 1000 / done) * (task.max_rounds - done)
}
