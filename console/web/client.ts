// How pages ask the server: one client per table of calls, answers kept by key, and the way to the sign-in when the
// session has ended.
import { QueryClient, useInfiniteQuery, useQuery } from '@tanstack/react-query'
import type { Calls } from '#console/api/contract.ts'
import type { Problem } from '#console/api/problem.ts'
import { type About, type Session, sessionCalls } from '#console/api/session.ts'
import { type Client, connect, ConsoleProblem, ConsoleUnreachable } from '#console/sdk/client.ts'
import { isReachable, onReachable, tellReachable } from './reach.ts'

const SESSION = ['session'] as const
const LONGEST_WAIT_MS = 15_000

/** What has been answered, by key: the first word of a key is the area, ['jobs', id]. */
export const answers = new QueryClient({
  defaultOptions: {
    queries: {
      staleTime: 5_000,
      // a refusal stays one; a server that is away is asked again until it is back
      retry: (_, error) => error instanceof ConsoleUnreachable,
      retryDelay: (attempt) => Math.min(LONGEST_WAIT_MS, 1000 * 2 ** attempt),
      // a coordinator on the same machine answers without any network
      networkMode: 'always',
    },
    mutations: { networkMode: 'always' },
  },
})

/** The methods of a table of calls: `const jobs = clientOf(jobCalls)`, then `jobs.list({ query: {} })`. */
export function clientOf<const T extends Calls>(table: T): Client<T> {
  return connect(table, { csrf: () => currentSession()?.csrf, fetch: watchedFetch })
}

/** Passes everything on; tells the shell when nobody is signed in any more, and whether the server answers. */
const watchedFetch: typeof fetch = async (input, init) => {
  try {
    const answer = await fetch(input, init)
    tellReachable(true)
    if (answer.status === 401 && currentSession()) keepSession(null)
    return answer
  } catch (error) {
    if (init?.signal?.aborted !== true) tellReachable(false)
    throw error
  }
}

const session = clientOf(sessionCalls)

const currentSession = (): Session | null | undefined => answers.getQueryData<Session | null>(SESSION)

/** The session from now on; null: nobody. What the one before has seen is forgotten. */
export function keepSession(opened: Session | null): void {
  forgetBefore(opened)
  answers.setQueryData(SESSION, opened)
}

function forgetBefore(opened: Session | null): void {
  const before = currentSession()
  if (before && before.person.id !== opened?.person.id) {
    answers.removeQueries({ predicate: ({ queryKey }) => queryKey[0] !== SESSION[0] && queryKey[0] !== 'about' })
  }
}

/** What this server is; the same for everybody. */
export function useAbout() {
  return useQuery<About>({ queryKey: ['about'], queryFn: () => session.about(), staleTime: Number.POSITIVE_INFINITY })
}

/** Who is signed in; null: nobody. */
export function useSession() {
  return useQuery<Session | null>({
    queryKey: SESSION,
    queryFn: async () => {
      try {
        const opened = await session.session()
        forgetBefore(opened) // somebody else may have signed in beside this page
        return opened
      } catch (error) {
        if (error instanceof ConsoleProblem && error.code === 'console.signed-out') return null
        throw error
      }
    },
    staleTime: 60_000,
  })
}

/** @throws ConsoleProblem, ConsoleUnreachable */
export async function signIn(person: string, passphrase: string): Promise<void> {
  keepSession(await session.signIn({ body: { person, passphrase } }))
}

/** The page forgets the person in any case; a server that could not be told ends the session by itself when it is idle. */
export async function signOut(): Promise<void> {
  try {
    await session.signOut()
  } finally {
    keepSession(null)
    await answers.invalidateQueries({ queryKey: SESSION })
  }
}

/** A page that nobody has touched for so long asks no more by itself, and so keeps no session open. */
const UNTOUCHED_MS = 10 * 60_000
let touchedAt = Date.now()
for (const kind of ['pointerdown', 'keydown', 'wheel'])
  globalThis.addEventListener?.(kind, () => (touchedAt = Date.now()), { passive: true, capture: true })

const whileTouched = (every: number) => () => (Date.now() - touchedAt < UNTOUCHED_MS ? every : false)

/**
 * An answer, kept under its key and asked for again when the page comes back into sight.
 * @param every milliseconds; asks again and again, for what changes by itself
 */
export function useAsked<T>(
  key: readonly unknown[],
  ask: (signal: AbortSignal) => Promise<T>,
  { every, isOff = false }: { readonly every?: number; readonly isOff?: boolean } = {},
) {
  return useQuery<T>({
    queryKey: key,
    queryFn: ({ signal }) => ask(signal),
    enabled: !isOff,
    ...(every === undefined ? {} : { refetchInterval: whileTouched(every) }),
  })
}

/** A list that comes in pages, as one: `data` are the items so far, `more` goes to the Table. */
export function usePaged<Item>(
  key: readonly unknown[],
  ask: (
    after: string | undefined,
    signal: AbortSignal,
  ) => Promise<{ readonly items: readonly Item[]; readonly next?: string | undefined }>,
  { every }: { readonly every?: number } = {},
) {
  const asked = useInfiniteQuery({
    queryKey: key,
    queryFn: ({ pageParam, signal }) => ask(pageParam, signal),
    initialPageParam: undefined as string | undefined,
    getNextPageParam: (page) => page.next,
    ...(every === undefined ? {} : { refetchInterval: whileTouched(every) }),
  })
  return {
    data: asked.data?.pages.flatMap(({ items }) => items),
    error: asked.error,
    more: asked.hasNextPage ? { isAsking: asked.isFetchingNextPage, ask: () => void asked.fetchNextPage() } : undefined,
  }
}

/** After something was changed: asks again for all that is kept under keys that begin like this. */
export async function askAgain(...key: readonly unknown[]): Promise<void> {
  await answers.invalidateQueries({ queryKey: key })
}

/** The server's own words of a refusal. */
export function problemOf(error: unknown): Problem | undefined {
  return error instanceof ConsoleProblem ? error.problem : undefined
}

export const isUnreachable = (error: unknown): boolean => error instanceof ConsoleUnreachable

// what failed while the server was away is asked for again at once when it is back
onReachable(() => {
  if (isReachable()) void answers.refetchQueries({ type: 'active' })
})
