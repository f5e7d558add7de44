// Which fields and how many values the vectors of a sum have: opened by one party, or by all together.
import { type Fields, fieldsFor, sharedFieldsFor } from '#crypto/aggregate/fields.ts'
import { TRAINING_LIMITS } from './training/types.ts'

/** One vector of the largest model, and what rides along. */
const MOST_VALUES = TRAINING_LIMITS.parameters + 65_536
/** Shared opening takes twice the bytes; an update fits what may be in flight. */
const MOST_SHARED_VALUES = 2 ** 21

/** Values of a vector. */
export function mostValues(shared: boolean): number {
  return shared ? MOST_SHARED_VALUES : MOST_VALUES
}

/** The same for every vector of a task, whatever its length. @throws PlatformError he.range */
export function sumFields(parties: number, shared: boolean): Fields {
  return shared ? sharedFieldsFor(parties, MOST_SHARED_VALUES) : fieldsFor(parties)
}
