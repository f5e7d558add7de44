// The guest of a left alignment: asks each host about the ids it may ask about, keeps all its rows, and tells each host
// an order in which matches and decoys look alike.
import { POINT_BYTES } from '#crypto/psi/points.ts'
import { isRow, NO_CONSENT, NO_ROW } from '#protocols/core/aligned-rows.ts'
import { openRound } from '#protocols/core/channel.ts'
import type { PartyId, RoleProgram, TaskContext } from '#protocols/core/contract.ts'
import { type Owner, ownersAmong } from '#protocols/group/params.ts'
import { PlatformError } from '#runtime/errors.ts'
import { checkCount, type RowOrder } from './bodies.ts'
import { coverageOf, type Found, statusesOf } from './guest-coverage.ts'
import { agreeWithHosts, matchWith, refuseSmall } from './guest-exchange.ts'
import { divided, isAtOwner, jointCoverage, jointStatuses } from './guest-members.ts'
import { planRows, type RowPlan } from './guest-row-order.ts'
import { checkLeftInput, countIds, type LeftGuestInput, type LeftOutput } from './left-params.ts'
import { hashKeys, keepLeft, keptLeft, leftTerms, type LeftState } from './left-state.ts'
import { receiptOf } from './masking.ts'
import { LEFT_ALIGNMENT } from './messages.ts'
import { LEAST_INTERSECTION, POSITIONS_PER_PART } from './params.ts'
import { reportOf } from './report.ts'

export const psiLeftGuest: RoleProgram<LeftGuestInput, LeftState, LeftOutput> = {
  async setup(task, input) {
    checkLeftInput(input)
    const theirs = await agreeWithHosts(task, leftTerms(input, ''))
    const hosts = Object.fromEntries(
      [...theirs].map(([host, { coverage, idKind }]) => {
        if (coverage === '') throw new PlatformError('protocol.malformed', { peer: host, expected: 'a coverage' })
        return [host, { coverage, kinds: idKind.split('+') }]
      }),
    )
    const profiles = Object.fromEntries([...theirs].map(([host, terms]) => [host, terms.profile]))
    return { startedAt: Date.now(), profiles, hosts }
  },

  async round(task, input, state, round) {
    const hashed = await hashKeys(task, input.keys)
    const owners = ownersAmong(task.hosts, input.groups)
    const all = await Promise.all(task.hosts.map((host) => find(task, input, state, hashed, host, round)))
    const found = divided(all, owners)
    if (hasSmallSet(input) || found.some(({ idsMatched }) => idsMatched < input.minIntersection)) {
      return tellTooSmall(task, input, state, found, round)
    }

    using seed = await task.vault.seed('psi/row-order')
    const apart = owners.map(({ members }) => members)
    const plan = planRows(input.setOfRow, found, input, seed, apart)
    await Promise.all(found.map((one) => release(task, input, one, plan, round)))
    const known = owners.map((owner) => knownOf(owner, { all, found }, plan, state))
    await keepLeft(task, {
      rows: plan.rows,
      statuses: Object.fromEntries(known.map((one) => [one.name, one.statuses])),
    })
    const report = reportOf(task, facts(input), state.startedAt, {
      nIntersection: input.setOfRow.reduce(
        (n, _, row) => n + Number(owners.every((owner) => isAtOwner(found, owner, row))),
        0,
      ),
      of: input.setOfRow.length,
      points: found.reduce((sum, { match }) => sum + match.commitment.count, 0),
      positions: found.length * plan.rows.length,
      pairwise: all.map(({ host, idsMatched }) => ({ host, count: idsMatched })),
      commitments: found.map(({ host, match }) => [host, match.commitment]),
      sets: plan.sets,
      hosts: known.map(({ coverage }) => coverage),
    })
    return { state: { ...state, sets: plan.sets, report, owners: owners.map(({ name }) => name) }, finished: true }
  },

  async finish(task, _input, { report, sets, hosts, owners = Object.keys(hosts ?? {}) }) {
    if (report === undefined || sets === undefined) throw new PlatformError('job.bad-state', { expected: 'a report' })
    return { ...(await keptLeft(task, owners)), sets, report }
  },
}

function facts(input: LeftGuestInput) {
  return { profile: input.profile, idCount: countIds(input.keys), mode: 'left' } as const
}

/** What the guest knows of its rows at one host, or at a group as if it were one. */
function knownOf(
  { name, members }: Owner,
  { all, found }: { readonly all: readonly Found[]; readonly found: readonly Found[] },
  plan: RowPlan,
  state: LeftState,
) {
  const statusOf = (one: Found) => statusesOf(plan, one, state.hosts?.[one.host]?.coverage)
  const statuses = jointStatuses(all.filter(({ host }) => members.includes(host)).map(statusOf))
  const taken = found.filter(({ host }) => members.includes(host))
  const [only, ...others] = taken.map((one) => coverageOf(one, plan, statusOf(one)))
  const coverage = others.length === 0 ? only! : jointCoverage(name, [only!, ...others], statuses)
  return { name, statuses, coverage }
}

/** The exchange with one host about the ids of rows that allow it, of kinds that the host has. */
async function find(
  task: TaskContext,
  input: LeftGuestInput,
  state: LeftState,
  hashed: Uint8Array,
  host: PartyId,
  round: number,
): Promise<Found> {
  const { keys, idOfRow, consents, setOfRow } = input
  const allowed = consents[host]
  const kinds = state.hosts?.[host]?.kinds ?? []
  const columns = idOfRow.map((ids, k) => ({ ids, kind: (keys[k] as { kind: string }).kind }))
  const usable = columns.filter(({ kind }) => kinds.includes(kind))

  const isAsked = new Uint8Array(hashed.length / POINT_BYTES)
  for (const { ids } of usable) {
    for (const [row, id] of ids.entries()) if (id >= 0 && allowed?.[row] !== 0) isAsked[id] = 1
  }
  const asked = Uint32Array.from(isAsked.keys()).filter((id) => isAsked[id] === 1)
  const points = new Uint8Array(asked.length * POINT_BYTES)
  for (const [i, id] of asked.entries()) {
    points.set(hashed.subarray(id * POINT_BYTES, (id + 1) * POINT_BYTES), i * POINT_BYTES)
  }
  const match = await matchWith(task, input.bucket, points, host, round)

  const positionOfId = new Int32Array(isAsked.length).fill(-1)
  const matched = new Uint8Array(match.hostPoints)
  for (const [i, position] of match.positionOf.entries()) {
    if (position < 0) continue
    positionOfId[asked[i] as number] = position
    matched[position] = 1
  }
  const named = Uint8Array.from(setOfRow, (_, row) => Number(usable.some(({ ids }) => (ids[row] as number) >= 0)))
  const byKind: Record<string, number> = Object.fromEntries(usable.map(({ kind }) => [kind, 0]))
  const positionOfRow = Uint32Array.from(setOfRow, (_, row) => {
    if (allowed?.[row] === 0) return NO_CONSENT
    const first = usable.find(({ ids }) => (positionOfId[ids[row] as number] ?? -1) >= 0)
    if (first === undefined) return NO_ROW
    byKind[first.kind]! += 1
    return positionOfId[first.ids[row] as number] as number
  })
  const idsMatched = new Set(positionOfRow.filter(isRow)).size
  return { host, match, named, positionOfRow, matched, idsMatched, byKind }
}

/** A set of so few rows would point at persons. */
function hasSmallSet({ setOfRow }: LeftGuestInput): boolean {
  const rows = new Map<number, number>()
  for (const set of setOfRow) rows.set(set, (rows.get(set) ?? 0) + 1)
  return [...rows.values()].some((count) => count < LEAST_INTERSECTION)
}

function tellTooSmall(
  task: TaskContext,
  input: LeftGuestInput,
  state: LeftState,
  found: readonly Found[],
  round: number,
): Promise<never> {
  const own = leftTerms(input, '')
  const common = Math.min(...found.map(({ idsMatched }) => idsMatched))
  const hints = hasSmallSet(input)
    ? { hints: [`a set of rows of ${task.self} has fewer than ${LEAST_INTERSECTION}`] }
    : {}
  return refuseSmall(task, own, state, { matches: found.map(({ match }) => match), common, ...hints }, async (host) => {
    const channel = openRound(LEFT_ALIGNMENT, 'guest', 'host', task.channel(host), round)
    await channel.send('row-order', (): RowOrder => ({ tooSmall: true }), { rows: 0 })
    await channel.receive('receipt')
  })
}

async function release(
  task: TaskContext,
  { minIntersection }: LeftGuestInput,
  { host, idsMatched }: Found,
  plan: RowPlan,
  round: number,
): Promise<void> {
  const channel = openRound(LEFT_ALIGNMENT, 'guest', 'host', task.channel(host), round)
  const positions = plan.positions.get(host) as Uint32Array
  const behind = { rows: idsMatched, minimumRows: minIntersection }
  await channel.send('row-order', (): RowOrder => ({ tooSmall: false, sets: plan.sets }), behind)
  for (let part = 0; part * POSITIONS_PER_PART < positions.length; part++) {
    const from = part * POSITIONS_PER_PART
    await channel.send('row-positions', () => positions.subarray(from, from + POSITIONS_PER_PART), { ...behind, part })
  }
  const receipt = await channel.receive('receipt')
  checkCount(positions.length, receipt.count, host)
  if (Buffer.compare(receiptOf(task, host, new Uint8Array(), positions), receipt.sha256) !== 0) {
    throw new PlatformError('psi.count', { peer: host, problem: 'the host applied another list' })
  }
}
