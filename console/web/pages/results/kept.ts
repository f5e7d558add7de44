// Answers that are asked for once: each reading of a result is stated in the access log, and a result does not change.
import { useQuery } from '@tanstack/react-query'

/** As `useAsked`, but never asked again by itself. */
export function useRead<T>(
  key: readonly unknown[],
  ask: (signal: AbortSignal) => Promise<T>,
  { isOff = false }: { readonly isOff?: boolean } = {},
) {
  return useQuery<T>({
    queryKey: key,
    queryFn: ({ signal }) => ask(signal),
    enabled: !isOff,
    staleTime: Number.POSITIVE_INFINITY,
    gcTime: Number.POSITIVE_INFINITY,
  })
}
