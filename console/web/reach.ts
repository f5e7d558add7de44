// Whether the server answers. While it does not, it is asked every two seconds; what was asked in vain is asked again
// when it is back.

const PROBE_MS = 2000
const listeners = new Set<() => void>()
let reachable = true
let probe: ReturnType<typeof setInterval> | undefined

/** What every answer and every failure to get one tells. */
export function tellReachable(now: boolean): void {
  if (!now) probe ??= setInterval(() => void ask(), PROBE_MS)
  else {
    clearInterval(probe)
    probe = undefined
  }
  if (now === reachable) return
  reachable = now
  for (const tell of listeners) tell()
}

async function ask(): Promise<void> {
  tellReachable(
    await fetch('/api/about').then(
      () => true,
      () => false,
    ),
  )
}

export const isReachable = (): boolean => reachable

export function onReachable(tell: () => void): () => void {
  listeners.add(tell)
  return () => listeners.delete(tell)
}

/** Resolves at once, or when the server is back. */
function whenReachable(): Promise<void> {
  if (reachable) return Promise.resolve()
  return new Promise((resolve) => {
    const stop = onReachable(() => {
      stop()
      resolve()
    })
  })
}

/** Fetches code of a page; one that was asked for while the server was away comes when it is back. */
export function patient<T>(load: () => Promise<T>): () => Promise<T> {
  return async () => {
    try {
      return await load()
    } catch {
      await ask()
      await whenReachable()
      return await load()
    }
  }
}
