// For tests: the guest of a left alignment draws which of its rows are held out. What is measured on so few rows differs from
// draw to draw, and a test that holds it to a limit wants the same rows in each run.
import { join } from 'node:path'
import type { PartyIdentity } from '#crypto/identity/party-home.ts'
import { DiskVault } from '#party-agent/tasks/vault.ts'
import { jobIdOf } from '#protocols/core/job-spec.ts'

/** Puts the seed of the split into the guest's vault of a job that is not submitted yet. @param fill of the seed */
export async function fixSplit(home: string, identity: PartyIdentity, job: Uint8Array, fill: number): Promise<void> {
  const id = jobIdOf(job)
  const draw = (bytes: number) => new Uint8Array(bytes).fill(fill)
  const vault = await DiskVault.open(identity.storageKey, join(home, 'jobs', id), id, 'job', undefined, draw)
  using _ = await vault.seed('split')
}
