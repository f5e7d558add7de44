// For tests: a home with people, and approvals that they signed.
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { makeSigningKey, openSigner } from '#crypto/identity/signing.ts'
import type { Approval, AskedOfOwner } from '#protocols/core/approval.ts'
import { type JobSpec, parseJobSpec } from '#protocols/core/job-spec.ts'
import { addLocalPerson, localPeople } from '#crypto/people/local-people.ts'
import type { PersonDirectory, PersonRole, PersonSigner } from '#crypto/people/people.ts'
import { cardDigests } from './cards.ts'
import { draftApproval } from './draft.ts'
import { digestOf } from './statements.ts'
import { ApprovalStore } from './store.ts'

export const JOB = 'job-0123456789abcdef0123'
export const SPEC: JobSpec = parseJobSpec(
  Buffer.from(
    JSON.stringify({
      version: 1,
      name: 'joint credit',
      guest: { party: 'bank', dataset: 'loans' },
      hosts: [{ party: 'tax', dataset: 'filings', columns: ['sales', 'late'] }],
    }),
  ),
)
export const ASKED: AskedOfOwner = {
  self: 'tax',
  dataset: 'filings',
  datasetVersion: 'schema-0123456789abcdef',
  columns: ['sales', 'late'],
}
const PEOPLE: readonly (readonly [string, PersonRole])[] = [
  ['li-wei', 'steward'],
  ['zhao-min', 'steward'],
  ['wang-fang', 'compliance'],
  ['chen-jie', 'operator'],
]

/** A home of tax; all passphrases are `passphrase of <id>`. Slow on purpose, as key stores are: once a file is enough. */
export async function makePeople(identity = testIdentity('tax')) {
  const home = await mkdtemp(join(tmpdir(), 'approvals-'))
  await addPeople(home, identity)
  const people = localPeople(home, identity)
  const signers: Record<string, PersonSigner> = {}
  for (const [id] of PEOPLE) signers[id] = await people.authenticate(id, `passphrase of ${id}`)
  const dispose = () => rm(home, { recursive: true, force: true })
  return { home, people, signers, [Symbol.asyncDispose]: dispose }
}
export type TestPeople = Awaited<ReturnType<typeof makePeople>>

export async function addPeople(home: string, identity: Parameters<typeof addLocalPerson>[1]): Promise<void> {
  for (const [id, role] of PEOPLE)
    await addLocalPerson(home, identity, { id, name: id, role, passphrase: `passphrase of ${id}` })
}

export function testIdentity(party: string) {
  const signer = openSigner(makeSigningKey().privateKey)
  return { party, signingPublicKey: signer.publicKey, sign: signer.sign }
}

export function draft(change: Partial<Approval> = {}, now = new Date(), spec = SPEC, asked = ASKED): Approval {
  return { ...draftApproval(spec, asked, { template: 'pilot', cards: cardDigests(), now }), ...change }
}

export function storeOf(home: string, people: PersonDirectory, now?: () => Date): ApprovalStore {
  return new ApprovalStore(home, 'tax', people, now)
}

/** Proposes and signs by steward and compliance officer. */
export async function approved(
  store: ApprovalStore,
  signers: TestPeople['signers'],
  document: Approval,
): Promise<string> {
  await store.propose(document)
  const digest = digestOf((await store.intact(document.id)).bytes)
  for (const id of ['li-wei', 'wang-fang']) await store.sign(document.id, signers[id] as PersonSigner, digest)
  return document.id
}
