// What each side may say about how its ids look, and what two such profiles tell when hardly anything matches.
import type { IdProfile } from '#protocols/core/ids.ts'

/** Whole percents, not counts: they would give the size of the set away. */
export interface ProfileSummary {
  readonly validPct: number
  /** spellings that 20 ids or more share, the most frequent first; at most 5 */
  readonly shapes: readonly { readonly pattern: string; readonly pct: number }[]
}

export function summarise(profile: IdProfile): ProfileSummary {
  const pct = (count: number) => (profile.total === 0 ? 0 : Math.min(100, Math.round((100 * count) / profile.total)))
  return {
    validPct: pct(profile.valid),
    shapes: profile.shape
      .filter((shape) => shape.count >= 20)
      .slice(0, 5)
      .map((shape) => ({ pattern: shape.pattern, pct: pct(shape.count) })),
  }
}

/**
 * Why the intersection may be small, as a sentence. It travels with the failure to all parties and the coordinator,
 * so it names parties and no figure.
 */
export function hintOf(self: string, own: ProfileSummary, peer: string, theirs: ProfileSummary): string {
  if (own.validPct < 50) return `most ids of ${self} fail the check of their kind`
  if (theirs.validPct < 50) return `most ids of ${peer} fail the check of their kind`
  const [first, second] = [own.shapes[0], theirs.shapes[0]]
  if (first === undefined || second === undefined) return `too few ids at ${first === undefined ? self : peer}`
  if (first.pattern !== second.pattern) return `${self} and ${peer} spell most ids differently: compare the id columns`
  return `the ids of ${self} and ${peer} look alike, so few customers are common`
}

/** Both profiles side by side, for the event file of this party alone. */
export function compareProfiles(self: string, own: ProfileSummary, peer: string, theirs: ProfileSummary): string {
  const one = (party: string, profile: ProfileSummary) =>
    `${party}: ${profile.validPct} % valid, spelled ${profile.shapes.map((s) => `${s.pattern} (${s.pct} %)`).join(', ') || 'in no common way'}`
  return `${one(self, own)}; ${one(peer, theirs)}`
}
