// From the file of a bundle to everything that verify and dossier tell: verified once, facts gathered on the way.
import { createHash } from 'node:crypto'
import { createReadStream } from 'node:fs'
import { readFile } from 'node:fs/promises'
import { basename } from 'node:path'
import { logKeyOf, parseTrustBundle, signingKeyOf } from '#crypto/identity/trust.ts'
import { type BundleAbout, type BundleKeys, openBundle } from '#protocols/log/bundle.ts'
import type { VerifyReport } from '#protocols/log/problems.ts'
import { originOf } from '#protocols/log/records.ts'
import { verifyBundle } from '#protocols/log/verify-bundle.ts'
import { PlatformError } from '#runtime/errors.ts'
import { type Evidence, EvidenceCollector } from './evidence.ts'
import { COORDINATOR_LOG, formatDossier } from './page.ts'

export interface ReadEvidence {
  readonly report: VerifyReport
  readonly evidence: Evidence
  /** undefined where the bundle cannot be opened */
  readonly about?: BundleAbout
  /** parties by name, then the log */
  readonly keys: readonly { readonly name: string; readonly fingerprint: string }[]
  /** the keys were compared with a trust bundle of the reader */
  readonly compared: boolean
}

/**
 * @param trustFile the reader's own trust bundle; without it the keys are those that the bundle brings
 * @param seen hears of each record that is well formed
 * @throws PlatformError config.unreadable, and what parseTrustBundle throws
 */
export async function readEvidence(path: string, trustFile?: string, seen?: () => void): Promise<ReadEvidence> {
  const head = await readHead(path)
  const known = trustFile === undefined || head === undefined ? undefined : await knownKeys(trustFile, head.keys)
  const collector = new EvidenceCollector(head?.about.job)
  const watch = (_index: number, record: Parameters<EvidenceCollector['add']>[0]) => {
    collector.add(record)
    seen?.()
  }
  const report = await verifyBundle(path, known === undefined ? { watch } : { watch, known })
  const rest = { report, evidence: collector.evidence(), compared: known !== undefined }
  if (head === undefined) return { ...rest, keys: [] }
  const { participants, logKey } = head.keys
  const named = [
    ...participants.map(({ name, signingKey }) => ({ name, key: signingKey })),
    { name: COORDINATOR_LOG, key: logKey },
  ]
  return { ...rest, about: head.about, keys: named.map(({ name, key }) => ({ name, fingerprint: sha256(key) })) }
}

/** The printable page of a bundle. @throws PlatformError log.malformed for what is none */
export async function dossierOf(bundle: string, read: ReadEvidence, language: 'en' | 'zh'): Promise<string> {
  const { report, about, evidence, keys } = read
  if (about === undefined) {
    throw new PlatformError('log.malformed', { what: 'bundle', problems: report.problems.map(({ text }) => text) })
  }
  const file = { name: nameOf(bundle), sha256: await fileDigest(bundle) }
  const verifierSha256 = await fileDigest(VERIFIER_PAGE)
  return formatDossier({ language, report, about, evidence, keys, bundle: file, verifierSha256 })
}

/** SHA-256 of a file, hex. */
export async function fileDigest(path: string | URL): Promise<string> {
  const hash = createHash('sha256')
  for await (const piece of createReadStream(path)) hash.update(piece as Buffer)
  return hash.digest('hex')
}

/** The second verifier as it comes with this program. */
export const VERIFIER_PAGE = new URL('../../verifier/verify.html', import.meta.url)

export function nameOf(path: string): string {
  return basename(path)
}

interface Head {
  readonly about: BundleAbout
  readonly keys: BundleKeys
}

/** undefined for what is no bundle: the verifier says why. */
async function readHead(path: string): Promise<Head | undefined> {
  try {
    await using bundle = await openBundle(path)
    const { about, origin, logKey, participants } = bundle
    return { about, keys: { origin, logKey, participants } }
  } catch (thrown) {
    if (thrown instanceof PlatformError) return undefined
    throw new PlatformError('config.unreadable', { file: path }, thrown)
  }
}

/** The reader's keys for the parties of this log. @throws PlatformError identity.unknown, log.unknown-key */
async function knownKeys(trustFile: string, bundle: BundleKeys): Promise<BundleKeys> {
  const text = await readFile(trustFile, 'utf8').catch((cause: unknown) => {
    throw new PlatformError('config.unreadable', { file: trustFile }, cause)
  })
  const trust = parseTrustBundle(text)
  const names = bundle.participants.map(({ name }) => name)
  const participants = names.map((name) => ({ name, signingKey: signingKeyOf(trust, name) }))
  return { origin: originOf(trust.federation, names), logKey: logKeyOf(trust), participants }
}

function sha256(bytes: Uint8Array): string {
  return createHash('sha256').update(bytes).digest('hex')
}
