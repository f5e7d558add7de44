// What of a result goes into the log: the measures of the joint model, as decimals. What the guest's own columns give
// alone is the guest's business and stays out.
import { PlatformError } from '#runtime/errors.ts'

export interface Metric {
  readonly name: string
  /** decimal with a fixed point */
  readonly value: string
}

/** as many digits as a report shows: more would say more about the rows than about the model */
const DIGITS = 4

/**
 * Measures in the bytes of a result file: joint AUC and KS on the hold-out rows, and the last loss, as far as
 * they are there.
 * @throws PlatformError storage.damaged when the file is no JSON
 */
export function metricsIn(bytes: Uint8Array | undefined): Metric[] {
  if (bytes === undefined) return []
  const result = parsed(bytes)
  const losses = at(result, 'losses')
  const found: readonly (readonly [string, unknown])[] = [
    ['joint auc', at(result, 'joint', 'auc', 'value')],
    ['joint ks', at(result, 'joint', 'ks', 'value')],
    // of trees for a number or a count
    ['joint rmse', at(result, 'targets', 'joint', 'rmse', 'value')],
    ['joint gini', at(result, 'targets', 'joint', 'gini', 'value')],
    // of a model that was averaged: over the hold-out rows of all parties
    ['joint auc', at(result, 'federated', 'auc')],
    ['joint ks', at(result, 'federated', 'ks')],
    ['hold-out loss', at(result, 'federated', 'loss')],
    ['training loss', Array.isArray(losses) ? losses.at(-1) : undefined],
  ]
  return found.flatMap(([name, value]) => {
    return typeof value === 'number' && Number.isFinite(value) ? [{ name, value: decimal(value) }] : []
  })
}

/** Fixed point, and no minus before zero. */
function decimal(value: number): string {
  const text = value.toFixed(DIGITS)
  return Number(text) === 0 ? text.replace('-', '') : text
}

function parsed(bytes: Uint8Array): unknown {
  try {
    return JSON.parse(Buffer.from(bytes).toString('utf8'))
  } catch (cause) {
    throw new PlatformError('storage.damaged', { what: 'result' }, cause)
  }
}

function at(value: unknown, ...path: readonly string[]): unknown {
  let found = value
  for (const name of path) {
    if (typeof found !== 'object' || found === null || !Object.hasOwn(found, name)) return undefined
    found = (found as Readonly<Record<string, unknown>>)[name]
  }
  return found
}
