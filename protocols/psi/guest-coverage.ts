// What the guest of a left alignment knows of its rows at one host.
import { NO_CONSENT, NO_ROW, STATUS } from '#protocols/core/aligned-rows.ts'
import type { Match } from './guest-exchange.ts'
import type { HostRows, RowPlan } from './guest-row-order.ts'
import type { Coverage } from './params.ts'
import type { HostCoverage } from './report.ts'

/** One host: which ids it was asked about, and what stands behind each row. */
export interface Found extends HostRows {
  readonly match: Match
  /** row by row: 1 where the row has an id of a kind that the host has */
  readonly named: Uint8Array
  readonly idsMatched: number
  readonly byKind: Readonly<Record<string, number>>
}

/** What the guest knows of each row of the common order at this host. */
export function statusesOf(
  { rows }: RowPlan,
  { named, positionOfRow }: Found,
  coverage: Coverage | undefined,
): Uint8Array {
  // Even a host that answers for everybody has said nothing about a row without an id.
  const missing = coverage === 'complete' ? STATUS.absent : STATUS.notCovered
  return Uint8Array.from(rows, (row) => {
    if (row === NO_ROW) return STATUS.decoy
    const position = positionOfRow[row] as number
    if (position === NO_CONSENT) return STATUS.noConsent
    if (position !== NO_ROW) return STATUS.present
    return named[row] === 1 ? missing : STATUS.notCovered
  })
}

/** The counts of one host for the report. */
export function coverageOf(found: Found, plan: RowPlan, statuses: Uint8Array): HostCoverage {
  const { host, match, idsMatched, byKind } = found
  const rows = (status: number) => statuses.reduce((n, one) => n + Number(one === status), 0)
  const decoys = plan.decoys.get(host)
  return {
    host,
    present: rows(STATUS.present),
    absent: rows(STATUS.absent),
    notCovered: rows(STATUS.notCovered),
    noConsent: rows(STATUS.noConsent),
    idsAsked: match.positionOf.length,
    idsMatched,
    decoys: decoys?.count ?? 0,
    decoysShort: decoys?.short ?? false,
    byKind,
  }
}
