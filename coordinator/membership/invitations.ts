// What the coordinator keeps of its invitations: one file each in <home>/enrolment/invitations, without the token.
// The command line makes new files; only the running coordinator changes them.
import { mkdir, readdir } from 'node:fs/promises'
import { join } from 'node:path'
import Type, { type Static } from 'typebox'
import Compile from 'typebox/compile'
import { hashToken, type Invitation, isTokenOf } from '#crypto/identity/invitation.ts'
import { PlatformError } from '#runtime/errors.ts'
import { readIfPresent, writeDurably } from '#runtime/files.ts'

/** wrong tokens after which an invitation is of no use */
export const MAX_TRIES = 5

const RecordSchema = Type.Object(
  {
    id: Type.String(),
    party: Type.String(),
    tokenHash: Type.String(),
    expires: Type.String(),
    tries: Type.Integer({ minimum: 0 }),
    /** RFC 3339; empty until it is used */
    usedAt: Type.String(),
  },
  { additionalProperties: false },
)
const validator = Compile(RecordSchema)
export type InvitationRecord = Static<typeof RecordSchema>

const ID = /^[0-9a-f]{16}$/

/** @throws PlatformError storage.full */
export async function recordInvitation(folder: string, { id, party, token, expires }: Invitation): Promise<void> {
  await mkdir(join(folder, 'invitations'), { recursive: true, mode: 0o700 })
  await save(folder, { id, party, tokenHash: hashToken(token), expires, tries: 0, usedAt: '' })
}

/**
 * The invitation, when this token opens it for this party now. A wrong token or name counts as a try.
 * @throws PlatformError enrolment.unknown, enrolment.used, enrolment.exhausted, enrolment.expired
 */
export async function openInvitation(
  folder: string,
  asked: { readonly id: string; readonly token: string; readonly party: string },
  now: Date,
): Promise<InvitationRecord> {
  const { id, token, party } = asked
  const record = ID.test(id) ? await load(folder, id) : undefined
  if (record === undefined) throw new PlatformError('enrolment.unknown')
  if (record.usedAt !== '') throw new PlatformError('enrolment.used', { invitation: id })
  if (record.tries >= MAX_TRIES) throw new PlatformError('enrolment.exhausted', { invitation: id, tries: record.tries })
  if (now >= new Date(record.expires)) {
    throw new PlatformError('enrolment.expired', { invitation: id, expires: record.expires })
  }
  if (!isTokenOf(token, record.tokenHash) || party !== record.party) {
    await save(folder, { ...record, tries: record.tries + 1 })
    throw new PlatformError('enrolment.unknown', { triesLeft: MAX_TRIES - record.tries - 1 })
  }
  return record
}

/** @throws PlatformError storage.full */
export async function useInvitation(folder: string, record: InvitationRecord, now: Date): Promise<void> {
  await save(folder, { ...record, usedAt: now.toISOString() })
}

/** All invitations that were ever made here. @throws PlatformError storage.damaged */
export async function listInvitations(folder: string): Promise<InvitationRecord[]> {
  const names = await readdir(join(folder, 'invitations')).catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return []
    throw error
  })
  const ids = names.flatMap((name) => /^([0-9a-f]{16})\.json$/.exec(name)?.[1] ?? [])
  const records = await Promise.all(ids.map((id) => load(folder, id)))
  return records.filter((record) => record !== undefined)
}

async function load(folder: string, id: string): Promise<InvitationRecord | undefined> {
  const bytes = await readIfPresent(pathOf(folder, id))
  if (bytes === undefined) return undefined
  const value: unknown = JSON.parse(Buffer.from(bytes).toString('utf8'))
  if (!validator.Check(value)) throw new PlatformError('storage.damaged', { file: pathOf(folder, id) })
  return value
}

function save(folder: string, record: InvitationRecord): Promise<void> {
  return writeDurably(pathOf(folder, record.id), `${JSON.stringify(record)}\n`)
}

function pathOf(folder: string, id: string): string {
  return join(folder, 'invitations', `${id}.json`)
}
