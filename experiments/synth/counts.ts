// What an alignment of the files must find, counted while the rows are drawn and without reading a file: sums of
// small arrays, so that ranges can be counted anywhere and added up.
import { allows, drawConsents } from './consent.ts'
import { bankNoise, type HeldRow, heldRows } from './holders.ts'
import { type Application, drawApplication } from './loans.ts'
import type { IdFault } from './noise.ts'
import { FILE_PARTIES, type Host, PARTY_FILES } from './parties.ts'
import type { FederationPlan } from './plan.ts'
import type { SynthRecord } from './record.ts'
import { MONTHS } from './world.ts'

export const HOSTS = FILE_PARTIES.filter((party): party is Host => party !== 'bank')

/** Of the ids in one file. */
export interface IdCounts {
  rows: number
  badFormat: number
  badCheck: number
  /** rows with a valid id that an earlier row has */
  duplicates: number
  /** different valid ids */
  unique: number
}

/** Rows of the bank's file (loans) or firms behind them. */
export interface Pair {
  loans: number
  firms: number
}

export interface BankCounts extends IdCounts {
  /** by month of application */
  readonly vintages: { loans: number; bad: number; good: number; noLabel: number; trueBad: number }[]
}

export interface Counts {
  applications: number
  rejected: number
  rejectedBad: number
  readonly bank: BankCounts
  /** the bank's rows whose own code is invalid, of any partner's status */
  readonly invalid: Pair
  /** of each host: ids under the first kind and, for the registry, under the legal representative */
  readonly ids: Readonly<Record<Host, Readonly<Record<HeldRow['kind'], IdCounts>>>>
  /** by the host's status for the bank's rows with a valid code */
  readonly left: Readonly<Record<Host, { present: Pair; absent: Pair; noConsent: Pair; byRepresentative: Pair }>>
  /** by set of hosts (bit k = HOSTS[k]) that hold the firm under an id that matches; with and without consent */
  readonly matching: Pair[]
  readonly consented: Pair[]
}

const pair = (): Pair => ({ loans: 0, firms: 0 })
const idCounts = (): IdCounts => ({ rows: 0, badFormat: 0, badCheck: 0, duplicates: 0, unique: 0 })
const forHosts = <T>(make: () => T) => Object.fromEntries(HOSTS.map((host) => [host, make()])) as Record<Host, T>

export function emptyCounts(): Counts {
  return {
    applications: 0,
    rejected: 0,
    rejectedBad: 0,
    bank: {
      ...idCounts(),
      vintages: Array.from({ length: MONTHS }, () => ({ loans: 0, bad: 0, good: 0, noLabel: 0, trueBad: 0 })),
    },
    invalid: pair(),
    ids: forHosts(() => ({ uscc: idCounts(), 'id-card': idCounts() })),
    left: forHosts(() => ({ present: pair(), absent: pair(), noConsent: pair(), byRepresentative: pair() })),
    matching: Array.from({ length: 2 ** HOSTS.length }, pair),
    consented: Array.from({ length: 2 ** HOSTS.length }, pair),
  }
}

/** Counts one firm. @param record with the bank's and the registry's columns */
export function countFirm(counts: Counts, plan: FederationPlan, record: SynthRecord): void {
  const { applicant: a } = record
  const { seed } = plan.world
  let matching = 0
  let byRepresentative = false
  for (const [k, host] of HOSTS.entries()) {
    const { table, park } = PARTY_FILES[host]
    if (park > 0 && record.values['park'] !== park) continue
    const rows = heldRows(seed, table, record, plan.noise)
    for (const row of rows) countIds(counts.ids[host][row.kind], row.noise.fault, row.noise.duplicate !== 'none')
    if (!rows.some(matches)) continue
    matching |= 1 << k
    if (table === 'property') byRepresentative = rows.find(matches)?.kind === 'id-card'
  }
  if (a.row >= plan.applications) return
  countApplication(counts, plan, record, matching, byRepresentative)
}

/** An id that normalises to the firm's own; a renamed region gives a valid id of nobody. */
function matches({ noise }: HeldRow): boolean {
  return noise.fault === 'none' || noise.fault === 'spelling'
}

function countIds(counts: IdCounts, fault: IdFault, twice: boolean): void {
  const rows = twice ? 2 : 1
  counts.rows += rows
  if (fault === 'registration-number') counts.badFormat += rows
  else if (fault === 'check-digit') counts.badCheck += rows
  else {
    counts.unique += 1
    counts.duplicates += rows - 1
  }
}

function countApplication(
  counts: Counts,
  plan: FederationPlan,
  record: SynthRecord,
  matching: number,
  byRepresentative: boolean,
): void {
  const { applicant: a } = record
  const application = drawApplication(plan.world, a, record.values, plan.labelNoise)
  const { loans } = application
  counts.applications += 1
  if (loans.length === 0) {
    counts.rejected += 1
    counts.rejectedBad += a.bad
    return
  }
  countLabels(counts, a.month, application)
  counts.bank.rows += loans.length
  if (bankNoise(plan.world.seed, a, plan.noise).fault === 'check-digit') {
    counts.bank.badCheck += loans.length
    add(counts.invalid, loans.length)
    return
  }
  counts.bank.unique += 1
  counts.bank.duplicates += loans.length - 1
  const consents = drawConsents(plan.world.seed, a, application.appliedOn)
  let consented = 0
  for (const [k, host] of HOSTS.entries()) {
    const status = counts.left[host]
    const held = (matching & (1 << k)) !== 0
    const allowed = allows(consents, PARTY_FILES[host].scope ?? 'BUREAU', application.appliedOn)
    add(allowed ? (held ? status.present : status.absent) : status.noConsent, loans.length)
    if (allowed && held) {
      consented |= 1 << k
      if (host === 'property' && byRepresentative) add(status.byRepresentative, loans.length)
    }
  }
  add(counts.matching[matching]!, loans.length)
  add(counts.consented[consented]!, loans.length)
}

function countLabels(counts: Counts, month: number, { loans }: Application): void {
  const vintage = counts.bank.vintages[month]!
  for (const { label, outcome } of loans) {
    vintage.loans += 1
    if (label === '1') vintage.bad += 1
    else if (label === '0') vintage.good += 1
    else vintage.noLabel += 1
    if (outcome === 'bad') vintage.trueBad += 1
  }
}

function add(to: Pair, loans: number): void {
  to.loans += loans
  to.firms += 1
}

/** Adds the leaves of `part` to those of `sum`. */
export function addCounts(sum: Counts, part: Counts): void {
  addLeaves(sum as unknown as Tree, part as unknown as Tree)
}

type Tree = { [key: string]: number | Tree }

function addLeaves(sum: Tree, part: Tree): void {
  for (const [key, value] of Object.entries(part)) {
    const known = sum[key]
    if (typeof value === 'number') sum[key] = ((known as number | undefined) ?? 0) + value
    else addLeaves(known as Tree, value)
  }
}

/** Rows of the bank that every one of these hosts holds. @param cells `matching` or `consented` */
export function heldByAll(cells: readonly Pair[], hosts: readonly Host[]): Pair {
  const bits = hosts.reduce((mask, host) => mask | (1 << HOSTS.indexOf(host)), 0)
  return sumOf(cells.filter((_, mask) => (mask & bits) === bits))
}

export function sumOf(pairs: readonly Pair[]): Pair {
  return pairs.reduce((sum, { loans, firms }) => ({ loans: sum.loans + loans, firms: sum.firms + firms }), pair())
}
