// The task `select`: which columns go into the model. What the bins say decides first; for the columns that are left, the
// parties work out correlations, and the guest applies the rules and tells every host which of its columns stay.
import type { HePool } from '#crypto/he/pool.ts'
import type { FeatureFacts } from '#credit/evaluation/pack.ts'
import { rangeOf } from '#protocols/core/aligned-rows.ts'
import { type MomentsGuestInput, openMomentsGuest } from '#protocols/vertical-lr/guest-moments.ts'
import { openMomentsHost } from '#protocols/vertical-lr/host-moments.ts'
import type { MomentsOutput } from '#protocols/vertical-lr/moments.ts'
import { CHOICE, INFORMATION, SETUP } from '#protocols/vertical-lr/messages.ts'
import { lrParams, MAX_INFORMATION_COLUMNS, WOE_BITS } from '#protocols/vertical-lr/params.ts'
import type { LrInput } from '#protocols/vertical-lr/training.ts'
import { PlatformError } from '#runtime/errors.ts'
import { assertFingerprint, type Dataset } from '../data/dataset.ts'
import { chooseByMoments, screenByBins, withProfiles } from '../results/selection.ts'
import { loadResultFile, storeResultFile } from '../results/stored.ts'
import { loadAlignment } from './alignment.ts'
import type { BoundJob, TaskBinding } from './binding.ts'
import { labelsAndWeights } from './guest-rows.ts'
import { loadBins, storeChoice, woeColumns } from './woe-bins.ts'

const SCHEDULE = [...SETUP, ...INFORMATION, ...CHOICE]

export async function bindSelection(job: BoundJob, dataset: Dataset, pool: HePool): Promise<TaskBinding> {
  const alignment = await loadAlignment(job.jobDir)
  assertFingerprint(dataset, alignment.fingerprint)
  const owned = await loadBins(job.jobDir, { chosen: false })
  const names = owned.map(({ name }) => name)
  const trainRows = rangeOf(alignment, 'train').to
  const input: LrInput = {
    params: { ...lrParams(job.spec), columns: 'woe', standardErrors: true },
    names,
    data: { bits: WOE_BITS, columns: await woeColumns(dataset, alignment.rows, owned) },
    trainRows,
    holdoutRows: alignment.rows.length - trainRows,
  }
  const keep = (output: unknown) =>
    storeChoice(
      job.jobDir,
      names.filter((_, j) => (output as MomentsOutput).chosen[j] === true),
    )
  if (job.self !== job.spec.guest.party)
    return { program: openMomentsHost(pool) as never, input, schedule: SCHEDULE, onOutput: keep }

  const { select, guest, hosts } = job.spec
  const binning = await loadResultFile(job.jobDir, 'binning')
  if (binning === undefined || select === undefined) throw new PlatformError('storage.damaged', { missing: 'binning' })
  const parties = [guest, ...hosts].map(({ party }) => party)
  const features = withProfiles(binning.features, await loadResultFile(job.jobDir, 'profiles'))
  const byParty = parties.map((party) => features.filter((feature) => feature.party === party))
  const screened = screenByBins(byParty, select, MAX_INFORMATION_COLUMNS)
  const choice = (moments: Parameters<MomentsGuestInput['choose']>[0]) =>
    chooseByMoments(screened, moments, select, counted(binning.features))
  const guestInput: MomentsGuestInput = {
    ...input,
    ...(await labelsAndWeights(dataset, alignment)),
    candidates: screened.candidates,
    choose: (moments) => choice(moments).chosen,
  }
  return {
    program: openMomentsGuest(pool) as never,
    input: guestInput,
    schedule: SCHEDULE,
    async onOutput(output) {
      const { moments } = output as MomentsOutput
      if (moments === undefined) throw new PlatformError('storage.damaged', { missing: 'moments' })
      const { names: chosen, tables } = choice(moments)
      await keep(output)
      await storeResultFile(job.jobDir, 'selection', { version: 1, chosen, tables })
    },
  }
}

/** Training rows that count. */
function counted(features: readonly FeatureFacts[]): number {
  return features[0]?.bins.reduce((sum, { counts }) => sum + (counts['train']?.n ?? 0), 0) ?? 0
}
