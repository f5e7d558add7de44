// Live events of the server: opened with the page, dialled again when the line breaks, closed with the page.
import { useEffect, useEffectEvent, useState } from 'react'
import type { Static, TSchema } from 'typebox'
import type { Asked, Call } from '#console/api/contract.ts'
import type { Problem } from '#console/api/problem.ts'
import { ConsoleProblem, urlOf } from '#console/sdk/client.ts'
import { askAgain } from './client.ts'
import { tellReachable } from './reach.ts'

/** live: open; broken: being dialled again; over: the server has said all, or refused */
export type Line = 'opening' | 'live' | 'broken' | 'over'
type Watchable = Call & { readonly events: TSchema }

const FIRST_WAIT_MS = 1000
const LONGEST_WAIT_MS = 15_000

/**
 * Follows the events of a call while the component is there.
 * @param given what the call takes; a change of it opens another line
 * @param onEvent for each event; after a broken line the server begins again, so an event may come twice
 * @returns how the line is, and the refusal that ended it
 */
export function useLive<C extends Watchable>(
  call: C,
  given: Partial<Asked<C>>,
  onEvent: (event: Static<C['events']>) => void,
  { isOff = false }: { readonly isOff?: boolean } = {},
): { readonly line: Line; readonly error: unknown } {
  const [line, setLine] = useState<Line>('opening')
  const [error, setError] = useState<unknown>()
  const tell = useEffectEvent(onEvent)
  const url = urlOf(call, given)
  useEffect(() => {
    if (isOff) return undefined
    setLine('opening')
    setError(undefined)
    return follow(url, {
      event: (value) => tell(value as Static<C['events']>),
      line: setLine,
      refused: setError,
    })
  }, [url, isOff])
  return { line, error }
}

interface Follower {
  readonly event: (value: unknown) => void
  readonly line: (line: Line) => void
  readonly refused: (error: unknown) => void
}

/** @returns closes the line */
function follow(url: string, { event, line, refused }: Follower): () => void {
  let source: EventSource | undefined
  let wait = FIRST_WAIT_MS
  let timer: ReturnType<typeof setTimeout> | undefined
  const over = () => {
    source?.close()
    line('over')
  }
  const open = () => {
    const opened = new EventSource(url)
    source = opened
    opened.onopen = () => {
      wait = FIRST_WAIT_MS
      tellReachable(true)
      line('live')
    }
    opened.onmessage = ({ data }) => event(JSON.parse(String(data)))
    opened.addEventListener('end', over)
    opened.addEventListener('problem', ({ data }) => {
      refused(new ConsoleProblem(JSON.parse(String(data)) as Problem))
      over()
    })
    opened.onerror = () => {
      // an answer that is no stream closes it for good: the session may have ended, which the shell finds out
      if (opened.readyState === EventSource.CLOSED) void askAgain('session')
      opened.close()
      line('broken')
      timer = setTimeout(open, wait)
      wait = Math.min(LONGEST_WAIT_MS, wait * 2)
    }
  }
  open()
  return () => {
    clearTimeout(timer)
    source?.close()
  }
}
