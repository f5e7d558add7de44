// Early stopping on the loss of rows that are not trained on.

/** How many trees to keep: up to the first with the least loss. @param losses after each tree */
export function bestTrees(losses: readonly number[]): number {
  let best = 0
  for (let i = 1; i < losses.length; i++) if (losses[i]! < losses[best]!) best = i
  return Math.min(losses.length, best + 1)
}

/** Whether the last `rounds` trees brought no new least loss. */
export function hasStalled(losses: readonly number[], rounds: number): boolean {
  return losses.length - bestTrees(losses) >= rounds
}
