// The terms that all parties must see alike before anything else is said.
import { createHash } from 'node:crypto'
import type { Terms } from '#protocols/core/agreement.ts'
import { AVERAGE_VERSION, type FedAvgInput, type StatisticsInput, type SumCounts } from './params.ts'

/** @param model digest of the first weights, hex */
export function averageTerms({ params, columns, scales, sumsBefore }: FedAvgInput, model: string): Terms {
  return {
    protocol: `fedavg/${AVERAGE_VERSION}`,
    columns: namesOf(columns),
    scales: shortDigest(scales ?? null),
    before: countsText(sumsBefore),
    weights: model,
    ...Object.fromEntries(Object.entries(params).map(([name, value]) => [name, textOf(value)])),
  }
}

export function statisticsTerms({ params, columns, sumsBefore }: StatisticsInput): Terms {
  return {
    protocol: `fedavg/${AVERAGE_VERSION}`,
    columns: namesOf(columns),
    before: countsText(sumsBefore),
    ...Object.fromEntries(Object.entries(params).map(([name, value]) => [name, textOf(value)])),
  }
}

const LONGEST = 2000

/** Long lists, and models as JSON, by their digest. */
function textOf(value: unknown): string {
  const text = JSON.stringify(value) ?? 'absent'
  return text.length <= LONGEST ? text : shortDigest(value)
}

function countsText(counts: SumCounts): string {
  const names = Object.keys(counts).sort()
  return names.map((party) => `${party}:${counts[party]}`).join(',')
}

function namesOf(columns: readonly string[]): string {
  return `${columns.length}: ${textOf(columns)}`
}

function shortDigest(value: unknown): string {
  return createHash('sha256').update(JSON.stringify(value)).digest('hex')
}
