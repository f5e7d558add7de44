// What left, what stood behind it and what was stopped, told as it happens: the round log turns each fact into a record.
import type { RecordLine } from '../mail/record.ts'
import type { Disclosure } from './disclosures.ts'

export type DisclosureFact =
  | ({ readonly fact: 'msg.sent' } & Disclosure)
  | ({ readonly fact: 'msg.received'; readonly decryptableBy: readonly string[] } & RecordLine)
  | {
      readonly fact: 'cell.released'
      readonly job: string
      readonly dataset: string
      readonly what: string
      /** rows of the cell, rounded down to a multiple of 10 */
      readonly atLeast: number
      /** fewest rows in which it may differ from another */
      readonly threshold: number
    }
  | {
      readonly fact: 'refusal'
      readonly job: string
      readonly task: string
      readonly round: number
      readonly code: string
    }

/** Hears every fact of this party. May be told the same fact again after a restart. */
export interface DisclosureRecord {
  /** Resolves when the fact is kept: what it tells of is not done before. */
  tell(fact: DisclosureFact): Promise<void>
}

export const untold: DisclosureRecord = { tell: async () => undefined }
