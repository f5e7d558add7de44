// Server-sent events (HTML standard, section 9.2): one JSON value an event, a comment while nothing happens, and a
// refusal in the middle as an event `problem`.
import type { ServerResponse } from 'node:http'
import { toPlatformError } from '#runtime/errors.ts'
import { problemOf } from './problems.ts'

/** proxies close what is silent for a minute */
const HEARTBEAT_MS = 15_000
/** a browser dials again after so long */
const RETRY_MS = 2000

/**
 * Ends when the values do, when the caller is gone, or when the session ended.
 * @param check of each value against the contract
 */
export async function sendEvents(
  answer: ServerResponse,
  headers: Readonly<Record<string, string>>,
  values: AsyncIterable<unknown>,
  { check, signal, failed }: EventTerms,
): Promise<void> {
  answer.writeHead(200, { ...headers, 'content-type': 'text/event-stream', 'cache-control': 'no-store' })
  answer.write(`retry: ${RETRY_MS}\n\n`)
  const heartbeat = setInterval(() => answer.write(': \n\n'), HEARTBEAT_MS)
  try {
    for await (const value of values) {
      if (signal.aborted) break
      if (!answer.write(`data: ${JSON.stringify(check(value))}\n\n`)) await drained(answer, signal)
    }
    // without it a browser takes the end for a lost connection, and dials again
    if (!signal.aborted) answer.write('event: end\ndata: {}\n\n')
  } catch (thrown) {
    failed(thrown)
    if (!signal.aborted) answer.write(`event: problem\ndata: ${JSON.stringify(problemOf(toPlatformError(thrown)))}\n\n`)
  } finally {
    clearInterval(heartbeat)
    answer.end()
  }
}

export interface EventTerms {
  readonly check: (value: unknown) => unknown
  readonly signal: AbortSignal
  readonly failed: (thrown: unknown) => void
}

function drained(answer: ServerResponse, signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    answer.once('drain', resolve)
    signal.addEventListener('abort', () => resolve(), { once: true })
  })
}
