// What the files of one approval say: every signature checked, and the events folded through the table of states.
import { parseCanonicalJson } from '#crypto/log/jcs.ts'
import type { Approval } from '#protocols/core/approval.ts'
import { PlatformError } from '#runtime/errors.ts'
import type { Person, PersonDirectory } from '#crypto/people/people.ts'
import { type ApprovalState, nextApprovalState } from './states.ts'
import {
  APPROVAL_TYPE,
  digestOf,
  type PersonSignature,
  parseApproval,
  REVOCATION_TYPE,
  type Revocation,
  verifyPerson,
} from './statements.ts'

export interface CheckedSignature extends PersonSignature {
  readonly name: string
  readonly role: Person['role']
  /** when it was made, by the clock of the machine it was made on */
  readonly time: string
}

export interface StoredApproval {
  readonly id: string
  readonly state: ApprovalState
  /** absent where the document is damaged */
  readonly document?: Approval
  readonly bytes?: Uint8Array
  readonly signatures: readonly CheckedSignature[]
  readonly revocation?: Revocation
  /** jobs that used it */
  readonly runs: readonly string[]
  /** facts that the governance record has */
  readonly recorded?: readonly string[]
  /** why nothing may be done under it, whatever its state */
  readonly damage?: PlatformError
}

/** One line of an approval's files. */
export interface Line extends Partial<PersonSignature> {
  readonly event: string
  readonly time: string
  readonly statement?: string
  readonly job?: string
  readonly fact?: string
}

/** Roles that approve, withdraw and refuse. @throws PlatformError person.wrong-role */
export function requireSigner(person: Person): void {
  if (person.role !== 'steward' && person.role !== 'compliance')
    throw new PlatformError('person.wrong-role', {
      person: person.id,
      role: person.role,
      needed: ['steward', 'compliance'],
    })
}

/** @throws PlatformError approval.four-eyes for the same person or role, approval.bad-state when nobody may sign */
export function requireSecondPerson(
  approval: Pick<StoredApproval, 'id' | 'state' | 'signatures'>,
  person: Person,
): void {
  const { id, state, signatures } = approval
  const [first] = signatures
  if (first !== undefined && first.person === person.id)
    throw new PlatformError('approval.four-eyes', { approval: id, person: person.id, problem: 'signed already' })
  nextApprovalState(state, 'sign')
  if (first !== undefined && first.role === person.role) {
    const needed = first.role === 'steward' ? 'compliance' : 'steward'
    throw new PlatformError('approval.four-eyes', { approval: id, signedBy: first.person, role: person.role, needed })
  }
}

/** An approval as its files say, before anybody looked at the clock. */
export type FoldedApproval = StoredApproval & { readonly latest: string }

/**
 * The state at this moment. A clock that was put back does not make an ended approval valid again: time is at least that
 * of the latest line.
 */
export function atTime(folded: FoldedApproval, now: Date): StoredApproval {
  const { latest, ...approval } = folded
  const time = now.toISOString()
  const ended = (latest > time ? latest : time) >= (approval.document?.validTo ?? '')
  if (!ended || approval.state === 'revoked') return approval
  return { ...approval, state: nextApprovalState(approval.state, 'expire') }
}

/**
 * Folds what was written, with every signature checked.
 * @throws PlatformError approval.*, person.*, log.* for anything that does not verify
 */
export async function foldApproval(
  id: string,
  owner: string,
  bytes: Uint8Array,
  lines: readonly Line[],
  people: PersonDirectory,
): Promise<FoldedApproval> {
  const document = parseApproval(bytes)
  if (document.id !== id || document.owner !== owner)
    throw new PlatformError('approval.tampered', { approval: id, problem: 'the document is of another approval' })
  let state: ApprovalState = 'proposed'
  let revocation: Revocation | undefined
  const signatures: CheckedSignature[] = []
  const runs: string[] = []
  const recorded: string[] = []
  for (const line of lines) {
    if (line.event === 'signed') {
      const person = await signerOf(APPROVAL_TYPE, bytes, line, people)
      requireSecondPerson({ id, state, signatures }, person)
      const { id: personId, name, role } = person
      const signature = { person: personId, keyid: line.keyid ?? '', sig: line.sig ?? '' }
      signatures.push({ ...signature, name, role, time: line.time })
      state = nextApprovalState(state, 'sign')
    } else if (line.event === 'revoked') {
      revocation = await revocationOf(id, digestOf(bytes), line, people)
      state = nextApprovalState(state, 'revoke')
    } else if (line.event === 'run' && line.job !== undefined) {
      if (!runs.includes(line.job)) runs.push(line.job)
      if (state === 'active' && runs.length >= document.runs) state = nextApprovalState(state, 'use-last-run')
    } else if (line.event === 'recorded' && line.fact !== undefined) recorded.push(line.fact)
    else throw new PlatformError('approval.tampered', { approval: id, line: line.event.slice(0, 32) })
  }
  const latest = lines.reduce((time, line) => (line.time > time ? line.time : time), '')
  const withdrawn = revocation === undefined ? {} : { revocation }
  return { id, state, document, bytes, signatures, runs, recorded, latest, ...withdrawn }
}

/** The person whose signature a line holds. @throws PlatformError person.*, approval.tampered */
export async function signerOf(type: string, bytes: Uint8Array, line: Line, people: PersonDirectory): Promise<Person> {
  const { person: id = '', keyid = '', sig = '' } = line
  const person = await people.find(id)
  requireSigner(person)
  verifyPerson(type, bytes, person, { person: id, keyid, sig })
  return person
}

async function revocationOf(id: string, digest: string, line: Line, people: PersonDirectory): Promise<Revocation> {
  const payload = Buffer.from(line.statement ?? '', 'base64')
  const person = await signerOf(REVOCATION_TYPE, payload, line, people)
  const statement = parseCanonicalJson(payload) as unknown as Revocation
  if (statement.approval !== id || statement.digest !== digest || statement.by !== person.id)
    throw new PlatformError('approval.tampered', { approval: id, problem: 'a withdrawal of another approval' })
  return statement
}
