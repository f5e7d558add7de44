// The trust bundle in an evidence bundle: the edition that the log was opened with, whose digest every participant has
// cosigned. It says whose keys the keys of the evidence are, and which root certificates belonged to them.
import Type, { type Static } from 'typebox'
import Compile from 'typebox/compile'
import { bundleDigest } from '#crypto/identity/bundle-signatures.ts'
import type { TrustBundle } from '#crypto/identity/trust.ts'
import { canonicalJson, parseCanonicalJson } from '#crypto/log/jcs.ts'
import { PlatformError } from '#runtime/errors.ts'
import type { Problem } from './problems.ts'
import type { Participant } from './rules.ts'

const closed = { additionalProperties: false } as const
const Key = Type.String({ pattern: '^[A-Za-z0-9+/]{43}=$' })
const Pem = Type.String({ maxLength: 8192 })
const Party = Type.String({ pattern: '^[a-z][a-z0-9-]{0,31}$' })
const EditionSchema = Type.Object(
  {
    version: Type.Literal(1),
    federation: Type.String({ pattern: '^[a-z][a-z0-9.-]{0,62}$' }),
    edition: Type.Integer({ minimum: 1, maximum: 1_000_000 }),
    previous: Type.String({ pattern: '^[0-9a-f]{64}$' }),
    coordinator: Type.Object({ rootPem: Pem, logKey: Key }, closed),
    parties: Type.Array(Type.Object({ party: Party, rootPem: Pem, signingKey: Key }, closed), {
      minItems: 1,
      maxItems: 256,
    }),
  },
  closed,
)
export type Edition = Static<typeof EditionSchema>
const validator = Compile(EditionSchema)

/** The bytes of an edition in an evidence bundle: canonical JSON, which is YAML too, without its signatures. */
export function editionBytes({
  version,
  federation,
  edition,
  previous,
  coordinator,
  parties,
}: TrustBundle): Uint8Array {
  const { rootPem, logKey } = coordinator
  const members = parties.map((member) => ({
    party: member.party,
    rootPem: member.rootPem,
    signingKey: member.signingKey,
  }))
  const root = logKey === undefined ? { rootPem } : { rootPem, logKey }
  return canonicalJson({ version, federation, edition, previous, coordinator: root, parties: members })
}

export interface EvidenceTrust {
  readonly origin: string
  readonly logKey: Uint8Array
  readonly participants: readonly Participant[]
  /** trust/bundle.yaml */
  readonly trust: string
  /** earlier editions, by number */
  readonly trustHistory?: ReadonlyMap<number, string>
}

/**
 * What is wrong with the trust/ folder of an evidence bundle: trust/bundle.yaml has the digest that the log was opened
 * with and the keys of keys.json, and the editions before it follow each other up to it.
 * @param openedWith `bundleDigest` of collaboration.opened; empty where nothing opened the log
 * @throws PlatformError log.malformed, log.not-canonical when a file is no edition
 */
export function trustProblems(evidence: EvidenceTrust, openedWith: string): Problem[] {
  const { trust, trustHistory = new Map<number, string>() } = evidence
  const numbered = [...trustHistory].toSorted(([a], [b]) => a - b)
  const editions = [...numbered.map(([, text]) => text), trust].map(readEdition)
  const digests = editions.map((edition) => bundleDigest({ ...edition, signatures: [] }))
  const problems: Problem[] = []
  const say = (text: string, who?: string) =>
    problems.push({ code: 'trust-mismatch', ...(who === undefined ? {} : { who }), text })
  for (const [i, [number]] of numbered.entries()) {
    const next = editions[i + 1]
    const follows = next?.edition === number + 1 && next.previous === digests[i]
    if (editions[i]?.edition !== number || !follows) say(`edition ${number} is not the one before the next`)
  }
  if (openedWith !== '' && digests.at(-1) !== openedWith) say('the log was opened with another trust bundle')
  else for (const { text, who } of foreignKeys(evidence, editions.at(-1) as Edition)) say(text, who)
  return problems
}

function foreignKeys(evidence: EvidenceTrust, edition: Edition): { readonly text: string; readonly who?: string }[] {
  const { origin, logKey, participants } = evidence
  const found: { text: string; who?: string }[] = []
  if (!origin.startsWith(`tributary/${edition.federation}/`))
    found.push({ text: 'a trust bundle of another federation' })
  if (edition.coordinator.logKey !== base64(logKey)) found.push({ text: 'the log key is not that of the trust bundle' })
  for (const { name, signingKey } of participants) {
    const member = edition.parties.find(({ party }) => party === name)
    if (member?.signingKey !== base64(signingKey))
      found.push({ who: name, text: `the key of ${name} is not that of the trust bundle` })
  }
  return found
}

/** Reads what editionBytes wrote. @throws PlatformError log.malformed, log.not-canonical */
export function readEdition(text: string): Edition {
  const value = parseCanonicalJson(Buffer.from(text, 'utf8'))
  if (validator.Check(value) && new Set(value.parties.map(({ party }) => party)).size === value.parties.length)
    return value
  throw new PlatformError('log.malformed', { what: 'bundle', problem: 'an edition of trust/ is not in its format' })
}

function base64(bytes: Uint8Array): string {
  return Buffer.from(bytes).toString('base64')
}
