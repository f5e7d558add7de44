// For tests: the coordinator's part of one round log, in memory, doing exactly what the test tells it, foul play included.
import { keyIdOf, openStatementSigner } from '#crypto/log/ed25519.ts'
import { parseRecord } from '#crypto/log/dsse.ts'
import { CompactRange, leafHash } from '#crypto/log/merkle.ts'
import { addSignatures, signCheckpoint } from '#crypto/log/note.ts'
import { makeSigningKey, type SigningKey } from '#crypto/identity/signing.ts'
import type { TrustBundle } from '#crypto/identity/trust.ts'
import { collaborationIdOf, originOf, recordIn } from '#protocols/log/records.ts'
import type { AgentFrame } from '#protos/gen/tributary/v1/AgentFrame.ts'
import type { LogAck__Output } from '#protos/gen/tributary/v1/LogAck.ts'
import type { LogEntries__Output } from '#protos/gen/tributary/v1/LogEntries.ts'

/** What the hub talks to: an AgentLog, or one at the other end of a connection. */
export interface LogPeer {
  entriesArrived(entries: LogEntries__Output): void
  acknowledged(ack: LogAck__Output): void
}

export class LogHub {
  readonly collaboration: string
  readonly leaves: Buffer[] = []
  readonly #origin: string
  readonly #parties: readonly string[]
  readonly #key: { readonly publicKey: Uint8Array; sign(statement: Uint8Array): Uint8Array }
  readonly #peers = new Map<string, LogPeer>()
  readonly #held = new Map<string, number>()
  readonly #cosigned = new Map<string, { readonly size: number; readonly line: string }>()

  constructor(
    federation: string,
    parties: readonly string[],
    key: { readonly publicKey: Uint8Array; sign(statement: Uint8Array): Uint8Array },
  ) {
    this.collaboration = collaborationIdOf(federation, parties)
    this.#origin = originOf(federation, parties)
    this.#parties = parties
    this.#key = key
  }

  attach(party: string, peer: LogPeer): void {
    this.#peers.set(party, peer)
  }

  hear(party: string, frame: AgentFrame): void {
    const { log_sync: sync, log_append: append, cosignature } = frame
    if (sync) this.#held.set(party, Number(sync.size))
    for (const leaf of append?.leaves ?? []) this.#take(party, leaf as Buffer)
    if (cosignature) {
      const { size = 0, line = '' } = cosignature
      this.#cosigned.set(party, { size: Number(size), line })
    }
  }

  /** Everybody hears all leaves and one checkpoint over them, then the cosignatures when there are all of them. */
  publish(): void {
    const checkpoint = this.note()
    const leaves = [...this.leaves] // who hears them may add to them
    for (const [party, peer] of this.#peers) {
      const from = this.#held.get(party) ?? 0
      this.#held.set(party, leaves.length)
      peer.entriesArrived(this.entries(from, leaves.slice(from), checkpoint))
    }
  }

  seal(): void {
    const checkpoint = this.sealedNote()
    for (const peer of this.#peers.values()) peer.entriesArrived(this.entries(this.leaves.length, [], checkpoint))
  }

  /** Who cosigned the log as it is. */
  get cosigners(): string[] {
    return this.#parties.filter((party) => this.#cosigned.get(party)?.size === this.leaves.length)
  }

  /** The last cosignature of each of these. */
  linesOf(parties: readonly string[]): string[] {
    return parties.map((party) => this.#cosigned.get(party)?.line ?? '')
  }

  note(leaves: readonly Uint8Array[] = this.leaves): Buffer {
    const tree = new CompactRange()
    for (const leaf of leaves) tree.append(leafHash(leaf))
    const head = { origin: this.#origin, size: leaves.length, root: tree.root() }
    const { publicKey, sign } = this.#key
    return Buffer.from(signCheckpoint(head, { name: this.#origin, publicKey }, sign))
  }

  sealedNote(note = this.note()): Buffer {
    return Buffer.from(addSignatures(note, this.linesOf(this.cosigners)))
  }

  entries(from: number, leaves: readonly Uint8Array[], checkpoint: Buffer): LogEntries__Output {
    return { collaboration: this.collaboration, from, leaves: leaves.map((leaf) => Buffer.from(leaf)), checkpoint }
  }

  #take(party: string, leaf: Buffer): void {
    const record = recordIn(parseRecord(leaf))
    if (this.leaves.length === 0 && record.kind !== 'collaboration.opened') return
    if (!this.leaves.some((known) => known.equals(leaf))) this.leaves.push(leaf)
    this.#peers.get(party)?.acknowledged({ collaboration: this.collaboration, seq: record.seq })
  }
}

export interface TestParty {
  readonly federation: string
  readonly party: string
  readonly key: SigningKey
  signStatement(statement: Uint8Array): Uint8Array
}

/** Keys without homes, and a bundle without certificates: all that a log looks at. */
export function testParties(federation: string, names: readonly string[]) {
  const logKey = makeSigningKey()
  const parties = names.map((party): TestParty => {
    const key = makeSigningKey()
    return { federation, party, key, signStatement: openStatementSigner(key.privateKey, 'party') }
  })
  const bundle: TrustBundle = {
    version: 1,
    federation,
    edition: 1,
    previous: '0'.repeat(64),
    coordinator: { rootPem: '', logKey: Buffer.from(logKey.publicKey).toString('base64') },
    parties: parties.map(({ party, key }) => {
      return { party, rootPem: '', signingKey: Buffer.from(key.publicKey).toString('base64') }
    }),
    signatures: [],
  }
  const sign = openStatementSigner(logKey.privateKey, 'log')
  return {
    parties,
    bundle,
    logKey: { publicKey: logKey.publicKey, sign },
    keyIds: parties.map((p) => keyIdOf(p.key.publicKey)),
  }
}
