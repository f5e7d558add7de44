// The evaluation of columns without a model: of a job that scans what partners could add, or that has not trained yet.
import { join } from 'node:path'
import { featureTables } from '#credit/evaluation/build.ts'
import type { EvaluationPack } from '#credit/evaluation/pack.ts'
import { ownersOf } from '#protocols/core/job-groups.ts'
import { parseJobSpec } from '#protocols/core/job-spec.ts'
import { PlatformError } from '#runtime/errors.ts'
import { readIfPresent } from '#runtime/files.ts'
import { softwareVersion } from '#runtime/version.ts'
import { namedOwner, profileTable, withVerdict } from './evaluation-facts.ts'
import type { JobEvent } from './local-job.ts'
import { withProfiles } from './selection.ts'
import { loadResultFile, readJsonLines } from './stored.ts'

/** @throws PlatformError results.none where no column was counted here, storage.damaged */
export async function scanPack(jobDir: string, job: string): Promise<EvaluationPack> {
  const bytes = await readIfPresent(join(jobDir, 'spec.json'))
  const [binning, selection, profiles] = await Promise.all([
    loadResultFile(jobDir, 'binning'),
    loadResultFile(jobDir, 'selection'),
    loadResultFile(jobDir, 'profiles'),
  ])
  if (bytes === undefined || (binning ?? profiles) === undefined) throw new PlatformError('results.none', { job })
  const spec = parseJobSpec(bytes)
  const features = withProfiles(binning?.features ?? [], profiles).map((feature) => withVerdict(feature, selection))
  const sets = [...new Set(features.flatMap(({ bins }) => bins.flatMap(({ counts }) => Object.keys(counts))))]
  const rows = { sets: sets.map((name) => ({ name, rows: 0 })) }
  const events = await readJsonLines<JobEvent>(join(jobDir, 'events.jsonl'))
  const { party } = spec.guest
  return {
    format: 'tributary/evaluation/1',
    run: {
      title: { zh: spec.name, en: spec.name },
      jobId: job,
      guest: party,
      parties: [{ party, name: { zh: party, en: party } }, ...ownersOf(spec).map(namedOwner)],
      createdAt: events.at(-1)?.time ?? new Date(0).toISOString(),
      algorithm: '',
      software: softwareVersion(),
    },
    scoreUnit: 'log-odds',
    scaling: null,
    tables: [
      ...featureTables({ rows, features }, null),
      ...(selection?.tables ?? []),
      ...(profiles === undefined ? [] : [profileTable(profiles)]),
    ].filter((table) => table.rows.length > 0),
    series: [],
  }
}
