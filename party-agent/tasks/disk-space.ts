// A full disk is waited for: somebody frees space, and the job goes on from what is on disk.
import { setTimeout as sleep } from 'node:timers/promises'
import { PlatformError } from '#runtime/errors.ts'
import type { Logger } from '#runtime/log.ts'

/** Runs a write that may be tried again as a whole. */
export type SpaceWaiter = <T>(write: () => Promise<T>) => Promise<T>

/** For writes whose caller deals with a full disk itself. */
export const withoutWaiting: SpaceWaiter = (write) => write()

/**
 * Tries a write again for as long as the disk is full. Every other error passes through at once.
 * @param options.signal ends the wait: the write then fails with its own storage.full
 */
export function spaceWaiter(options: {
  readonly signal: AbortSignal
  readonly log: Logger
  readonly retryMs?: number
}): SpaceWaiter {
  return async (write) => {
    for (let attempt = 1; ; attempt++) {
      try {
        const result = await write()
        if (attempt > 1) options.log.info('storage.space-returned', { attempts: attempt })
        return result
      } catch (error) {
        if (!(error instanceof PlatformError) || error.code !== 'storage.full' || options.signal.aborted) throw error
        if (attempt === 1) options.log.error('storage.full', error)
        await sleep(options.retryMs ?? 1000, undefined, { signal: options.signal }).catch(() => {
          throw error
        })
      }
    }
  }
}
