// The task `align`: private set intersection on the ids of this party's data set, and the rows that it leaves.
import { isRow, rangeOf, SET_NAMES, STATUS } from '#protocols/core/aligned-rows.ts'
import { alignOf } from '#protocols/core/job-spec.ts'
import { psiGuest } from '#protocols/psi/guest.ts'
import { psiHost } from '#protocols/psi/host.ts'
import { AGREEMENT, ALIGNMENT } from '#protocols/psi/messages.ts'
import { DEFAULT_BUCKET, type PsiInput, type PsiOutput } from '#protocols/psi/params.ts'
import type { Consents } from '../data/consent.ts'
import type { Dataset } from '../data/dataset.ts'
import type { UsableIds } from '../data/usable-ids.ts'
import type { Cell, DifferencingGuard } from '../ledger/guard.ts'
import { rowSet } from '../ledger/row-set.ts'
import { allLabels, type Keep, observedDays, openConsents, policyOf, weightsOf } from './align-inputs.ts'
import { type Alignment, splitRows, storeAlignment } from './alignment.ts'
import type { BoundJob, TaskBinding } from './binding.ts'
import { bindLeftAlignment } from './left-align-task.ts'

/** @param bucket points of a set are padded to a multiple of this, so that its exact size stays at home */
export async function bindAlignment(
  job: BoundJob,
  dataset: Dataset,
  guard: DifferencingGuard,
  bucket: number = DEFAULT_BUCKET,
): Promise<TaskBinding> {
  const bind = alignOf(job.spec).mode === 'left' ? bindLeftAlignment : bindInnerAlignment
  return await bind(job, dataset, keeper(job, dataset, guard), bucket)
}

function keeper({ jobId, jobDir }: BoundJob, { name, fingerprint }: Dataset, guard: DifferencingGuard): Keep {
  return async (alignment, total) => {
    const cells = cellsOf(alignment, total)
    await guard.release({ dataset: name, fingerprint, job: jobId, cells })
    await storeAlignment(jobDir, { ...alignment, fingerprint })
  }
}

async function bindInnerAlignment(job: BoundJob, dataset: Dataset, keep: Keep, bucket: number): Promise<TaskBinding> {
  const { spec, self } = job
  const isGuest = self === spec.guest.party
  const consents = isGuest ? await openConsents(job, dataset) : undefined
  const usable = await dataset.usableIds()
  const { ids, rows, profile } = consents === undefined ? usable : await allowedIds(job, dataset, usable, consents)
  const labels =
    isGuest && dataset.config.label?.indeterminate !== undefined ? await allLabels(dataset, profile.total) : undefined
  const input: PsiInput = {
    ids,
    idKind: dataset.config.ids.kind,
    profile,
    minIntersection: alignOf(spec).minIntersection,
    bucket,
  }
  return {
    program: (isGuest ? psiGuest : psiHost) as never,
    input,
    schedule: [...AGREEMENT, ...ALIGNMENT],
    async onOutput(output) {
      const { order, rowKey, report } = output as PsiOutput
      const commonRows = Uint32Array.from(order, (index) => rows[index] as number)
      const commonIds = Array.from(order, (index) => ids[index] as string)
      const cut = splitRows(spec.split, commonRows, commonIds, rowKey)
      const weights = weightsOf(cut.rows, labels)
      const present = () => new Uint8Array(cut.rows.length).fill(STATUS.present)
      const known = isGuest
        ? { weights, statuses: Object.fromEntries(spec.hosts.map((h) => [h.party, present()])) }
        : {}
      const said = { ...report, ...policyOf(consents) }
      await keep({ mode: 'inner', ...cut, ...known, report: said }, profile.total)
    },
  }
}

/** All hosts of an inner alignment get the same ids: those with a consent for every one of them. */
async function allowedIds(
  { spec }: BoundJob,
  dataset: Dataset,
  { ids, rows, profile }: UsableIds,
  consents: Consents,
): Promise<UsableIds> {
  const days = await observedDays(dataset)
  const allowed = ids.map((id, i) =>
    spec.hosts.every(({ party }) => consents.allows(id, party, days[rows[i] as number])),
  )
  return { ids: ids.filter((_, i) => allowed[i]), rows: rows.filter((_, i) => allowed[i] === true), profile }
}

const CELL_NAMES = { train: 'training', holdout: 'hold-out', oot: 'out of time', recent: 'recent' } as const

/**
 * The sets of source rows that stand behind the results of a job: in left mode, at a host, with the decoys, as its
 * results are over both.
 * @param total rows of the data set version
 */
function cellsOf(cut: Pick<Alignment, 'mode' | 'rows' | 'sets'>, total: number): Cell[] {
  const cell = (what: string, { from, to }: { from: number; to: number }) => ({
    what,
    rows: rowSet(total, cut.rows.subarray(from, to).filter(isRow)),
  })
  const all = { what: cut.mode === 'inner' ? 'intersection' : 'aligned', from: 0, to: cut.rows.length }
  const names = SET_NAMES.filter(
    (name) => name === 'train' || name === 'holdout' || cut.sets.some((set) => set.name === name),
  )
  return [cell(all.what, all), ...names.map((name) => cell(CELL_NAMES[name], rangeOf(cut, name)))]
}
