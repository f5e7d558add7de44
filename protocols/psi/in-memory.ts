// Test support: an alignment of made ids with all its parties in this process.
import { shapeOf } from '#protocols/core/ids.ts'
import { type MemoryNetwork, runInMemory } from '#protocols/core/memory.ts'
import { psiGuest } from './guest.ts'
import { psiHost } from './host.ts'
import type { PsiInput, PsiOutput } from './params.ts'

/** The input of a party with these ids. Small bucket, least minimum. */
export function inputOf(ids: readonly string[], changes: Partial<PsiInput> = {}): PsiInput {
  const shapes = new Map<string, number>()
  for (const id of ids) shapes.set(shapeOf(id), (shapes.get(shapeOf(id)) ?? 0) + 1)
  const shape = [...shapes].filter(([, count]) => count >= 20).map(([pattern, count]) => ({ pattern, count }))
  const counts = { total: ids.length, valid: ids.length, empty: 0, badFormat: 0, badCheck: 0, duplicates: 0 }
  return { ids, idKind: 'plain', profile: { ...counts, shape }, minIntersection: 50, bucket: 64, ...changes }
}

export const HOSTS = ['tax', 'social', 'park', 'property'] as const

/** Runs guest `bank` and one host for each further input. @returns the outputs, guest first */
export async function align(
  inputs: readonly PsiInput[],
  network?: MemoryNetwork,
  overrides: Parameters<typeof runInMemory>[2] = {},
): Promise<PsiOutput[]> {
  const parties = inputs.map((input, i) =>
    i === 0
      ? { id: 'bank', program: psiGuest as never, input }
      : { id: HOSTS[i - 1] as string, program: psiHost as never, input },
  )
  const outputs = await runInMemory(parties, network, overrides)
  return parties.map((party) => outputs.get(party.id) as PsiOutput)
}

/** `prefix-from` … `prefix-(to−1)` */
export function idsFrom(prefix: string, from: number, to: number): string[] {
  return Array.from({ length: to - from }, (_, i) => `${prefix}-${from + i}`)
}
