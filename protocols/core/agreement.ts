// Step 0 of every task: the parties compare what they are about to do.
import { PlatformError } from '#runtime/errors.ts'
import { messageCodec, refuseUnless } from './codec.ts'
import { type Codec, step } from './schedule.ts'

/** Name and value of each parameter that must be the same on both sides, as text. */
export type Terms = Readonly<Record<string, string>>

/** @throws PlatformError task.params-differ naming each term that differs, with both values */
export function compareTerms(own: Terms, theirs: Terms, peer: string): void {
  const names = [...new Set([...Object.keys(own), ...Object.keys(theirs)])].sort()
  const differences = names
    .filter((name) => own[name] !== theirs[name])
    .map((name) => `${name}: ${own[name] ?? 'absent'} here, ${theirs[name] ?? 'absent'} at ${peer}`)
  if (differences.length > 0) throw new PlatformError('task.params-differ', { peer, differences })
}

/** @param fullName a protobuf message with the one field `terms` @param most terms that a peer may name */
export function termsCodec(fullName: string, most: number): Codec<Terms> {
  return messageCodec<{ terms: { [name: string]: string } }, Terms>(
    fullName,
    (body) => ({ terms: { ...body } }),
    ({ terms }) => {
      refuseUnless(Object.keys(terms).length <= most, `at most ${most} terms`)
      return terms
    },
  )
}

/** The first two steps of round 0. @param ofGuest, ofHost what the receiver learns of the terms of each */
export function termsSteps<Body>(
  codec: Codec<Body>,
  ofGuest: string,
  ofHost = 'the same terms, as the host sees them',
) {
  const common = { kind: 'control', arity: 'one', codec } as const
  return [
    step({ ...common, name: 'guest-terms', from: 'guest', to: 'host', reveals: ofGuest }),
    step({ ...common, name: 'host-terms', from: 'host', to: 'guest', reveals: ofHost }),
  ] as const
}
