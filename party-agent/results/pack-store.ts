// Evaluations of this party's jobs, each computed once in a thread of its own and kept while its files stay as they are.
import { stat } from 'node:fs/promises'
import { join } from 'node:path'
import { Worker } from 'node:worker_threads'
import type { EvaluationPack } from '#credit/evaluation/pack.ts'
import { type ErrorCode, type ErrorDetail, PlatformError } from '#runtime/errors.ts'

/** all: also what each partner adds; joint: the models of all parties only; columns: without a model */
export type PackDepth = 'all' | 'joint' | 'columns'

export interface PackOrder {
  readonly home: string
  readonly job: string
  readonly depth: PackDepth
}

/** What the thread answers. */
export type PackAnswer =
  | { readonly pack: EvaluationPack }
  | { readonly pack?: never; readonly code: ErrorCode; readonly detail: ErrorDetail }

export interface PackStore {
  /** @throws PlatformError results.none, evaluation.invalid, storage.damaged */
  packOf(job: string, depth?: PackDepth): Promise<EvaluationPack>
}

/** Half a megabyte each for usual jobs. */
const MOST_KEPT = 8
/** An evaluation is written anew when one of these is. */
const FILES = ['result.json', 'scores', 'coefficients.json', 'selection.json', 'binning.json', 'job.json'] as const

/** @param home of the party */
export function openPackStore(home: string): PackStore {
  const kept = new Map<string, { readonly stamp: string; readonly pack: Promise<EvaluationPack> }>()
  let last: Promise<unknown> = Promise.resolve()
  /** One at a time: each takes a core and the rows of a job. */
  const inTurn = (order: PackOrder): Promise<EvaluationPack> => {
    const made = last.then(() => computed(order))
    last = made.catch(() => undefined)
    return made
  }
  return {
    async packOf(job, depth = 'all') {
      const key = `${job} ${depth}`
      const stamp = await stampOf(join(home, 'jobs', job))
      const known = kept.get(key)
      kept.delete(key)
      const entry = known?.stamp === stamp ? known : { stamp, pack: inTurn({ home, job, depth }) }
      kept.set(key, entry) // the last used is the last to go
      for (const oldest of kept.keys()) {
        if (kept.size <= MOST_KEPT) break
        kept.delete(oldest)
      }
      return entry.pack.catch((error) => {
        if (kept.get(key) === entry) kept.delete(key)
        throw error
      })
    },
  }
}

async function stampOf(jobDir: string): Promise<string> {
  const times = FILES.map((file) =>
    stat(join(jobDir, file)).then(
      ({ mtimeMs, size }) => `${mtimeMs}/${size}`,
      () => '',
    ),
  )
  return (await Promise.all(times)).join(' ')
}

function computed(order: PackOrder): Promise<EvaluationPack> {
  const worker = new Worker(new URL('./pack-worker.ts', import.meta.url), { workerData: order, execArgv: [] })
  return new Promise((resolve, reject) => {
    worker.once('message', (answer: PackAnswer) =>
      answer.pack === undefined ? reject(new PlatformError(answer.code, answer.detail)) : resolve(answer.pack),
    )
    worker.once('error', reject)
    worker.once('exit', (code) =>
      reject(new PlatformError('internal.unexpected', { worker: 'evaluation', exit: code })),
    )
  })
}
