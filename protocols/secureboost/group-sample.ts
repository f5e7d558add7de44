// Test support: the sample with its last host cut up into a group, and the same training in the clear over the pooled rows.
import { NO_ROW } from '#protocols/core/aligned-rows.ts'
import type { HePool } from '#crypto/he/pool.ts'
import { expandBytes } from '#crypto/prg.ts'
import type { TaskVault } from '#protocols/core/contract.ts'
import { type MemoryNetwork, type MemoryParty, memoryVault, runInMemory } from '#protocols/core/memory.ts'
import { PARKS, summingInputs, type SummingOutput, summingParties } from '#protocols/group/sample.ts'
import { Secret } from '#runtime/secret.ts'
import { openGuest } from './guest.ts'
import { agreeOnCells, columnsOfMember } from './host-group.ts'
import { openHost } from './host.ts'
import type { GuestOutput, HostInput, HostOutput } from './params.ts'
import { columnsByOwner, type Owners } from './reference.ts'
import { HOSTS, makeSample, type Sample, type SampleOptions, seedOf } from './sample.ts'

export interface GroupSample {
  /** with all rows of the group at one host, the last */
  readonly pooled: Sample
  readonly guest: Sample['guest']
  /** hosts of their own, then the members */
  readonly hosts: readonly HostInput[]
  readonly names: readonly string[]
}

/**
 * Each row of the pooled host at one of the members; columns of later members in another order.
 * @param share of its rows the first member keeps one in so many, the second has the others
 */
export function makeGroupSample(options: SampleOptions, members = 3, share = 1): GroupSample {
  const pooled = makeSample({ widths: [2, 2, 3], ...options })
  const own = pooled.hosts.slice(0, -1)
  const shared = pooled.hosts.at(-1)!
  const parks = PARKS.slice(0, members)
  const params = { ...pooled.guest.params, groups: [{ name: 'parks', members: parks }] }
  const rows = pooled.guest.labels.length
  const holder = expandBytes(new Uint8Array(32), 'holder', rows)
  const holderOf = (byte: number) => (byte % members === 0 && byte % share > 0 ? 1 : byte % members)
  const parts = parks.map((_, m): HostInput => {
    const has = (row: number) => holderOf(holder[row]!) === m
    const source = Uint32Array.from({ length: rows }, (__, row) => (has(row) ? (shared.rows?.[row] ?? row) : NO_ROW))
    const columns = shared.columns.map(({ values, ...column }) => ({
      ...column,
      values: values.map((value, row) => (has(row) ? value : Number.NaN)),
    }))
    return { ...shared, params, rows: source, columns: m === 0 ? columns : columns.toReversed() }
  })
  return {
    pooled,
    guest: { ...pooled.guest, params },
    hosts: [...own.map((host) => ({ ...host, params })), ...parts],
    names: [...HOSTS.slice(0, own.length), ...parks],
  }
}

/** Runs share seeds of parties and of the group, so that they can be compared. */
function fixedVault(owner: number): TaskVault {
  const vault = memoryVault()
  return {
    seed: async () => seedOf(owner),
    once: async (label, make) => (label === 'group/seed' ? new Uint8Array(32).fill(owner) : vault.once(label, make)),
  }
}

/** @param poolOf of a party; the same for all by default */
export function groupParties(
  pool: HePool,
  { guest, hosts, names }: GroupSample,
  poolOf: (name: string) => HePool = () => pool,
): MemoryParty[] {
  return [
    { id: 'bank', program: openGuest(pool) as never, input: guest, vault: fixedVault(0) },
    ...hosts.map((input, h) => {
      return { id: names[h]!, program: openHost(poolOf(names[h]!)) as never, input, vault: fixedVault(h + 1) }
    }),
  ]
}

export async function boostGroup(
  pool: HePool,
  sample: GroupSample,
  network?: MemoryNetwork,
): Promise<{ readonly guest: GuestOutput; readonly hosts: readonly HostOutput[] }> {
  const outputs = await runInMemory(groupParties(pool, sample), network)
  return {
    guest: outputs.get('bank') as GuestOutput,
    hosts: sample.names.map((name) => outputs.get(name) as HostOutput),
  }
}

/** Columns and seeds of the same owners in the clear: cells as one host with all rows would agree on them with itself. */
export async function pooledOwners({ pooled, names }: GroupSample): Promise<Owners> {
  const shared = pooled.hosts.at(-1)!
  const alone = { count: async (_round: number, _label: string, values: ArrayLike<number>) => Array.from(values) }
  const agreed = await agreeOnCells(alone, shared)
  const columns = [...columnsByOwner(pooled).slice(0, -1), columnsOfMember(shared, agreed)]
  const seed = await groupSeed(pooled.hosts.length, names.length - pooled.hosts.length + 1)
  return { columns, seedOf: (owner) => (owner === pooled.hosts.length ? seed : seedOf(owner)) }
}

/** What the members' parts make: asked of a task in which they do nothing else. */
async function groupSeed(firstOwner: number, members: number): Promise<Secret> {
  const inputs = summingInputs(Array.from({ length: members }, () => [[0n]]))
  const parties = summingParties(inputs).map((party, i) => ({ ...party, vault: fixedVault(firstOwner - 1 + i) }))
  const outputs = await runInMemory(parties)
  const { seed } = outputs.get(PARKS[0]) as SummingOutput
  return new Secret('group seed', new Uint8Array(Buffer.from(seed, 'hex')))
}
