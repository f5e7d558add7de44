// The task `profile`: what the columns of the hosts look like, told to the guest before anything is modelled.
import { profileColumn } from '#credit/profile.ts'
import { profileGuest } from '#protocols/profile/guest.ts'
import { profileHost } from '#protocols/profile/host.ts'
import { SETUP, TELLING } from '#protocols/profile/messages.ts'
import type { ProfiledColumn, ProfileGuestOutput, ProfileHostInput } from '#protocols/profile/params.ts'
import { PlatformError } from '#runtime/errors.ts'
import type { Dataset } from '../data/dataset.ts'
import { aliasesOf, type FeatureConfig } from '../data/feature-keys.ts'
import { storeResultFile } from '../results/stored.ts'
import type { BoundJob, TaskBinding } from './binding.ts'

const SCHEDULE = [...SETUP, ...TELLING]
const SIGNS = { '+': 1, '-': -1, '0': 0 } as const

export async function bindProfile(job: BoundJob, dataset: Dataset, columns: readonly string[]): Promise<TaskBinding> {
  const { profile, guest } = job.spec
  if (profile === undefined) throw new PlatformError('internal.unexpected', { expected: 'a job with profile' })
  const params = { minimumRows: profile.minimumRows }
  const isGuest = job.self === guest.party
  const own = await profiledColumns(job.self, dataset, columns, params.minimumRows)
  if (!isGuest) {
    const input: ProfileHostInput = { params, columns: own }
    return { program: profileHost as never, input, schedule: SCHEDULE, onOutput: async () => {} }
  }
  return {
    program: profileGuest as never,
    input: { params },
    schedule: SCHEDULE,
    onOutput: (output) =>
      storeResultFile(job.jobDir, 'profiles', {
        version: 1,
        parties: { [job.self]: own, ...(output as ProfileGuestOutput).parties },
      }),
  }
}

async function profiledColumns(
  party: string,
  dataset: Dataset,
  columns: readonly string[],
  minimumRows: number,
): Promise<ProfiledColumn[]> {
  const { rows, columns: offered } = await dataset.describe()
  const { features = {} } = dataset.config
  const aliases = aliasesOf(party, dataset.name, offered, features)
  const all = Uint32Array.from({ length: rows }, (_, row) => row)
  const out: ProfiledColumn[] = []
  for await (const { name, values } of dataset.columns(columns, all)) {
    const { zh = '', en = '', sign = '0', specials = [] }: FeatureConfig = features[name] ?? {}
    out.push({
      alias: aliases.get(name) ?? name,
      zh,
      en,
      sign: SIGNS[sign],
      ...profileColumn(values, specials, minimumRows),
    })
  }
  return out
}
