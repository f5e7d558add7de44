// Curves with places of their own over one common axis.
interface Point {
  readonly x: number
  readonly y: number
}

/** The height of a curve at a place between two of its points; null outside. @param points in ascending order of x */
export function valueAt(points: readonly Point[], x: number): number | null {
  const after = points.findIndex((point) => point.x >= x)
  const [before, next] = [points[after - 1], points[after]]
  if (next === undefined) return null
  // a step upward has two points at one place: the upper one is the curve's
  if (next.x === x) return points.findLast((point) => point.x === x)?.y ?? next.y
  return before === undefined ? null : before.y + ((x - before.x) / (next.x - before.x)) * (next.y - before.y)
}
