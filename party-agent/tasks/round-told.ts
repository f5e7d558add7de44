// What the coordinator tells of a round beside its number: who takes no part in it, and whether it was voided. Believed
// only as far as the job allows.
import { type JobSpec, partiesOf } from '#protocols/core/job-spec.ts'
import type { RoundOpened__Output } from '#protos/gen/tributary/v1/RoundOpened.ts'
import { PlatformError } from '#runtime/errors.ts'

export interface LeftOut {
  readonly party: string
  /** a word such as away, late or behind */
  readonly reason: string
}

export interface RoundTold {
  readonly leftOut: readonly LeftOut[]
  /** it lost a party before its sum was made: it ends as it began */
  readonly voided: boolean
}

/** All take part. */
export const WHOLE_ROUND: RoundTold = { leftOut: [], voided: false }

const REASON = /^[a-z][a-z0-9.-]{0,31}$/

/** @throws PlatformError protocol.out-of-order where the job does not allow it, average.too-few-parties */
export function readTold(
  spec: JobSpec,
  { task, round, left_out: leftOut, voided }: Pick<RoundOpened__Output, 'task' | 'round' | 'left_out' | 'voided'>,
): RoundTold {
  if (leftOut.length === 0 && !voided) return WHOLE_ROUND
  const least = spec.average?.dropout?.leastParties
  const names = new Set(leftOut.map(({ party }) => party))
  const known = names.size === leftOut.length && leftOut.every(({ party }) => partiesOf(spec).includes(party))
  const worded = leftOut.every(({ reason }) => REASON.test(reason))
  if (task !== 'average' || round === 0 || least === undefined || !known || !worded)
    throw new PlatformError('protocol.out-of-order', {
      opened: `${task.slice(0, 32)}/${round}`,
      expected: 'all parties',
    })
  const told = { leftOut: leftOut.map(({ party, reason }) => ({ party, reason })), voided }
  const parties = takingPart(spec, told).length
  if (parties < least) throw new PlatformError('average.too-few-parties', { parties, least })
  return told
}

/** In job order. */
export function takingPart(spec: JobSpec, { leftOut }: Pick<RoundTold, 'leftOut'>): readonly string[] {
  return partiesOf(spec).filter((party) => leftOut.every((left) => left.party !== party))
}

/** Of the last round, as far as the job allows that parties are left out. @throws PlatformError as readTold */
export function leftOutAtEnd(spec: JobSpec, leftOut: RoundOpened__Output['left_out']): readonly LeftOut[] {
  if (leftOut.length === 0) return []
  return readTold(spec, { task: 'average', round: 1, left_out: leftOut, voided: false }).leftOut
}

/** For the event file: nothing of a whole round. */
export function eventFields({ leftOut, voided }: RoundTold): Readonly<Record<string, string | boolean>> {
  const without = leftOut.map(({ party, reason }) => `${party} (${reason})`).join(', ')
  return { ...(voided && { voided }), ...(without !== '' && { without }) }
}
