// The evidence of a lab's job: the bundle as the guest exports it, verified, with its dossier.
import { mkdir, writeFile } from 'node:fs/promises'
import { join, resolve } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import type { CliContext } from '#cli/context.ts'
import { formatDossier } from '#party-agent/dossier/page.ts'
import { fileDigest, nameOf, readEvidence, VERIFIER_PAGE } from '#party-agent/dossier/read-evidence.ts'
import { exportLog } from '#party-agent/log/export.ts'
import { PlatformError } from '#runtime/errors.ts'
import type { LabHomes, LabMember } from './homes.ts'
import type { LabEvidence } from './lab-result.ts'

const SEAL_SECONDS = 10
const POLL_MS = 100

/**
 * @param folder made where it is not there
 * @returns undefined for a job that ended before all parties cosigned anything of it
 * @throws PlatformError as exportLog and readEvidence
 */
export async function leaveEvidence(
  cli: CliContext,
  homes: LabHomes,
  job: { readonly id: string; readonly guest: string },
  folder: string,
): Promise<LabEvidence | undefined> {
  await mkdir(folder, { recursive: true })
  const bundle = join(resolve(folder), `${job.id}.tar`)
  if (!(await exportSealed(homes, job, bundle))) return undefined
  const { report, about, evidence, keys } = await readEvidence(bundle, homes.trustBundle)
  const { ok, problems, facts } = report
  const codes = [...new Set(problems.map(({ code }) => code))]
  const verdict = { bundle, ok, problems: codes, records: facts.size, root: facts.root }
  if (about === undefined) return verdict
  const dossier = join(resolve(folder), `${job.id}.html`)
  const digests = { sha256: await fileDigest(bundle), verifierSha256: await fileDigest(VERIFIER_PAGE) }
  const { sha256, verifierSha256 } = digests
  const { language } = cli
  const page = { language, report, about, evidence, keys, bundle: { name: nameOf(bundle), sha256 }, verifierSha256 }
  await writeFile(dossier, formatDossier(page))
  return { ...verdict, dossier }
}

/** The last cosignatures arrive a little after the job's end. */
async function exportSealed(
  homes: LabHomes,
  job: { readonly id: string; readonly guest: string },
  out: string,
): Promise<boolean> {
  const { home } = homes.parties[job.guest] as LabMember
  const { trustBundle } = homes
  const last = Date.now() + SEAL_SECONDS * 1000
  let written = false
  while (Date.now() < last) {
    try {
      const { unsealed } = await exportLog({ home, trustBundle, job: job.id, out, now: new Date() })
      written = true
      if (unsealed === 0) return true
    } catch (thrown) {
      if (!(thrown instanceof PlatformError) || thrown.code !== 'job.unknown') throw thrown
    }
    await sleep(POLL_MS)
  }
  return written
}
