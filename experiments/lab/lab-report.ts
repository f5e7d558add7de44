// What the guest's report says, for the lab's result: what each partner is worth, which columns were kept; and the pages.
import { join, resolve } from 'node:path'
import { buildEvaluation } from '#credit/evaluation/build.ts'
import { type Cell, type EvaluationPack, packTables, type Table } from '#credit/evaluation/pack.ts'
import { loadAverageResult } from '#party-agent/results/average-facts.ts'
import { writeAverageReport } from '#party-agent/results/average-report.ts'
import { evaluationFacts } from '#party-agent/results/evaluation-facts.ts'
import { writeReport } from '#party-agent/results/report.ts'
import { PlatformError } from '#runtime/errors.ts'
import type { LabHomes, LabMember } from './homes.ts'
import type { LabReport } from './lab-result.ts'

/**
 * @param folder where the pages go, in a folder of their own; without it nothing is written
 * @returns undefined for a job that trained no model
 * @throws PlatformError storage.full, storage.damaged, evaluation.invalid
 */
export async function leaveReport(
  homes: LabHomes,
  job: { readonly id: string; readonly guest: string },
  folder: string | undefined,
): Promise<LabReport | undefined> {
  const jobFolder = join((homes.parties[job.guest] as LabMember).home, 'jobs', job.id)
  const pages = folder === undefined ? undefined : join(resolve(folder), `${job.id}-report`)
  if ((await loadAverageResult(jobFolder)) !== undefined) {
    if (pages === undefined) return undefined
    await writeAverageReport(jobFolder, job.id, pages)
    return { value: [], folder: pages }
  }
  try {
    const pack =
      pages === undefined
        ? buildEvaluation(await evaluationFacts(jobFolder, job.id))
        : (await writeReport(jobFolder, job.id, pages)).pack
    return { ...summaryOf(pack), ...(pages === undefined ? {} : { folder: pages }) }
  } catch (thrown) {
    if (thrown instanceof PlatformError && thrown.code === 'results.none') return undefined
    throw thrown
  }
}

function summaryOf(pack: EvaluationPack): Omit<LabReport, 'folder'> {
  const tables = packTables(pack)
  const log = rowsOf(tables.get('selection_log'))
  const dropped: Record<string, number> = {}
  for (const { kept, rule } of log) if (kept !== true) dropped[String(rule)] = (dropped[String(rule)] ?? 0) + 1
  const kept = log.filter((row) => row['kept'] === true).length
  return {
    value: rowsOf(tables.get('partner_value')),
    ...(log.length === 0 ? {} : { selection: { offered: log.length, kept, dropped } }),
  }
}

function rowsOf(table: Table | undefined): readonly Readonly<Record<string, Cell>>[] {
  if (table === undefined) return []
  return table.rows.map((row) => Object.fromEntries(table.columns.map((column, i) => [column, row[i] ?? null])))
}
