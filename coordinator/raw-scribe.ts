// For tests: the part of an agent that keeps the round log, for raw agents. It states what its agent says, in the name
// of its party, and cosigns what comes without looking.
import { createHash } from 'node:crypto'
import type { PartyIdentity } from '#crypto/identity/party-home.ts'
import { keyIdOf } from '#crypto/log/ed25519.ts'
import { cosign, parseNote, parseTreeHead } from '#crypto/log/note.ts'
import { parseJobSpec, partiesOf } from '#protocols/core/job-spec.ts'
import { type AuthorState, collaborationIdOf, firstState, makeRecord, type RecordBody } from '#protocols/log/records.ts'
import type { AgentFrame } from '#protos/gen/tributary/v1/AgentFrame.ts'
import type { CoordinatorFrame__Output } from '#protos/gen/tributary/v1/CoordinatorFrame.ts'
import type { Invite__Output } from '#protos/gen/tributary/v1/Invite.ts'

interface Journal {
  /** what was stated: nothing is stated twice */
  readonly said: Set<string>
  readonly parties: readonly string[]
  state: AuthorState
  readonly leaves: Uint8Array[]
}

/** What a party wrote, and what it was invited to, outlives its connections. */
const journals = new WeakMap<PartyIdentity, Map<string, Journal>>()
const invites = new WeakMap<PartyIdentity, Map<string, Invite__Output>>()

export class RawScribe {
  readonly #identity: PartyIdentity
  readonly #keyOf: (party: string) => Uint8Array
  readonly #say: (frame: AgentFrame) => void
  readonly #invites: Map<string, Invite__Output>

  /** @param keyOf signing key of any party of the federation */
  constructor(identity: PartyIdentity, keyOf: (party: string) => Uint8Array, say: (frame: AgentFrame) => void) {
    this.#identity = identity
    this.#keyOf = keyOf
    this.#say = say
    if (!journals.has(identity)) journals.set(identity, new Map())
    this.#invites = invites.get(identity) ?? new Map<string, Invite__Output>()
    invites.set(identity, this.#invites)
  }

  greeted(): void {
    for (const [id, journal] of this.#journals) this.#sync(id, journal)
  }

  heard(frame: CoordinatorFrame__Output): void {
    if (frame.invite) this.#invites.set(frame.invite.job, frame.invite)
    const entries = frame.log_entries
    const journal = this.#journals.get(entries?.collaboration ?? '')
    if (!entries || journal === undefined || entries.checkpoint.length === 0) return
    const { party: name, signingPublicKey: publicKey, signStatement } = this.#identity
    const { text, signatures } = parseNote(entries.checkpoint)
    const { size } = parseTreeHead(text)
    const { collaboration } = entries
    if (entries.leaves.length > 0) this.#append(collaboration, journal.leaves)
    if (signatures.some((line) => line.name === name)) return
    const line = cosign(entries.checkpoint, { name, publicKey }, signStatement, new Date())
    this.#say({ cosignature: { collaboration, size, line } })
  }

  /** Before the agent says it. */
  saying({ invite_answer: answer, round_closed: closed }: AgentFrame): void {
    if (answer?.accepted) {
      const { job = '' } = answer
      const bytes = this.#invites.get(job)?.job_spec
      if (bytes === undefined) return
      const parties = partiesOf(parseJobSpec(bytes))
      const specDigest = createHash('sha256').update(bytes).digest('hex')
      const spec = bytes.toString('base64')
      const isGuest = parties[0] === this.#identity.party
      const bodies: RecordBody[] = [{ kind: 'job.accepted', job, specDigest, approval: '' }]
      if (isGuest) bodies.unshift({ kind: 'job.proposed', job, specDigest, spec, parties: [...parties] })
      this.#write(job, bodies)
    } else if (closed) {
      const { job = '', task = '', round = 0 } = closed
      const at = { job, task, round }
      this.#write(job, [
        { kind: 'round.opened', ...at },
        { kind: 'round.closed', ...at, recordDigest: '0'.repeat(64) },
      ])
    }
  }

  get #journals(): Map<string, Journal> {
    return journals.get(this.#identity) as Map<string, Journal>
  }

  #write(job: string, bodies: readonly RecordBody[]): void {
    const invite = this.#invites.get(job)
    if (invite === undefined) return
    const parties = partiesOf(parseJobSpec(invite.job_spec)).toSorted()
    const { federation, party, signStatement: sign, signingPublicKey: signingKey } = this.#identity
    const collaboration = collaborationIdOf(federation, parties)
    let journal = this.#journals.get(collaboration)
    const opening: RecordBody[] = []
    if (journal === undefined) {
      journal = {
        said: new Set(),
        parties,
        state: firstState({ collaboration, author: party, sign, signingKey }),
        leaves: [],
      }
      this.#journals.set(collaboration, journal)
      this.#sync(collaboration, journal)
      if (parties[0] === party) {
        const participants = parties.map((name) => ({ party: name, keyid: keyIdOf(this.#keyOf(name)) }))
        opening.push({ kind: 'collaboration.opened', job: '', federation, participants, bundleDigest: '0'.repeat(64) })
      }
    }
    for (const body of [...opening, ...bodies]) {
      const what = [body.kind, body.job, 'task' in body ? `${body.task}/${body.round}` : ''].join(' ')
      if (journal.said.has(what)) continue
      journal.said.add(what)
      const { leaf, next } = makeRecord(journal.state, body, new Date())
      journal.state = next
      journal.leaves.push(leaf)
    }
    this.#append(collaboration, journal.leaves)
  }

  #sync(collaboration: string, { parties, leaves }: Journal): void {
    this.#say({ log_sync: { collaboration, parties: [...parties], size: 0 } })
    this.#append(collaboration, leaves)
  }

  #append(collaboration: string, leaves: readonly Uint8Array[]): void {
    if (leaves.length > 0) this.#say({ log_append: { collaboration, leaves: leaves.map((leaf) => Buffer.from(leaf)) } })
  }
}
