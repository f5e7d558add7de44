// A long run of many parties in the form in which an agent holds its log, for what must stay quick at that size: each host
// sends the guest a ciphertext and a masked share in every round, and the guest releases the loss. Keys follow from names.
import { createHash } from 'node:crypto'
import { mkdirSync } from 'node:fs'
import { join } from 'node:path'
import { MIRROR_FILE, MirrorStore } from '#party-agent/log/mirror-store.ts'
import { CompactRange, leafHash } from '#crypto/log/merkle.ts'
import { addSignatures, cosign, signCheckpoint } from '#crypto/log/note.ts'
import { jobIdOf } from '#protocols/core/job-spec.ts'
import {
  type AuthorState,
  collaborationIdOf,
  firstState,
  makeRecord,
  originOf,
  type RecordBody,
} from '#protocols/log/records.ts'
import { syntheticKey } from './synthetic-log.ts'

const WIDE_FEDERATION = 'wide'
const START = Date.parse('2026-01-05T08:00:00.000Z')
const STEP_MS = 20
const LEAVES_AT_ONCE = 5000

export interface WideRun {
  readonly job: string
  readonly collaboration: string
  readonly parties: readonly string[]
  readonly records: number
}

/** Writes it to <home>/log. @param hosts beside the guest `bank` */
export function writeWideRun(home: string, { hosts, rounds }: { hosts: number; rounds: number }): WideRun {
  const parties = ['bank', ...Array.from({ length: hosts }, (_, i) => `host-${i + 1}`)]
  const collaboration = collaborationIdOf(WIDE_FEDERATION, parties)
  const spec = Buffer.from(JSON.stringify({ name: 'a wide run', purpose: 'credit model', rounds }))
  const job = jobIdOf(spec)
  const folder = join(home, 'log', collaboration)
  mkdirSync(folder, { recursive: true })
  const states = new Map<string, AuthorState>()
  for (const author of parties) {
    const { sign, publicKey } = syntheticKey(author, 'party')
    states.set(author, firstState({ collaboration, author, sign, signingKey: publicKey }))
  }
  using store = new MirrorStore(join(folder, MIRROR_FILE))
  store.about({ federation: WIDE_FEDERATION, party: 'host-1', parties: parties.toSorted() })
  const tree = new CompactRange()
  let leaves: Uint8Array[] = []
  let [size, now] = [0, START]
  for (const [author, body] of statements(parties, spec, rounds)) {
    const { leaf, next } = makeRecord(states.get(author) as AuthorState, { ...body, job } as RecordBody, new Date(now))
    states.set(author, next)
    tree.append(leafHash(leaf))
    leaves.push(leaf)
    now += STEP_MS
    if (leaves.length < LEAVES_AT_ONCE) continue
    store.append(size, leaves, { size: size + leaves.length, note: new Uint8Array() })
    size += leaves.length
    leaves = []
  }
  const origin = originOf(WIDE_FEDERATION, parties)
  const logKey = syntheticKey('wide log', 'log')
  const head = { origin, size: tree.size, root: tree.root() }
  const note = signCheckpoint(head, { name: origin, publicKey: logKey.publicKey }, logKey.sign)
  const lines = parties.map((name) => {
    const { publicKey, sign } = syntheticKey(name, 'party')
    return cosign(note, { name, publicKey }, sign, new Date(now))
  })
  const sealed = { size: tree.size, note: addSignatures(note, lines) }
  store.append(size, leaves, sealed)
  store.seal(sealed)
  return { job, collaboration, parties, records: tree.size }
}

type Body = RecordBody extends infer B ? (B extends RecordBody ? Omit<B, 'job'> : never) : never

function* statements(parties: readonly string[], spec: Uint8Array, rounds: number): Generator<[string, Body]> {
  const specDigest = createHash('sha256').update(spec).digest('hex')
  const [guest = '', ...hosts] = parties
  yield [guest, { kind: 'job.proposed', specDigest, spec: Buffer.from(spec).toString('base64'), parties: [...parties] }]
  for (const party of parties) yield [party, { kind: 'job.accepted', specDigest, approval: '' }]
  for (let round = 0; round < rounds; round++) {
    const at = { task: 'train', round }
    for (const party of parties) yield [party, { kind: 'round.opened', ...at }]
    for (const from of hosts) {
      for (const [step, name] of [
        ['host-gradient', 'ciphertext'],
        ['score-share', 'masked-share'],
      ] as const) {
        const message = {
          ...at,
          step,
          from,
          to: guest,
          class: name,
          messages: 1,
          bytes: 100_000,
          digest: specDigest,
          keyId: specDigest.slice(0, 32),
          decryptableBy: [guest],
          approval: '',
          decision: 'allowed',
        }
        yield [from, { kind: 'msg.sent', ...message }]
        yield [guest, { kind: 'msg.received', ...message }]
      }
    }
    yield [guest, { kind: 'metric.released', ...at, step: 'loss', name: 'training loss', value: '0.5' }]
    for (const party of parties) yield [party, { kind: 'round.closed', ...at, recordDigest: specDigest }]
  }
  for (const party of parties) yield [party, { kind: 'job.closed', state: 'succeeded', code: '' }]
}
