// The calls of an agent's operator.
import { operationCalls } from '#console/api/operation.ts'
import { clientOf, useAsked } from '../../client.ts'

const agent = clientOf(operationCalls)
const LOOK_AGAIN_MS = 5000

/** How this agent runs, renewed every few seconds. */
export function useOperation() {
  return useAsked(['operation'], (signal) => agent.operation({}, { signal }), { every: LOOK_AGAIN_MS })
}
