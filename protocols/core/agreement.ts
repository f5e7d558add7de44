// Step 0 of every task: the parties compare what they are about to do.
import { PlatformError } from '#runtime/errors.ts'

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
