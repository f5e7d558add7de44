// Which known name was probably meant.

/** A detail of an error: known names that differ from the given ones in case or in a letter or two; nothing if none does. */
export function nearDetail(names: readonly string[], known: readonly string[]): { near?: string[] } {
  const near = [...new Set(names.flatMap((name) => nearNames(name, known)))]
  return near.length === 0 ? {} : { near }
}

function nearNames(name: string, known: readonly string[]): string[] {
  const wanted = name.toLowerCase()
  const limit = Math.min(2, Math.floor(wanted.length / 3))
  return known.filter((other) => editDistance(wanted, other.toLowerCase(), limit) <= limit).slice(0, 3)
}

/** Levenshtein distance, or limit + 1 where it is larger. */
function editDistance(a: string, b: string, limit: number): number {
  if (Math.abs(a.length - b.length) > limit) return limit + 1
  let previous = Array.from({ length: b.length + 1 }, (_, j) => j)
  for (let i = 1; i <= a.length; i++) {
    const current = [i]
    for (let j = 1; j <= b.length; j++) {
      const substitute = (previous[j - 1] as number) + (a[i - 1] === b[j - 1] ? 0 : 1)
      current.push(Math.min(substitute, (previous[j] as number) + 1, (current[j - 1] as number) + 1))
    }
    previous = current
  }
  return previous[b.length] as number
}
