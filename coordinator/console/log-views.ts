// Round logs as people at the coordinator see them: sizes, checkpoints, who cosigned, and records as digests with the
// fields that tell of the course of a job. What records say beyond that (specifications, approvals, names of released
// cells and their values, people of a party) is between the participants of the log: they have it at their agents.
import type { LogDetail, LogLine, RecordLine } from '#console/api/coordinator.ts'
import { parseRecord } from '#crypto/log/dsse.ts'
import { CompactRange, leafHash } from '#crypto/log/merkle.ts'
import { verifyCheckpoint } from '#crypto/log/note.ts'
import { parseTilePath, TILE_WIDTH, tilesOf } from '#crypto/log/tiles.ts'
import { leafDigest, type LogRecord, type RecordKind, recordIn } from '#protocols/log/records.ts'
import { PlatformError } from '#runtime/errors.ts'
import type { LogView } from '../log/round-logs.ts'
import type { CoordinatorParts } from './parts.ts'

/** leaves that one call looks at, so that a filter which fits nothing does not hold up the relay */
const MOST_LOOKED_AT = 2000
const AT_A_TIME = 100
const PAGE = 50

const AT = ['task', 'round'] as const
const MESSAGE = [...AT, 'step', 'from', 'to', 'class', 'messages', 'bytes', 'digest'] as const
/** The fields of each kind that are shown here. A kind that is new shows none until somebody decides. */
const SHOWN: Readonly<Record<RecordKind, readonly string[]>> = {
  'collaboration.opened': ['federation', 'bundleDigest'],
  'job.proposed': ['specDigest'],
  'job.accepted': ['specDigest'],
  'approval.granted': [],
  'approval.revoked': [],
  'policy.refused': [...AT, 'step', 'code'],
  'key.published': [...AT, 'keyId', 'purpose', 'publicDigest'],
  'round.opened': AT,
  'msg.sent': MESSAGE,
  'msg.received': MESSAGE,
  'cell.released': [...AT, 'step', 'check'],
  'metric.released': [...AT, 'step'],
  'model.digest': [...AT, 'digest'],
  'round.closed': [...AT, 'recordDigest'],
  'job.closed': ['state', 'code'],
  anomaly: [...AT, 'code', 'peer'],
  access: ['decision'],
  'export.made': ['size', 'root'],
}

export function logLines(parts: CoordinatorParts): LogLine[] {
  return parts.logs.views().map((view) => logLine(parts, view))
}

/** @throws PlatformError console.unknown */
export function logDetail(parts: CoordinatorParts, collaboration: string): LogDetail {
  const view = viewOf(parts, collaboration)
  const { origin, headSize, note } = view
  return {
    ...logLine(parts, view),
    origin,
    root: headSize === 0 ? '' : Buffer.from(factsOf(parts, view).root).toString('hex'),
    checkpoint: Buffer.from(note).toString('utf8'),
    tiles: tilesOf(headSize).length,
  }
}

export interface RecordsQuery {
  readonly limit?: number
  readonly after?: string
  readonly job?: string
  readonly kind?: string
  readonly author?: string
}

/**
 * Newest first. A page can be shorter than asked for, and still have a next one, where few records fit the filter.
 * @throws PlatformError console.unknown, console.request for a cursor that is none
 */
export async function recordPage(parts: CoordinatorParts, collaboration: string, query: RecordsQuery) {
  const { size } = viewOf(parts, collaboration)
  const { limit = PAGE, after } = query
  if (after !== undefined && !/^[0-9]{1,15}$/.test(after)) throw badRequest('after')
  const items: RecordLine[] = []
  let number = Math.min(size, after === undefined ? size : Number(after))
  for (let looked = 0; number > 0 && items.length < limit && looked < MOST_LOOKED_AT; looked++) {
    number -= 1
    const line = recordLine(parts, collaboration, number)
    if (fits(line, query)) items.push(line)
    if (looked % AT_A_TIME === AT_A_TIME - 1) await new Promise(setImmediate)
  }
  return number > 0 ? { items, next: String(number) } : { items }
}

/**
 * A tile of the tree under the last checkpoint, of level 0 or 1.
 * @throws PlatformError console.unknown for a log or a tile that is not there, or one of a higher level: it follows from
 *   those below, and would be made from too many leaves here; log.malformed (path)
 */
export async function tileOf(
  { logs, logStore }: Pick<CoordinatorParts, 'logs' | 'logStore'>,
  collaboration: string,
  path: string,
): Promise<Uint8Array> {
  const { headSize } = viewOf({ logs }, collaboration)
  const { level, index, width } = parseTilePath(path)
  const each = TILE_WIDTH ** level
  const first = index * TILE_WIDTH * each
  if (level > 1 || first + width * each > headSize) throw new PlatformError('console.unknown', { tile: path })
  const hashes: Uint8Array[] = []
  for (let i = 0; i < width; i++) {
    const range = new CompactRange()
    const from = first + i * each
    for (const leaf of logStore.leaves(collaboration, from, from + each)) range.append(leafHash(leaf))
    hashes.push(range.root())
    if (level > 0) await new Promise(setImmediate) // the relay goes on meanwhile
  }
  return Buffer.concat(hashes)
}

function recordLine({ logStore }: CoordinatorParts, collaboration: string, number: number): RecordLine {
  const [leaf] = logStore.leaves(collaboration, number, number + 1)
  const record = recordIn(parseRecord(leaf as Uint8Array))
  const { kind, author, seq, time, job } = record
  return { number, leaf: leafDigest(leaf as Uint8Array), kind, author, seq, time, job, facts: factsIn(record) }
}

function factsIn(record: LogRecord): Record<string, string | number> {
  const fields = record as unknown as Readonly<Record<string, unknown>>
  return Object.fromEntries(
    SHOWN[record.kind].flatMap((name): [string, string | number][] => {
      const value = fields[name]
      return (typeof value === 'string' && value !== '') || typeof value === 'number' ? [[name, value]] : []
    }),
  )
}

function fits(line: RecordLine, { job, kind, author }: RecordsQuery): boolean {
  return (
    (job === undefined || line.job === job) &&
    (kind === undefined || line.kind === kind) &&
    (author === undefined || line.author === author)
  )
}

function logLine(parts: CoordinatorParts, view: LogView): LogLine {
  const { collaboration, parties, size, headSize, sealedSize, cosigned, waitedFor } = view
  const times = new Map(headSize === 0 ? [] : factsOf(parts, view).cosigners.map(({ name, time }) => [name, time]))
  const cosigners = parties.map((party) => {
    const seconds = times.get(party)
    const time = seconds === undefined ? '' : new Date(seconds * 1000).toISOString()
    return { party, size: cosigned.get(party) ?? 0, time, waitedFor: waitedFor.includes(party) }
  })
  return { collaboration, parties: [...parties], size, headSize, sealedSize, cosigners }
}

function factsOf({ trust, identity }: CoordinatorParts, { origin, parties, note }: LogView) {
  const keyOf = (party: string) => trust.bundle.parties.find((member) => member.party === party)?.signingKey ?? ''
  const cosigners = parties.map((name) => ({ name, publicKey: Buffer.from(keyOf(name), 'base64') }))
  const log = { name: origin, publicKey: Buffer.from(identity().logKey, 'base64') }
  return verifyCheckpoint(note, { log, cosigners })
}

/** @throws PlatformError console.unknown */
function viewOf({ logs }: Pick<CoordinatorParts, 'logs'>, collaboration: string): LogView {
  const view = logs.view(collaboration)
  if (view === undefined) throw new PlatformError('console.unknown', { log: collaboration })
  return view
}

function badRequest(member: string): PlatformError {
  return new PlatformError('console.request', { problems: [`/query/${member}: not a cursor of this list`] })
}
