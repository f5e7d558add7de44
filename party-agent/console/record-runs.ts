// A run with the status of its log, as the console tells it.
import type { RecordLine, Run, WholeRecord } from '#console/api/record-shapes.ts'
import { leafHash } from '#crypto/log/merkle.ts'
import { parseRecord } from '#crypto/log/dsse.ts'
import { leafDigest, type LogRecord } from '#protocols/log/records.ts'
import { type HeldLog, recordOfLeaf } from '../log/log-index.ts'
import { type IndexedJob, placeOf } from '../log/indexed-log.ts'
import type { MirrorStore } from '../log/mirror-store.ts'

export function runOf(log: HeldLog, job: IndexedJob, disputes: number): Run {
  const { incidents, sealedSize, sealedRoot, cosigned, index } = log
  const state = stateOf(job)
  const ended = [...job.closed.values()].map(({ time }) => time)
  const isSealed = state !== 'running' && job.lastOfCourse < sealedSize
  return {
    job: job.job,
    collaboration: log.collaboration,
    name: job.name,
    purpose: job.purpose,
    guest: job.guest,
    parties: [...job.parties],
    state,
    started: timeOf(job.started),
    ...(state === 'running' ? {} : { ended: timeOf(Math.max(...ended)) }),
    rounds: job.rounds.length,
    records: job.numbers.length,
    log: {
      state: incidents.length > 0 ? 'frozen' : isSealed ? 'sealed' : 'open',
      size: index.size,
      sealedSize,
      root: sealedRoot,
      cosigned: cosigned.map(({ party, time }) => ({ party, time: timeOf(time * 1000) })),
      incidents: [...incidents],
    },
    ...job.counts,
    disputes,
  }
}

/** Of all parties together: a job is over when each has said so, or one has said that it failed. */
function stateOf({ closed, parties }: IndexedJob): Run['state'] {
  const states = new Set([...closed.values()].map(({ state }) => state))
  if (states.has('failed')) return 'failed'
  if (states.has('cancelled')) return 'cancelled'
  return parties.length > 0 && parties.every((party) => closed.has(party)) ? 'succeeded' : 'running'
}

/** Of an index, in milliseconds. */
export function timeOf(milliseconds: number): string {
  return new Date(milliseconds).toISOString()
}

/** A record in a list. */
export function lineOf(log: HeldLog, store: MirrorStore, number: number): RecordLine {
  const record = recordOfLeaf(leafOf(log, store, number))
  const { time, author, kind, job } = record
  const isSealed = number < log.sealedSize
  return { collaboration: log.collaboration, number, time, author, kind, job, isSealed, gist: gistOf(record) }
}

type Gist = RecordLine['gist']

/** What a record says in a few words: the plain fields of its kind, and of what is long only its size. */
export function gistOf(record: LogRecord): Gist {
  switch (record.kind) {
    case 'collaboration.opened':
      return { federation: record.federation, participants: namesOf(record.participants.map(({ party }) => party)) }
    case 'job.proposed':
      return { parties: namesOf(record.parties) }
    case 'approval.granted': {
      const { id, dataset, columns, purpose } = record.document
      return { id, dataset, columns: columns.length, purpose, signers: namesOf(record.signers.map((s) => s.person)) }
    }
    case 'round.opened': {
      const { task, round, leftOut } = record
      const left = leftOut === undefined ? {} : { leftOut: namesOf(leftOut.map(({ party }) => party)) }
      return { task, round, ...left }
    }
    case 'msg.sent':
    case 'msg.received': {
      const { task, round, step, from, to, messages, bytes } = record
      return { task, round, step, from, to, class: record.class, messages, bytes }
    }
    default:
      return plainFields(record)
  }
}

const COMMON = new Set(['v', 'kind', 'collaboration', 'author', 'seq', 'prev', 'time', 'job'])
const DIGESTS = /^[0-9a-f]{32,}$/

function plainFields(record: LogRecord): Gist {
  const fields = Object.entries(record).filter(([name, value]) => {
    if (COMMON.has(name) || value === '') return false
    if (typeof value === 'string') return !DIGESTS.test(value)
    return typeof value === 'number' || typeof value === 'boolean'
  })
  return Object.fromEntries(fields) as Gist
}

const namesOf = (names: readonly string[]) => names.join(', ')

/** @throws PlatformError log.malformed where it is none */
function leafOf(log: HeldLog, store: MirrorStore, number: number): Uint8Array {
  const leaf = store.leaf(number)
  if (leaf === undefined) throw new RangeError(`${log.folder} has no leaf ${number}`)
  return leaf
}

/** A record with all its fields. @param other number of the record at the other end of a message */
export function wholeOf(log: HeldLog, store: MirrorStore, number: number, other: number | undefined): WholeRecord {
  const leaf = leafOf(log, store, number)
  const { keyid, signature } = parseRecord(leaf)
  const { kind, ...record } = recordOfLeaf(leaf)
  const spec = 'spec' in record ? Buffer.from(record.spec, 'base64').toString('utf8') : undefined
  return {
    collaboration: log.collaboration,
    number,
    isSealed: number < log.sealedSize,
    leafHash: Buffer.from(leafHash(leaf)).toString('hex'),
    digest: leafDigest(leaf),
    bytes: leaf.length,
    signature: { keyId: keyid, base64: Buffer.from(signature).toString('base64'), party: record.author },
    kind,
    record,
    ...(spec === undefined ? {} : { specification: spec }),
    ...(other === undefined ? {} : { otherEnd: other }),
  }
}

/** Where the other end of a message recorded it; undefined where it did not, and for all other records. */
export function otherEndOf(log: HeldLog, store: MirrorStore, number: number): number | undefined {
  const record = recordOfLeaf(leafOf(log, store, number))
  if (record.kind !== 'msg.sent' && record.kind !== 'msg.received') return undefined
  const wanted = record.kind === 'msg.sent' ? 'msg.received' : 'msg.sent'
  const { columns, jobs } = log.index
  const job = jobs.get(record.job)
  const own = columns.row(number)
  if (job === undefined) return undefined
  const place = placeOf(job, own.position)
  return job.numbers.find((candidate) => {
    const row = columns.row(candidate)
    const fits = row.kind === wanted && row.author === own.peer && row.peer === own.author && row.class === own.class
    if (!fits || placeOf(job, row.position) !== place) return false
    const other = recordOfLeaf(leafOf(log, store, candidate))
    return 'step' in other && 'keyId' in other && other.step === record.step && other.keyId === record.keyId
  })
}
