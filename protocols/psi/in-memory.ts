// Test support: an alignment of made ids with all its parties in this process.
import { type IdKind, shapeOf } from '#protocols/core/ids.ts'
import { type MemoryNetwork, runInMemory } from '#protocols/core/memory.ts'
import { psiGuest } from './guest.ts'
import { psiLeftGuest } from './guest-left.ts'
import { psiHost } from './host.ts'
import { psiLeftHost } from './host-left.ts'
import type { LeftGuestInput, LeftHostInput, LeftOutput } from './left-params.ts'
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

/** A guest's sample in left mode: one entry a row. */
export interface SampleRow {
  readonly ids: readonly (string | undefined)[]
  /** place in SET_NAMES, by default 0 */
  readonly set?: number
  /** hosts that may not be asked about it */
  readonly refused?: readonly string[]
}

/** @param kinds one for each id of a row */
export function guestInput(
  sample: readonly SampleRow[],
  kinds: readonly IdKind[] = ['plain'],
  changes: Partial<LeftGuestInput> = {},
): LeftGuestInput {
  const lists = kinds.map((_, k) => [...new Set(sample.flatMap((row) => row.ids[k] ?? []))])
  const before = (k: number) => lists.slice(0, k).reduce((sum, ids) => sum + ids.length, 0)
  const places = lists.map((ids, k) => new Map(ids.map((id, i) => [id, before(k) + i])))
  const hosts = [...new Set(sample.flatMap((row) => row.refused ?? []))]
  return {
    keys: kinds.map((kind, k) => ({ kind, ids: lists[k] as string[] })),
    profile: inputOf(sample.map((row) => row.ids[0] ?? '')).profile,
    minIntersection: 50,
    bucket: 64,
    decoys: 1,
    idOfRow: places.map((place, k) => Int32Array.from(sample, (row) => place.get(row.ids[k] ?? '') ?? -1)),
    consents: Object.fromEntries(
      hosts.map((host) => [host, Uint8Array.from(sample, (row) => (row.refused?.includes(host) ? 0 : 1))]),
    ),
    setOfRow: Uint8Array.from(sample, (row) => row.set ?? 0),
    ...changes,
  }
}

export function hostInput(ids: readonly string[], changes: Partial<LeftHostInput> = {}): LeftHostInput {
  const { profile, minIntersection, bucket } = inputOf(ids)
  const keys = [{ kind: 'plain' as const, ids }]
  return { keys, profile, minIntersection, bucket, decoys: 1, coverage: 'partial', ...changes }
}

/** Runs a left alignment of guest `bank`. @returns the outputs, guest first */
export async function alignLeft(
  guest: LeftGuestInput,
  hosts: readonly LeftHostInput[],
  network?: MemoryNetwork,
  overrides: Parameters<typeof runInMemory>[2] = {},
): Promise<LeftOutput[]> {
  const parties = [
    { id: 'bank', program: psiLeftGuest as never, input: guest as unknown },
    ...hosts.map((input, i) => ({ id: HOSTS[i] as string, program: psiLeftHost as never, input: input as unknown })),
  ]
  const outputs = await runInMemory(parties, network, overrides)
  return parties.map((party) => outputs.get(party.id) as LeftOutput)
}
