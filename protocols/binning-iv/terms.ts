// The terms that guest and host must see alike before anything else is said.
import type { Terms } from '#protocols/core/agreement.ts'
import type { TaskContext } from '#protocols/core/contract.ts'
import { BINNING_VERSION, type BinningParams, type BinningRows } from './params.ts'

export function termsOf(task: TaskContext, { params, sets }: BinningRows & { readonly params: BinningParams }): Terms {
  const { merges, groups = [], ...plain } = params
  return {
    protocol: `binning-iv/${BINNING_VERSION}`,
    job: task.jobId,
    sets: sets.map(({ name, rows }) => `${name}:${rows}`).join(','),
    ...Object.fromEntries(Object.entries(plain).map(([name, value]) => [name, String(value)])),
    ...Object.fromEntries(groups.map(({ name, members }) => [`group ${name}`, members.join()])),
    ...Object.fromEntries(Object.entries(merges).map(([alias, groups]) => [`merge ${alias}`, JSON.stringify(groups)])),
  }
}
