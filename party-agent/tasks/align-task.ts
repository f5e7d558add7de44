// The task `align`: private set intersection on the ids of this party's data set, and the rows that it leaves.
import { psiGuest } from '#protocols/psi/guest.ts'
import { psiHost } from '#protocols/psi/host.ts'
import type { PsiInput, PsiOutput } from '#protocols/psi/params.ts'
import type { Dataset } from '../data/dataset.ts'
import { splitRows, storeAlignment } from './alignment.ts'
import type { BoundJob, TaskBinding } from './binding.ts'

/** Points of a set are padded to a multiple of this, so that its exact size stays at home. */
const BUCKET = 4096

export async function bindAlignment(job: BoundJob, dataset: Dataset): Promise<TaskBinding> {
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
    async onOutput(output) {
      const { order, rowKey, report } = output as PsiOutput
      const commonRows = Uint32Array.from(order, (index) => rows[index] as number)
      const commonIds = Array.from(order, (index) => ids[index] as string)
      const cut = splitRows(spec.split, commonRows, commonIds, rowKey)
      await storeAlignment(job.jobDir, { ...cut, fingerprint: dataset.fingerprint, report })
    },
  }
}
