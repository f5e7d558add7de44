// What both sides of a left alignment keep: the checkpoint, and the rows and statuses in the vault.
import type { AlignedSet } from '#protocols/core/aligned-rows.ts'
import type { PartyId, TaskContext } from '#protocols/core/contract.ts'
import { PlatformError } from '#runtime/errors.ts'
import type { PsiTerms } from './bodies.ts'
import { type KeyedIds, kindsOf, type LeftGuestInput, type LeftHostInput, type LeftOutput } from './left-params.ts'
import { hashOwnIds, ownTerms, type PsiState } from './masking.ts'
import type { Coverage } from './params.ts'

/** The checkpoint: JSON, nothing secret. */
export interface LeftState extends PsiState {
  readonly sets?: readonly AlignedSet[]
  /** at the guest */
  readonly hosts?: Readonly<Record<PartyId, { readonly coverage: Coverage; readonly kinds: readonly string[] }>>
  /** at the guest: names of hosts, and of groups of hosts, as it counts them */
  readonly owners?: readonly string[]
}

export function leftTerms(input: LeftGuestInput | LeftHostInput, coverage: PsiTerms['coverage']): PsiTerms {
  const decoysPermille = Math.round(1000 * input.decoys)
  return ownTerms({ ...input, idKind: kindsOf(input.keys) }, { mode: 'left', coverage, decoysPermille })
}

/** The ids of all kinds as points. The kind is part of what is hashed: equal texts of two kinds never match. */
export async function hashKeys(task: TaskContext, keys: readonly KeyedIds[]): Promise<Uint8Array> {
  const points: Uint8Array[] = []
  for (const { kind, ids } of keys) points.push(await hashOwnIds(task, kind, ids))
  return new Uint8Array(Buffer.concat(points))
}

type Kept = Pick<LeftOutput, 'rows' | 'statuses'>

/** Sealed in the vault, as who is a customer is nobody's but the parties'. */
export async function keepLeft(task: TaskContext, { rows, statuses = {} }: Kept): Promise<void> {
  await task.vault.once('psi/left-rows', async () => {
    const bytes = new Uint8Array(rows.buffer, rows.byteOffset, rows.byteLength)
    return new Uint8Array(Buffer.concat([bytes, ...Object.values(statuses)]))
  })
}

/** @param hosts at the guest, hosts and groups in the order in which `statuses` was kept */
export async function keptLeft(task: TaskContext, hosts: readonly PartyId[]): Promise<Kept> {
  const kept = await task.vault.once('psi/left-rows', async () => {
    throw new PlatformError('job.bad-state', { expected: 'an alignment that finished its round' })
  })
  const bytes = Uint8Array.from(kept)
  const length = bytes.length / (4 + hosts.length)
  const rows = new Uint32Array(bytes.slice(0, 4 * length).buffer)
  if (hosts.length === 0) return { rows }
  const statuses = hosts.map((host, k) => [host, bytes.slice((4 + k) * length, (5 + k) * length)] as const)
  return { rows, statuses: Object.fromEntries(statuses) }
}
