// Valid logs of any length for tests and benchmarks: one bank and two hosts run job after job, with approvals, rounds,
// messages and releases as the agents would record them; or three parties average models. Everything follows from the seed, keys included.
import { createHash, createPrivateKey, createPublicKey } from 'node:crypto'
import { bundleDigest } from '#crypto/identity/bundle-signatures.ts'
import { NO_PREVIOUS, type TrustBundle } from '#crypto/identity/trust.ts'
import { openStatementSigner, type StatementSigner } from '#crypto/log/ed25519.ts'
import { CompactRange, leafHash } from '#crypto/log/merkle.ts'
import { addSignatures, cosign, type NoteKey, signCheckpoint } from '#crypto/log/note.ts'
import type { Approval } from '#protocols/core/approval.ts'
import { ADDER } from '#protocols/core/contract.ts'
import { jobIdOf } from '#protocols/core/job-spec.ts'
import { isReleased, type MessageKind } from '#protocols/core/schedule.ts'
import {
  approvalDigest,
  type AuthorState,
  collaborationIdOf,
  firstState,
  makeRecord,
  originOf,
  type RecordBody,
} from '#protocols/log/records.ts'
import type { Participant } from '#protocols/log/rules.ts'

export const FEDERATION = 'credit'
export const PARTIES = ['bank', 'park', 'tax'] as const
const START = Date.parse('2026-01-05T08:00:00.000Z')
const STEP_MS = 5
const TRAIN_ROUNDS = 4
// RFC 8410 PrivateKeyInfo of an Ed25519 key, up to the 32 seed bytes; and SubjectPublicKeyInfo's length before the key
const PKCS8_PREFIX = Buffer.from('302e020100300506032b657004220420', 'hex')
const SPKI_PREFIX_BYTES = 12

type Party = (typeof PARTIES)[number]
type Body = RecordBody extends infer B ? (B extends RecordBody ? Omit<B, 'job'> : never) : never
type Statement = readonly [author: Party, body: Body]

export interface SyntheticKey {
  readonly publicKey: Uint8Array
  readonly sign: StatementSigner
}

/** Of task `average`, in a log that averages: it loses a party, and the one after it goes on without. */
export const VOIDED_ROUND = 2
const LOST: Party = 'tax'

/** An Ed25519 key whose seed is SHA-256 of the name. Never for anything real. */
export function syntheticKey(name: string, role: 'party' | 'log'): SyntheticKey {
  const pkcs8 = Buffer.concat([PKCS8_PREFIX, createHash('sha256').update(`synthetic ${name}`).digest()])
  const key = createPrivateKey({ key: pkcs8, format: 'der', type: 'pkcs8' })
  const spki = createPublicKey(key).export({ format: 'der', type: 'spki' })
  return { publicKey: new Uint8Array(spki.subarray(SPKI_PREFIX_BYTES)), sign: openStatementSigner(pkcs8, role) }
}

export class SyntheticLog {
  readonly seed: string
  /** whether its jobs average models, through the adder */
  readonly averaging: boolean
  readonly origin = originOf(FEDERATION, PARTIES)
  readonly participants: readonly Participant[]
  readonly logKey: Uint8Array
  readonly #keys: ReadonlyMap<string, SyntheticKey>
  readonly logSigner: StatementSigner
  readonly #tree = new CompactRange()
  readonly #states = new Map<Party, AuthorState>()
  #now = START

  constructor(seed = '1', averaging = false) {
    this.seed = seed
    this.averaging = averaging
    this.#keys = new Map(PARTIES.map((party) => [party, syntheticKey(`${seed} ${party}`, 'party')]))
    const logKey = syntheticKey(`${seed} log`, 'log')
    this.logKey = logKey.publicKey
    this.logSigner = logKey.sign
    this.participants = PARTIES.map((name) => ({ name, signingKey: this.keyOf(name).publicKey }))
    const collaboration = collaborationIdOf(FEDERATION, PARTIES)
    for (const author of PARTIES) {
      const { publicKey, sign } = this.keyOf(author)
      this.#states.set(author, firstState({ collaboration, author, sign, signingKey: publicKey }))
    }
  }

  /** The trust bundle that the log is opened with. */
  get trust(): TrustBundle {
    return this.editions.at(-1) as TrustBundle
  }

  /** Three editions, each following the one before. No certificate in them is real. */
  get editions(): readonly TrustBundle[] {
    const key = (bytes: Uint8Array) => Buffer.from(bytes).toString('base64')
    const rootOf = (name: string) => `root of ${name} ${this.seed}\n`
    const parties = this.participants.map(({ name, signingKey }) => {
      return { party: name, rootPem: rootOf(name), signingKey: key(signingKey) }
    })
    const coordinator = { rootPem: rootOf('coordinator'), logKey: key(this.logKey) }
    const editions: TrustBundle[] = []
    for (const edition of [1, 2, 3]) {
      const held = editions.at(-1)
      const previous = held === undefined ? NO_PREVIOUS : bundleDigest(held)
      editions.push({ version: 1, federation: FEDERATION, edition, previous, coordinator, parties, signatures: [] })
    }
    return editions
  }

  keyOf(party: string): SyntheticKey {
    const key = this.#keys.get(party)
    if (key === undefined) throw new RangeError(`no party ${party}`)
    return key
  }

  /** The next leaf: what `author` states, 5 ms after the one before. */
  append(author: Party, body: RecordBody): Uint8Array {
    this.#now += STEP_MS
    const state = this.#states.get(author) as AuthorState
    const { leaf, next } = makeRecord(state, body, new Date(this.#now))
    this.#states.set(author, next)
    this.#tree.append(leafHash(leaf))
    return leaf
  }

  /** Leaves 0 to count − 1; the log may stop in the middle of a job. Call once. */
  *leaves(count: number): Generator<Uint8Array> {
    let made = 0
    for (const [author, body] of this.#opening()) {
      if (made++ >= count) return
      yield this.append(author, { ...body, job: '' } as RecordBody)
    }
    for (let number = 0; made < count; number++) {
      const section = this.averaging ? { average: { dropout: { leastParties: 2 } } } : {}
      const spec = Buffer.from(JSON.stringify({ name: 'synthetic', seed: this.seed, number, ...section }))
      const job = jobIdOf(spec)
      for (const [author, body] of this.#job(spec, number)) {
        if (made++ >= count) return
        yield this.append(author, { ...body, job } as RecordBody)
      }
    }
  }

  /** The signed and cosigned checkpoint over all leaves made so far, at the time of the last one. */
  checkpoint(cosigners: readonly string[] = PARTIES): Uint8Array {
    const head = { origin: this.origin, size: this.#tree.size, root: this.#tree.root() }
    const note = signCheckpoint(head, { name: this.origin, publicKey: this.logKey }, this.logSigner)
    const time = new Date(this.#now + 1000)
    const lines = cosigners.map((name) => {
      const key: NoteKey = { name, publicKey: this.keyOf(name).publicKey }
      return cosign(note, key, this.keyOf(name).sign, time)
    })
    return addSignatures(note, lines)
  }

  *#opening(): Generator<Statement> {
    const participants = this.participants.map(({ name }) => {
      const state = this.#states.get(name as Party) as AuthorState
      return { party: name, keyid: state.keyid }
    })
    const body = { kind: 'collaboration.opened', federation: FEDERATION, participants } as const
    yield ['bank', { ...body, bundleDigest: bundleDigest(this.trust) }]
  }

  *#job(spec: Uint8Array, number: number): Generator<Statement> {
    const specDigest = createHash('sha256').update(spec).digest('hex')
    const approvals = new Map(PARTIES.map((owner) => [owner, this.#approval(owner, number)]))
    for (const [owner, document] of approvals) yield [owner, this.#grant(owner, document)]
    yield [
      'bank',
      { kind: 'job.proposed', specDigest, spec: Buffer.from(spec).toString('base64'), parties: [...PARTIES] },
    ]
    for (const [owner, document] of approvals) {
      yield [owner, { kind: 'job.accepted', specDigest, approval: approvalDigest(document) }]
    }
    const digests = new Map([...approvals].map(([owner, document]) => [owner, approvalDigest(document)]))
    const [first, second] = this.averaging ? ['statistics', 'average'] : ['align', 'train']
    for (const round of [0, 1]) yield* this.#round(first, round, number, digests)
    for (let round = 0; round <= TRAIN_ROUNDS + 1; round++) yield* this.#round(second, round, number, digests)
    for (const party of PARTIES) yield [party, { kind: 'job.closed', state: 'succeeded', code: '' }]
    yield ['tax', this.#access(number)]
    if (number % 5 === 4) {
      const approval = digests.get('tax') ?? ''
      yield ['tax', { kind: 'approval.revoked', approval, person: 'Wang Fang', code: 'project-ended' }]
    }
  }

  *#round(task: string, round: number, number: number, approvals: ReadonlyMap<Party, string>): Generator<Statement> {
    const isAverage = this.averaging && task === 'average'
    const leftOut = isAverage && round === VOIDED_ROUND + 1 ? { leftOut: [{ party: LOST, reason: 'away' }] } : {}
    const voided = isAverage && round === VOIDED_ROUND ? { voided: true as const } : {}
    for (const party of PARTIES) yield [party, { kind: 'round.opened', task, round, ...leftOut }]
    const said = new Map<Party, Body[]>(PARTIES.map((party) => [party, []]))
    for (const message of this.#messages(task, round, number)) {
      const { from, to } = message
      if (isReleased(message.class)) said.get(from as Party)?.push(this.#release(message))
      const sent = { ...message, approval: message.class === 'public-key' ? '' : (approvals.get(from as Party) ?? '') }
      // the adder writes no records
      said.get(from as Party)?.push({ kind: 'msg.sent', ...sent })
      said.get(to as Party)?.push({ kind: 'msg.received', ...message, approval: approvals.get(to as Party) ?? '' })
    }
    for (const party of PARTIES) {
      for (const key of this.#keysOf(task, round, number, party)) yield [party, key]
      for (const body of said.get(party) ?? []) yield [party, body]
      const recordDigest = this.#digest(task, round, number, party)
      yield [party, { kind: 'round.closed', task, round, recordDigest, ...voided }]
    }
  }

  #keysOf(task: string, round: number, number: number, party: Party): Body[] {
    if (this.averaging || task !== 'train' || round !== 0 || party !== 'bank') return []
    const publicDigest = this.#digest('key', number)
    const keyId = publicDigest.slice(0, 32)
    return [{ kind: 'key.published', task, round, keyId, purpose: 'gradient', set: 'bfv-8192', publicDigest }]
  }

  /** What crosses in a round, as both ends say it. */
  #messages(task: string, round: number, number: number): Message[] {
    const keyId = this.#digest('key', number).slice(0, 32)
    const message = (step: string, name: Message['class'], from: End, to: End, more = {}): Message => {
      const digest = this.#digest(task, round, number, step, from, to)
      const size = 1 + (Number.parseInt(digest.slice(0, 4), 16) % 40)
      const facts = { messages: size, bytes: size * 393_329, digest, decision: 'allowed' }
      return { task, round, step, from, to, class: name, ...facts, keyId: '', decryptableBy: [], ...more }
    }
    if (this.averaging) return this.#averaging(task, round, number, message)
    const encrypted = { keyId, decryptableBy: ['bank'] }
    return (['park', 'tax'] as const).flatMap((host) => {
      if (task === 'align') {
        return round === 0
          ? [message('commitments', 'control', 'bank', host), message('commitments', 'control', host, 'bank')]
          : [message('points', 'psi-points', 'bank', host), message('count', 'released-aggregate', host, 'bank')]
      }
      return round === 0
        ? [message('guest-gradient-key', 'public-key', 'bank', host, { ...encrypted, decryptableBy: [] })]
        : [
            message('guest-residual', 'ciphertext', 'bank', host, encrypted),
            message('host-gradient', 'ciphertext', host, 'bank', encrypted),
            message('score-share', 'masked-share', host, 'bank', { decryptableBy: ['bank'] }),
            message('sides', 'split-sides', host, 'bank'),
          ]
    })
  }

  /** Updates of all to the adder, their sum to the opener, and what it tells the others. */
  #averaging(task: string, round: number, number: number, message: MakeMessage): Message[] {
    if (round === 0) return [message('terms', 'control', 'bank', 'park'), message('terms', 'control', 'tax', 'bank')]
    const isLost = task === 'average' && (round === VOIDED_ROUND || round === VOIDED_ROUND + 1)
    const here = isLost && round > VOIDED_ROUND ? PARTIES.filter((party) => party !== LOST) : PARTIES
    const opener = here[round % here.length] as Party
    const others = (own: Party) => here.filter((party) => party !== own)
    const under = { keyId: this.#digest('label', number, task, round), messages: 1 }
    const senders = isLost ? PARTIES.filter((party) => party !== LOST) : PARTIES
    const updates = senders.map((party) =>
      message('update', 'ciphertext', party, ADDER, { ...under, decryptableBy: others(party) }),
    )
    if (isLost && round === VOIDED_ROUND) return updates
    return [
      ...updates,
      // in the last round all open it together
      message('sum', 'ciphertext', ADDER, opener, {
        ...under,
        decryptableBy: round > TRAIN_ROUNDS ? [...PARTIES] : [opener],
      }),
      ...PARTIES.filter((party) => party !== opener).map((party) =>
        message('mean', 'released-aggregate', opener, party),
      ),
    ]
  }

  #release({ task, round, step }: Message): Body {
    const what = 'size of the intersection'
    return { kind: 'cell.released', task, round, step, what, count: '10000-19999', threshold: 1000, check: 'passed' }
  }

  #access(number: number): Body {
    const object = `log of job ${number}`
    return { kind: 'access', actor: 'Wang Fang', role: 'compliance', object, purpose: 'review', decision: 'allowed' }
  }

  #grant(owner: Party, document: Approval): Body {
    const time = new Date(this.#now).toISOString()
    const signer = (person: string, role: string) => {
      return { person, role, keyid: this.#digest(person, owner).slice(0, 16), time }
    }
    const signers = [signer('Li Wei', 'steward'), signer('Wang Fang', 'compliance')]
    return { kind: 'approval.granted', approval: approvalDigest(document), document, signers }
  }

  #approval(owner: Party, number: number): Approval {
    return {
      v: 1,
      id: `approval-${this.#digest('approval', owner, number).slice(0, 12)}`,
      owner,
      dataset: `${owner}_customers`,
      datasetVersion: `schema-${this.#digest('schema', owner).slice(0, 16)}`,
      columns: ['income', 'tax_paid', 'months_active'],
      purpose: 'credit model',
      legalBasis: 'contract 2026-11, PIPL art. 13(2)',
      guest: 'bank',
      counterparties: PARTIES.filter((party) => party !== owner && party !== 'bank'),
      protocols: [{ name: 'vertical-lr', version: '1', card: this.#digest('card') }],
      floors: {
        minIntersection: 1000,
        minBinRows: 100,
        minLeafRows: 100,
        minDifference: 10,
        maxDigits: 5,
        maxRounds: TRAIN_ROUNDS + 1,
        maxReleasedCells: 10,
      },
      receivers: ['bank'],
      validFrom: '2026-01-01T00:00:00.000Z',
      validTo: '2027-01-01T00:00:00.000Z',
      runs: 1,
      retention: 'P3Y',
    }
  }

  #digest(...words: readonly (string | number)[]): string {
    return createHash('sha256')
      .update([this.seed, ...words].join(' '))
      .digest('hex')
  }
}

type End = Party | typeof ADDER
type MakeMessage = (step: string, name: Message['class'], from: End, to: End, more?: object) => Message

interface Message {
  readonly task: string
  readonly round: number
  readonly step: string
  readonly from: End
  readonly to: End
  readonly class: MessageKind
  readonly messages: number
  readonly bytes: number
  readonly digest: string
  readonly decision: string
  readonly keyId: string
  readonly decryptableBy: string[]
}
