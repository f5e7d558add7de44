// The ideal functionality: what the protocol computes, in the clear. For tests only.

/** The ids that all parties have, sorted. @param sets the ids of each party */
export function plainIntersection(sets: readonly (readonly string[])[]): string[] {
  const [first = [], ...others] = sets.map((ids) => new Set(ids))
  return [...first].filter((id) => others.every((set) => set.has(id))).sort()
}
