// What can be checked of one leaf alone: envelope, signature, canonical form, schema. It has no state, so a big log is
// checked by several workers at once; each answers with what the rules of the log need.
import { PlatformError } from '#runtime/errors.ts'
import { keyIdOf } from '#crypto/log/ed25519.ts'
import { leafHash } from '#crypto/log/merkle.ts'
import type { ProblemCode } from './problems.ts'
import { type LogRecord, leafDigest, readRecord } from './records.ts'
import type { Participant } from './rules.ts'

export interface CheckedLeaf {
  /** 32 bytes, of the tree */
  readonly hash: Uint8Array
  /** of the author's chain, hex */
  readonly digest: string
  /** missing where there is a problem */
  readonly record?: LogRecord
  readonly problem?: { readonly code: ProblemCode; readonly who?: string; readonly text: string }
}

const CODES: Readonly<Record<string, ProblemCode>> = {
  'log.malformed': 'leaf-malformed',
  'log.not-canonical': 'leaf-not-canonical',
  'log.signature': 'leaf-signature',
  'log.unknown-key': 'unknown-key',
}

/** A check for the leaves of a log with these participants. */
export function makeLeafCheck(participants: readonly Participant[]): (leaf: Uint8Array) => CheckedLeaf {
  const byId = new Map(participants.map((party) => [keyIdOf(party.signingKey), party]))
  const keyOf = (keyid: string) => byId.get(keyid)?.signingKey
  const authorOf = (keyid: string) => byId.get(keyid)?.name
  return (leaf) => {
    const found = { hash: leafHash(leaf), digest: leafDigest(leaf) }
    try {
      return { ...found, record: readRecord(leaf, keyOf, authorOf) }
    } catch (thrown) {
      const code = thrown instanceof PlatformError ? CODES[thrown.code] : undefined
      if (!(thrown instanceof PlatformError) || code === undefined) throw thrown
      const { problem, keyid, author } = thrown.detail
      const text = [thrown.code, problem, keyid].filter(Boolean).join(': ')
      const who = author ?? authorOf(String(keyid))
      return { ...found, problem: { code, text, ...(who === undefined ? {} : { who: String(who) }) } }
    }
  }
}
