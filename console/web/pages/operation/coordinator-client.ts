// The coordinator's calls, for the pages that an operator opens there.
import { coordinatorCalls } from '#console/api/coordinator.ts'
import { clientOf } from '../../client.ts'

export const coordinator = clientOf(coordinatorCalls)

/** Milliseconds after which what is not told live is asked for again. */
export const LOOK_AGAIN_MS = 5000

/** The part of a query that asks for the next page. */
export function from(after: string | undefined): { readonly after?: string } {
  return after === undefined ? {} : { after }
}
