// For tests: an adder behind a real relay, and parties that send it updates as agents would.
import { hkdfSync, randomBytes } from 'node:crypto'
import { EnvelopePair, makeSealingKey, sealingKeyOf, signSealingKey } from '#crypto/envelope.ts'
import type { AdderIdentity } from '#crypto/identity/coordinator-home.ts'
import { makeSigningKey, openSigner } from '#crypto/identity/signing.ts'
import type { TrustBundle } from '#crypto/identity/trust.ts'
import { encryptAll, openAll, type SampleRound, sampleRound } from '#crypto/aggregate/sample-round.ts'
import { ADDER } from '#protocols/core/contract.ts'
import type { JobSpec } from '#protocols/core/job-spec.ts'
import { chunksOf, Reassembly } from '#protocols/core/reassembly.ts'
import { decodeTaskMessage, encodeTaskMessage, type TaskMessage } from '#protocols/core/task-message.ts'
import { sum, update, type UpdateHeader } from '#protocols/fedavg/bodies.ts'
import type { CoordinatorFrame } from '#protos/gen/tributary/v1/CoordinatorFrame.ts'
import type { Ack__Output } from '#protos/gen/tributary/v1/Ack.ts'
import type { Chunk__Output } from '#protos/gen/tributary/v1/Chunk.ts'
import { PlatformError } from '#runtime/errors.ts'
import { silentLogger } from '#runtime/log.ts'
import { Secret } from '#runtime/secret.ts'
import type { Attendance } from '../jobs/attendance.ts'
import type { JobRecord } from '../jobs/job-record.ts'
import { Outlet } from '../relay/outlet.ts'
import { Relay } from '../relay/relay.ts'
import { type AdderTimes, JobAdder } from './job-adder.ts'
import { MAX_UPDATE_BYTES } from './update-inbox.ts'

export const JOB = 'job-0123456789abcdef0123'
export const PARTIES = ['bank', 'tax', 'social'] as const
const QUICK: AdderTimes = { gapMs: 5, stallMs: 60, waitMs: 20 }
const SPEC = { average: {}, statistics: {} } as unknown as JobSpec

const signers = new Map([...PARTIES, ADDER].map((party) => [party, openSigner(makeSigningKey().privateKey)]))
const sealingKeys = new Map(PARTIES.map((party) => [party as string, makeSealingKey()]))
const signerOf = (party: string) => signers.get(party) as ReturnType<typeof openSigner>
const base64 = (bytes: Uint8Array) => Buffer.from(bytes).toString('base64')

const identity: AdderIdentity = {
  party: ADDER,
  sign: (context, bytes) => signerOf(ADDER).sign(context, bytes),
  sealingKey: (job, salt) => sealingKeyOf(new Secret('test', new Uint8Array(hkdfSync('sha256', 'key', salt, job, 32)))),
}
const bundle = {
  parties: PARTIES.map((party) => ({ party, signingKey: base64(signerOf(party).publicKey) })),
} as unknown as TrustBundle

function recordOf(): JobRecord {
  const replies = Object.fromEntries(
    PARTIES.map((party) => {
      const { publicKey } = sealingKeys.get(party) as { publicKey: Uint8Array }
      const signature = signSealingKey({ party, sign: signerOf(party).sign }, JOB, publicKey)
      return [party, { accepted: true, sealingKey: base64(publicKey), sealingSignature: base64(signature) }]
    }),
  )
  const [guest, ...hosts] = PARTIES
  return { job: JOB, guest, hosts, replies, adderSalt: base64(randomBytes(32)) } as unknown as JobRecord
}

/** A coordinator's relay and adder; `restart` is another process that has the same record of the job. */
export class TestAdder {
  readonly refused: string[] = []
  readonly parties: ReadonlyMap<string, ScriptedParty>
  readonly #record = recordOf()
  readonly #memoryBytes: number
  /** of the task average */
  openRound = 1
  /** of the open round */
  attendance: Partial<Attendance> = {}
  /** whether a sum may be sent */
  maySum = true
  /** how often that cannot be written down first */
  fullDisks = 0
  relay!: Relay
  adder!: JobAdder

  constructor(memoryBytes = 2 ** 28) {
    this.#memoryBytes = memoryBytes
    this.restart()
    this.parties = new Map(PARTIES.map((party) => [party, new ScriptedParty(party, this)]))
  }

  restart(): void {
    this.adder?.[Symbol.dispose]()
    this.relay = new Relay({ jobBytes: 2 ** 32, now: () => 0 })
    const refused = (_: string, party: string, error: PlatformError) => void this.refused.push(`${party} ${error.code}`)
    const tasks = () => [
      { task: 'statistics', state: 'succeeded', round: 2 },
      { task: 'average', state: 'running', round: this.openRound, attendance: { open: this.#attendance() } },
    ]
    const recordOf = () => ({ ...this.#record, tasks: tasks() }) as unknown as JobRecord
    const shared = {
      identity,
      trust: { bundle },
      relay: this.relay,
      recordOf,
      log: silentLogger,
      times: QUICK,
      summing: () => {
        if (this.fullDisks-- > 0) throw new PlatformError('storage.full')
        return this.maySum
      },
      refused,
    }
    this.adder = new JobAdder({ ...shared, memoryBytes: this.#memoryBytes })
    this.relay.openJob(JOB, PARTIES, [], this.adder.open(this.#record, SPEC))
  }

  #attendance(): Attendance {
    return { leftOut: {}, lost: {}, voided: false, summedBy: '', ...this.attendance }
  }

  party(name: string): ScriptedParty {
    return this.parties.get(name) as ScriptedParty
  }
}

/** A party's outbox and inbox towards the adder, reduced to what a test needs to see. */
export class ScriptedParty {
  readonly name: string
  readonly acks: Ack__Output[] = []
  /** messages of the adder, opened */
  readonly sums: TaskMessage[] = []
  /** says nothing of what it got */
  mute = false
  readonly #test: TestAdder
  readonly #sent: Uint8Array[] = []
  readonly #reassembly = new Reassembly(MAX_UPDATE_BYTES)
  #outlet: Outlet | undefined

  constructor(name: string, test: TestAdder) {
    this.name = name
    this.#test = test
  }

  /** Connects, says what it has, and sends again what is not acknowledged: as an agent does. */
  async connect(): Promise<void> {
    const { relay, adder } = this.#test
    const write = (frame: CoordinatorFrame, flushed: () => void) => {
      flushed()
      this.#arrived(frame)
    }
    this.#outlet = new Outlet(this.name, { write }, () => undefined)
    relay.connect(this.#outlet)
    adder.agentConnected(this.name)
    if (this.sums.length > 0) await this.acknowledge()
    await this.resend()
  }

  disconnect(): void {
    if (this.#outlet !== undefined) this.#test.relay.disconnect(this.#outlet)
    this.#test.adder.agentDisconnected(this.name)
  }

  get acknowledged(): number {
    return Math.max(0, ...this.acks.map(({ seq }) => seq))
  }

  get held(): number {
    return Math.max(0, ...this.acks.map(({ held }) => held))
  }

  /** Seals a message to the adder as the next one, stores it and sends it. */
  async send(message: TaskMessage): Promise<void> {
    this.store(message)
    await this.resend(this.#sent.length - 1)
  }

  /** Stored, and not sent: what a crash leaves. */
  store(message: TaskMessage): void {
    this.#sent.push(this.#pair().seal(this.#sent.length + 1, encodeTaskMessage(message)))
  }

  async resend(from = this.acknowledged): Promise<void> {
    for (const [i, envelope] of this.#sent.slice(from).entries()) await this.put(from + i + 1, envelope)
  }

  /** An envelope on the wire, whatever it is. */
  async put(seq: number, envelope: Uint8Array, chunks = Number.POSITIVE_INFINITY): Promise<void> {
    const address = { job: JOB, from: this.name, to: ADDER, seq }
    for (const chunk of chunksOf(envelope, address))
      if (chunk.index < chunks) await this.#test.relay.forwardChunk(this.name, chunk)
  }

  seal(seq: number, message: TaskMessage): Uint8Array {
    return this.#pair().seal(seq, encodeTaskMessage(message))
  }

  async acknowledge(seq = this.sums.length): Promise<void> {
    await this.#test.relay.forwardAck(this.name, { job: JOB, from: this.name, to: ADDER, seq, held: 0 })
  }

  #arrived({ chunk, ack }: CoordinatorFrame): void {
    if (ack) this.acks.push(ack as Ack__Output)
    if (!chunk) return
    const envelope = this.#reassembly.add(chunk as Chunk__Output)
    if (envelope === undefined) return
    const seq = chunk.seq as number
    if (seq === this.sums.length + 1) this.sums.push(decodeTaskMessage(this.#pair().open(seq, envelope)))
    if (!this.mute) void this.acknowledge()
  }

  #pair(): EnvelopePair {
    const key = this.#test.adder.keyOf(JOB)
    return new EnvelopePair({
      job: JOB,
      self: this.name,
      peer: ADDER,
      own: sealingKeys.get(this.name) as ReturnType<typeof makeSealingKey>,
      peerSealingKey: new Uint8Array(key?.sealing_key as Buffer),
      sign: signerOf(this.name).sign,
      peerSigningKey: signerOf(ADDER).publicKey,
    })
  }
}

export interface TestRound {
  readonly round: SampleRound
  readonly header: UpdateHeader
  readonly values: ReadonlyMap<string, Uint32Array>
  /** the message of each party */
  readonly updates: ReadonlyMap<string, TaskMessage>
}

/** Encrypted updates of a round that the bank opens. */
export function testRound(number: number, parameters = 5000, change: Partial<UpdateHeader> = {}): TestRound {
  const round = sampleRound(PARTIES.length, { round: number })
  const { label } = round
  const header = { label, opener: 'bank', number, participants: PARTIES, parameters, ...change }
  const values = new Map<string, Uint32Array>()
  const updates = new Map<string, TaskMessage>()
  for (const [i, party] of PARTIES.entries()) {
    const own = Uint32Array.from({ length: parameters }, (_, at) => (i * 7919 + at * 31) % round.fields.levels)
    values.set(party, own)
    updates.set(party, messageOf(number, header, encryptAll(round, i, own)))
  }
  return { round, header, values, updates }
}

export function messageOf(round: number, header: UpdateHeader, chunks: readonly Uint8Array[]): TaskMessage {
  const payload = update.encode({ ...header, chunks })
  const keyId = Buffer.from(header.label).toString('hex')
  return { task: 'average', header: { round, step: 'update', part: 0, kind: 'ciphertext', keyId }, payload }
}

/** What the opener reads out of a sum. */
export function opened({ round, header }: TestRound, { payload }: TaskMessage): Uint32Array {
  return openAll(round, sum.decode(payload).chunks, header.parameters)
}

export function totals({ values, header }: TestRound): Uint32Array {
  const all = [...values.values()]
  return Uint32Array.from({ length: header.parameters }, (_, i) =>
    all.reduce((acc, own) => acc + (own[i] as number), 0),
  )
}
