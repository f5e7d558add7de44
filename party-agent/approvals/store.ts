// The approvals of an owner as files in its home, shared by the command line and the agent:
//   approvals/<id>/document.json    the canonical bytes that people signed; never written again
//   approvals/<id>/signatures.jsonl signatures and the withdrawal, appended by the command line
//   approvals/<id>/runs.jsonl       jobs that used it, appended by the agent
//   approvals/refusals/<job>.json   jobs that a person refused
//   approvals/requests/<job>.json   jobs that wait for an approval, written by the agent
// Whatever in them does not verify makes the approval unusable: it is never taken for less than a signature says.
import { mkdir, readdir, rm, stat } from 'node:fs/promises'
import { join } from 'node:path'
import { canonicalJson, parseCanonicalJson } from '#crypto/log/jcs.ts'
import type { Approval, AskedOfOwner } from '#protocols/core/approval.ts'
import type { JobSpec } from '#protocols/core/job-spec.ts'
import { PlatformError, toPlatformError } from '#runtime/errors.ts'
import { lockHome, readIfPresent, syncDirectory, writeDurably } from '#runtime/files.ts'
import type { PersonDirectory, PersonSigner } from '#crypto/people/people.ts'
import type { ForeseenSpend } from '../ledger/privacy-gate.ts'
import { appendLine, readLines } from './lines.ts'
import {
  APPROVAL_TYPE,
  approvalBytes,
  digestOf,
  type JobRefusal,
  REFUSAL_TYPE,
  REVOCATION_TYPE,
  type Revocation,
  signStatement,
} from './statements.ts'
import {
  atTime,
  type FoldedApproval,
  foldApproval,
  type Line,
  requireSecondPerson,
  requireSigner,
  signerOf,
  type StoredApproval,
} from './stored-approval.ts'

export type { StoredApproval } from './stored-approval.ts'

/** A job that waits until people of the owner decide. */
export interface ApprovalRequest {
  readonly job: string
  readonly spec: JobSpec
  readonly asked: AskedOfOwner
  /** of the approvals that come near, what they leave out */
  readonly missing: readonly string[]
  /** of a job with differential privacy: ε of the data set as it is, and after all rounds of the job */
  readonly privacy?: ForeseenSpend
  readonly time: string
}

const ID_PATTERN = /^approval-[0-9a-f]{12}$/
const JOB_PATTERN = /^job-[0-9a-f]{20}$/

export class ApprovalStore {
  readonly #folder: string
  readonly #people: PersonDirectory
  readonly #owner: string
  readonly #now: () => Date
  /** what was read of an approval, and the state of its files then */
  readonly #cache = new Map<string, { readonly stamp: string; readonly folded: FoldedApproval }>()

  /** @param owner name of the party */
  constructor(home: string, owner: string, people: PersonDirectory, now: () => Date = () => new Date()) {
    this.#folder = join(home, 'approvals')
    this.#owner = owner
    this.#people = people
    this.#now = now
  }

  /** All approvals, the oldest first, each with its state at this moment. */
  async all(): Promise<readonly StoredApproval[]> {
    const ids = (await namesIn(this.#folder)).filter((name) => ID_PATTERN.test(name))
    const found: StoredApproval[] = []
    for (const id of ids) {
      const approval = await this.find(id)
      if (approval !== undefined) found.push(approval)
    }
    const begin = (approval: StoredApproval) => approval.document?.validFrom ?? ''
    return found.toSorted((a, b) => (begin(a) < begin(b) ? -1 : 1))
  }

  async find(id: string): Promise<StoredApproval | undefined> {
    if (!ID_PATTERN.test(id)) return undefined
    const files = ['document.json', 'signatures.jsonl', 'runs.jsonl'].map((name) => join(this.#folder, id, name))
    const stamp = (await Promise.all(files.map(stampOf))).join(' ')
    const known = this.#cache.get(id)
    if (known?.stamp === stamp) return atTime(known.folded, this.#now())
    const [documentFile, signatures, runsFile] = files as [string, string, string]
    let runs: readonly string[] = []
    try {
      const document = await readIfPresent(documentFile)
      if (document === undefined) return undefined
      const lines = [...(await readLines(signatures)), ...(await readLines(runsFile))] as unknown as Line[]
      runs = lines.flatMap(({ event, job }) => (event === 'run' && job !== undefined ? [job] : []))
      const folded = await foldApproval(id, this.#owner, document, lines, this.#people)
      this.#cache.set(id, { stamp, folded })
      return atTime(folded, this.#now())
    } catch (thrown) {
      return { id, state: 'proposed', signatures: [], runs, damage: toPlatformError(thrown) }
    }
  }

  /** @throws PlatformError approval.unknown, approval.tampered */
  async intact(id: string): Promise<StoredApproval & { readonly document: Approval; readonly bytes: Uint8Array }> {
    const found = await this.find(id)
    if (found === undefined) throw new PlatformError('approval.unknown', { approval: id.slice(0, 64) })
    const { document, bytes, damage } = found
    if (damage !== undefined || document === undefined || bytes === undefined)
      throw new PlatformError('approval.tampered', { approval: id, why: damage?.message ?? '' }, damage)
    return { ...found, document, bytes }
  }

  /** Writes a document that nobody signed yet. @throws PlatformError approval.invalid, storage.full */
  async propose(document: Approval): Promise<void> {
    const bytes = approvalBytes(document)
    if (document.owner !== this.#owner)
      throw new PlatformError('approval.invalid', { problems: [`owner: this is the home of ${this.#owner}`] })
    await using _lock = await this.#lock()
    const folder = join(this.#folder, document.id)
    await mkdir(folder, { mode: 0o700 })
    await writeDurably(join(folder, 'document.json'), bytes)
    await syncDirectory(this.#folder)
  }

  /**
   * Adds a person's signature. The second one makes the approval active.
   * @param digest what the person was shown
   * @throws PlatformError person.wrong-role, approval.four-eyes, approval.tampered, approval.bad-state
   */
  async sign(id: string, signer: PersonSigner, digest: string): Promise<StoredApproval> {
    requireSigner(signer.person)
    await using _lock = await this.#lock()
    const approval = await this.intact(id)
    if (digestOf(approval.bytes) !== digest)
      throw new PlatformError('approval.tampered', { approval: id, shown: digest, found: digestOf(approval.bytes) })
    requireSecondPerson(approval, signer.person)
    const signature = signStatement(APPROVAL_TYPE, approval.bytes, signer)
    await this.#append(id, { event: 'signed', time: this.#time(), ...signature })
    return await this.intact(id)
  }

  /** One person is enough to withdraw. @throws PlatformError person.wrong-role, approval.* */
  async revoke(id: string, signer: PersonSigner, reason: string): Promise<StoredApproval> {
    requireSigner(signer.person)
    await using _lock = await this.#lock()
    const { state, bytes } = await this.intact(id)
    if (state === 'revoked' || state === 'expired')
      throw new PlatformError('approval.bad-state', { approval: id, state, asked: 'revoke' })
    const statement: Revocation = {
      v: 1,
      approval: id,
      digest: digestOf(bytes),
      by: signer.person.id,
      reason: reason.normalize('NFC').slice(0, 500),
      time: this.#time(),
    }
    const payload = canonicalJson(statement)
    const signature = signStatement(REVOCATION_TYPE, payload, signer)
    const statementText = Buffer.from(payload).toString('base64')
    await this.#append(id, { event: 'revoked', time: statement.time, statement: statementText, ...signature })
    return await this.intact(id)
  }

  /** Counts a job against the budget, once. For the agent. @throws PlatformError storage.full */
  async countRun(id: string, job: string): Promise<void> {
    await appendLine(join(this.#folder, id, 'runs.jsonl'), { event: 'run', job, time: this.#time() })
    this.#cache.delete(id)
  }

  /** Says that a fact was handed to the governance record, so that it is handed over once. For the agent. */
  async noteRecorded(id: string, fact: 'granted' | 'revoked'): Promise<void> {
    await appendLine(join(this.#folder, id, 'runs.jsonl'), { event: 'recorded', fact, time: this.#time() })
    this.#cache.delete(id)
  }

  /** A person says no to a job. @throws PlatformError person.wrong-role, approval.unknown for no job's name */
  async refuse(job: string, signer: PersonSigner, reason: string): Promise<void> {
    requireSigner(signer.person)
    if (!JOB_PATTERN.test(job)) throw new PlatformError('approval.unknown', { job: job.slice(0, 64) })
    const by = signer.person.id
    const statement: JobRefusal = {
      v: 1,
      job,
      owner: this.#owner,
      by,
      reason: reason.normalize('NFC').slice(0, 500),
      time: this.#time(),
    }
    const payload = canonicalJson(statement)
    const signature = signStatement(REFUSAL_TYPE, payload, signer)
    const line = { statement: Buffer.from(payload).toString('base64'), ...signature }
    await using _lock = await this.#lock()
    const folder = join(this.#folder, 'refusals')
    await mkdir(folder, { recursive: true, mode: 0o700 })
    await writeDurably(join(folder, `${job}.json`), `${JSON.stringify(line)}\n`)
  }

  /** Undefined where nobody refused. A refusal that does not verify is none. */
  async refusalOf(job: string): Promise<JobRefusal | undefined> {
    if (!JOB_PATTERN.test(job)) return undefined
    const bytes = await readIfPresent(join(this.#folder, 'refusals', `${job}.json`))
    if (bytes === undefined) return undefined
    try {
      const line = JSON.parse(Buffer.from(bytes).toString('utf8')) as Line
      const payload = Buffer.from(line.statement ?? '', 'base64')
      await signerOf(REFUSAL_TYPE, payload, line, this.#people)
      const refusal = parseCanonicalJson(payload) as unknown as JobRefusal
      return refusal.job === job && refusal.owner === this.#owner ? refusal : undefined
    } catch {
      return undefined
    }
  }

  /** For the agent: a job waits. */
  async saveRequest(request: ApprovalRequest): Promise<void> {
    const folder = join(this.#folder, 'requests')
    await mkdir(folder, { recursive: true, mode: 0o700 })
    await writeDurably(join(folder, `${request.job}.json`), `${JSON.stringify(request)}\n`)
  }

  async requests(): Promise<readonly ApprovalRequest[]> {
    const found: ApprovalRequest[] = []
    for (const name of await namesIn(join(this.#folder, 'requests'))) {
      if (!/^job-[0-9a-f]{20}\.json$/.test(name)) continue
      const bytes = await readIfPresent(join(this.#folder, 'requests', name))
      if (bytes !== undefined) found.push(JSON.parse(Buffer.from(bytes).toString('utf8')) as ApprovalRequest)
    }
    return found
  }

  /** For the agent: the job waits no longer. */
  async dropRequest(job: string): Promise<void> {
    if (JOB_PATTERN.test(job)) await rm(join(this.#folder, 'requests', `${job}.json`), { force: true })
  }

  async #append(id: string, line: Line): Promise<void> {
    await appendLine(join(this.#folder, id, 'signatures.jsonl'), line)
    this.#cache.delete(id)
  }

  async #lock(): Promise<AsyncDisposable> {
    await mkdir(this.#folder, { recursive: true, mode: 0o700 })
    return await lockHome(this.#folder)
  }

  #time(): string {
    return this.#now().toISOString()
  }
}

async function namesIn(folder: string): Promise<string[]> {
  const names = await readdir(folder).catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return []
    throw error
  })
  return names.toSorted((a, b) => (a < b ? -1 : 1))
}

async function stampOf(path: string): Promise<string> {
  const found = await stat(path, { bigint: true }).catch(() => undefined)
  return found === undefined ? '-' : `${found.ino}/${found.size}/${found.mtimeNs}`
}
