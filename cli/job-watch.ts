// Follows a job to its end, live in a terminal or line by line in a log.
import { setTimeout as sleep } from 'node:timers/promises'
import { PlatformError } from '#runtime/errors.ts'
import type { CliContext } from './context.ts'
import type { CoordinatorClient, JobView } from '#party-agent/link/coordinator-client.ts'
import { displayWidth } from './format.ts'
import { liveLines, plainLines, type ProgressFacts } from './job-progress.ts'
import { hasEnded } from '#party-agent/planning/progress.ts'
import { lossCurve, readLocalJob } from '#party-agent/results/local-job.ts'

export interface WatchOptions {
  /** the guest's home, for the loss; a host has none to show */
  readonly home?: string
  /** lines to standard error instead: standard output is for the result */
  readonly quiet?: boolean
}

const REDRAW_MS = 500
const RECONNECT_MS = 1000

/** Shows each change until the job ended. @returns the last view */
export async function watchJob(
  cli: CliContext,
  client: CoordinatorClient,
  job: string,
  options: WatchOptions = {},
): Promise<JobView> {
  const screen = cli.live && !options.quiet ? liveScreen(cli) : plainScreen(cli)
  let latest: JobView | undefined
  let loss: number | undefined
  const redraw = setInterval(() => {
    if (latest !== undefined) screen.show(latest, factsOf(loss))
  }, REDRAW_MS)
  try {
    for await (const view of views(cli, client, job)) {
      loss = (await lastLoss(options.home, job)) ?? loss
      latest = view
      screen.show(view, factsOf(loss))
      if (hasEnded(view)) return view
    }
  } finally {
    clearInterval(redraw)
    screen.end()
  }
  throw new PlatformError('job.cancelled', { job, watching: 'stopped; the job goes on' })
}

function factsOf(loss: number | undefined): ProgressFacts {
  return { now: Date.now(), ...(loss === undefined ? {} : { loss }) }
}

/** The coordinator may restart while somebody watches: the stream is opened again. */
async function* views(cli: CliContext, client: CoordinatorClient, job: string): AsyncIterable<JobView> {
  while (!cli.signal.aborted) {
    try {
      for await (const view of client.watch(job, cli.signal)) {
        yield view
        if (hasEnded(view)) return
      }
    } catch (thrown) {
      if (!(thrown instanceof PlatformError) || thrown.code !== 'transport.unavailable') throw thrown
    }
    await sleep(RECONNECT_MS, undefined, { signal: cli.signal }).catch(() => undefined)
  }
}

async function lastLoss(home: string | undefined, job: string): Promise<number | undefined> {
  if (home === undefined) return undefined
  const { events } = await readLocalJob(home, job)
  const tasks = ['average', 'boost', 'train'] as const
  return tasks.map((task) => lossCurve(events, task).at(-1)).find((last) => last !== undefined)?.loss
}

interface Screen {
  show(view: JobView, facts: ProgressFacts): void
  end(): void
}

/** Redraws its lines in place. */
function liveScreen(cli: CliContext): Screen {
  let drawn = 0
  return {
    show(view, facts) {
      const width = cli.columns()
      const lines = liveLines(cli, view, facts)
      const up = drawn === 0 ? '' : `\u001b[${drawn}A`
      process.stdout.write(`${up}${lines.map((line) => `\u001b[2K${cut(line, width)}`).join('\n')}\n`)
      drawn = lines.length
    },
    end: () => undefined,
  }
}

function plainScreen(cli: CliContext): Screen {
  let before: JobView | undefined
  return {
    show(view, facts) {
      for (const line of plainLines(cli, before, view, facts)) cli.note(line)
      before = view
    },
    end: () => undefined,
  }
}

/** A line that wraps would break the redrawing; colours are dropped from lines that are too long. */
function cut(line: string, width: number): string {
  if (displayWidth(line) <= width) return line
  // eslint-disable-next-line no-control-regex
  let text = line.replace(/\u001b\[[0-9;]*m/g, '')
  while (displayWidth(text) > width - 1) text = text.slice(0, -1)
  return `${text}…`
}
