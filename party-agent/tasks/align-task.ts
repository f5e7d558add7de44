// The task `align`: private set intersection on the ids of this party's data set, and the rows that it leaves.
import { rangeOf, STATUS } from '#protocols/core/aligned-rows.ts'
import { psiGuest } from '#protocols/psi/guest.ts'
import { psiHost } from '#protocols/psi/host.ts'
import { AGREEMENT, ALIGNMENT } from '#protocols/psi/messages.ts'
import type { PsiInput, PsiOutput } from '#protocols/psi/params.ts'
import type { Dataset } from '../data/dataset.ts'
import type { Cell, DifferencingGuard } from '../ledger/guard.ts'
import { rowSet } from '../ledger/row-set.ts'
import { type Alignment, splitRows, storeAlignment } from './alignment.ts'
import type { BoundJob, TaskBinding } from './binding.ts'

/** Points of a set are padded to a multiple of this, so that its exact size stays at home. */
const BUCKET = 4096

export async function bindAlignment(job: BoundJob, dataset: Dataset, guard: DifferencingGuard): Promise<TaskBinding> {
  const { ids, rows, profile } = await dataset.usableIds()
  const { spec, self } = job
  const input: PsiInput = {
    ids,
    idKind: dataset.config.ids.kind,
    profile,
    minIntersection: spec.align.minIntersection,
    bucket: BUCKET,
  }
  return {
    program: (self === spec.guest.party ? psiGuest : psiHost) as never,
    input,
    schedule: [...AGREEMENT, ...ALIGNMENT],
    async onOutput(output) {
      const { order, rowKey, report } = output as PsiOutput
      const commonRows = Uint32Array.from(order, (index) => rows[index] as number)
      const commonIds = Array.from(order, (index) => ids[index] as string)
      const cut = splitRows(spec.split, commonRows, commonIds, rowKey)
      await guard.release({
        dataset: dataset.name,
        fingerprint: dataset.fingerprint,
        job: job.jobId,
        cells: cellsOf(cut, profile.total),
      })
      const known = self === spec.guest.party ? allPresent(cut.rows.length, spec.hosts) : {}
      const { fingerprint } = dataset
      await storeAlignment(job.jobDir, { mode: 'inner', ...cut, ...known, fingerprint, report })
    },
  }
}

/** In the intersection every row counts and every host has it. */
function allPresent(
  rows: number,
  hosts: readonly { readonly party: string }[],
): Required<Pick<Alignment, 'weights' | 'statuses'>> {
  return {
    weights: new Uint8Array(rows).fill(1),
    statuses: Object.fromEntries(hosts.map(({ party }) => [party, new Uint8Array(rows).fill(STATUS.present)])),
  }
}

/** The sets of rows that stand behind the results of a job. @param total rows of the data set version */
function cellsOf(cut: Pick<Alignment, 'rows' | 'sets'>, total: number): Cell[] {
  const cell = (what: string, { from, to }: { from: number; to: number }) => ({
    what,
    rows: rowSet(total, cut.rows.subarray(from, to)),
  })
  return [
    cell('intersection', { from: 0, to: cut.rows.length }),
    cell('training', rangeOf(cut, 'train')),
    cell('hold-out', rangeOf(cut, 'holdout')),
  ]
}
