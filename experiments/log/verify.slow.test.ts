import { describe, expect, test } from 'vitest'
import { SyntheticLog } from './synthetic-log.ts'
import { parseRecord, signRecord } from '#crypto/log/dsse.ts'
import { keyIdOf } from '#crypto/log/ed25519.ts'
import { canonicalJson } from '#crypto/log/jcs.ts'
import { CompactRange, leafHash } from '#crypto/log/merkle.ts'
import { addSignatures, cosign, signCheckpoint } from '#crypto/log/note.ts'
import type { Problem, ProblemCode, VerifyReport } from '#protocols/log/problems.ts'
import {
  type AuthorState,
  firstState,
  type LogRecord,
  makeRecord,
  readRecord,
  type RecordBody,
} from '#protocols/log/records.ts'
import { LogFollower, verifyLog } from '#protocols/log/verify.ts'

const log = new SyntheticLog('verify')
/** two jobs and the beginning of a third */
const LEAVES = [...log.leaves(330)]
const CHECKPOINT = log.checkpoint()
const keyOf = (keyid: string) => log.participants.find(({ signingKey }) => keyIdOf(signingKey) === keyid)?.signingKey
const RECORDS = LEAVES.map((leaf) => readRecord(leaf, keyOf))

async function* streamOf(leaves: Iterable<Uint8Array>): AsyncGenerator<Uint8Array> {
  yield* leaves
}

function verify(leaves: readonly Uint8Array[], checkpoint: Uint8Array, workers = 0): Promise<VerifyReport> {
  const { origin, participants, logKey } = log
  return verifyLog({ origin, participants, logKey, checkpoint, leaves: streamOf(leaves), workers })
}

/** All signatures a coordinator and three colluding parties could make over any leaves. */
function checkpointOver(
  leaves: readonly Uint8Array[],
  seconds = Date.parse('2026-03-01T00:00:00Z') / 1000,
): Uint8Array {
  const tree = new CompactRange()
  for (const leaf of leaves) tree.append(leafHash(leaf))
  const head = { origin: log.origin, size: tree.size, root: tree.root() }
  const note = signCheckpoint(head, { name: log.origin, publicKey: log.logKey }, log.logSigner)
  const lines = log.participants.map(({ name, signingKey }) =>
    cosign(note, { name, publicKey: signingKey }, log.keyOf(name).sign, new Date(seconds * 1000)),
  )
  return addSignatures(note, lines)
}

type Editable = { -readonly [K in keyof LogRecord]: LogRecord[K] } & Record<string, unknown>

/** The log that its authors would have written had they said other things: chains and signatures are right. */
function rewritten(edit: (records: Editable[]) => Editable[] | void): Uint8Array[] {
  const copies = structuredClone(RECORDS) as unknown as Editable[]
  const states = new Map<string, AuthorState>()
  return (edit(copies) ?? copies).map((record) => {
    const { v: _v, collaboration, author, seq: _seq, prev: _prev, time, ...body } = record as Editable & LogRecord
    const { publicKey, sign } = log.keyOf(author)
    const state = states.get(author) ?? firstState({ collaboration, author, sign, signingKey: publicKey })
    const { leaf, next } = makeRecord({ ...state, time: '' }, body as unknown as RecordBody, new Date(time))
    states.set(author, next)
    return leaf
  })
}

const codes = (problems: readonly Problem[]) => [...new Set(problems.map(({ code }) => code))].toSorted()

async function codesOf(leaves: readonly Uint8Array[], checkpoint = checkpointOver(leaves)): Promise<string[]> {
  return codes((await verify(leaves, checkpoint)).problems)
}

const first = (records: readonly Editable[], kind: string, more: Record<string, unknown> = {}): Editable => {
  const found = records.find(
    (record) => record.kind === kind && Object.entries(more).every(([name, value]) => record[name] === value),
  )
  if (found === undefined) throw new Error(`no ${kind}`)
  return found
}
const without = (records: readonly Editable[], record: Editable) => records.filter((other) => other !== record)
const moved = (records: readonly Editable[], record: Editable, before: Editable) => {
  const rest = without(records, record)
  return rest.toSpliced(rest.indexOf(before), 0, { ...record, time: before.time })
}

describe('a valid log', () => {
  test('has no problem, and the report says what it holds', async () => {
    const report = await verify(LEAVES, CHECKPOINT)
    expect(report.problems).toEqual([])
    expect(report.ok).toBe(true)
    expect(report.facts).toMatchObject({ size: 330, jobs: { proposed: 2, closed: 1 } })
    expect(report.facts.cosigners.map(({ name }) => name)).toEqual(['bank', 'park', 'tax'])
    const sent = RECORDS.filter((record) => record.kind === 'msg.sent' && record.author === 'tax')
    const bytes = sent.reduce((sum, record) => sum + (record.kind === 'msg.sent' ? record.bytes : 0), 0)
    const counted = report.facts.sent
      .filter(({ party }) => party === 'tax')
      .reduce((sum, entry) => sum + entry.bytes, 0)
    expect(counted).toBe(bytes)
  })

  test('of any length is valid: a log may be looked at in the middle of a job', async () => {
    const other = new SyntheticLog('prefixes')
    const follower = new LogFollower(other)
    let size = 0
    for (const leaf of other.leaves(400)) {
      expect(follower.append(leaf), `leaf ${size}`).toEqual([])
      size += 1
    }
    expect(follower.finish()).toEqual([])
    for (let length = 0; length < 330; length += 7) {
      const leaves = LEAVES.slice(0, length)
      expect(await codesOf(leaves), `${length} leaves`).toEqual([])
    }
  })

  test('gives the same report in worker threads', async () => {
    const big = new SyntheticLog('workers')
    const leaves = [...big.leaves(6000)]
    leaves[5500] = leaves[5501] as Uint8Array
    const { origin, participants, logKey } = big
    const input = { origin, participants, logKey, checkpoint: big.checkpoint() }
    const alone = await verifyLog({ ...input, leaves: streamOf(leaves), workers: 0 })
    const shared = await verifyLog({ ...input, leaves: streamOf(leaves), workers: 2 })
    expect(alone.problemCount).toBeGreaterThan(0)
    expect(shared).toEqual(alone)
  })

  test('rewritten with the same words is valid', async () => {
    expect(await codesOf(rewritten(() => {}))).toEqual([])
  })
})

describe('against the checkpoint', () => {
  test.each<[string, (leaves: readonly Uint8Array[]) => readonly Uint8Array[], readonly ProblemCode[]]>([
    ['a missing last leaf', (leaves) => leaves.slice(0, -1), ['size-mismatch']],
    [
      'a leaf more',
      (leaves) => [...leaves, leaves[0] as Uint8Array],
      ['author-prev', 'duplicate-seq', 'job-order', 'size-mismatch', 'time-backwards'],
    ],
    [
      'two leaves swapped',
      (leaves) => leaves.toSpliced(9, 2, leaves[10] as Uint8Array, leaves[9] as Uint8Array),
      ['root-mismatch'],
    ],
  ])('%s', async (_, edit, expected) => {
    expect(await codesOf(edit(LEAVES), CHECKPOINT)).toEqual(expected.toSorted())
  })

  test('signatures: each missing or bad one is named', async () => {
    const text = Buffer.from(CHECKPOINT).toString()
    const lines = text.split('\n')
    const withoutLine = (start: string) => Buffer.from(lines.filter((line) => !line.startsWith(start)).join('\n'))
    const missing = await verify(LEAVES, withoutLine('— tax '))
    expect(missing.problems).toMatchObject([{ code: 'cosignature-missing', who: 'tax' }])
    const unsigned = await verify(LEAVES, withoutLine('— tributary/'))
    expect(unsigned.problems).toMatchObject([{ code: 'checkpoint-signature' }])
    const later = checkpointOver(LEAVES.slice(0, 5))
    const mixed = Buffer.from(later)
      .toString()
      .split('\n')
      .find((line) => line.startsWith('— park ')) as string
    const bad = lines.map((line) => (line.startsWith('— park ') ? mixed : line)).join('\n')
    expect((await verify(LEAVES, Buffer.from(bad))).problems).toMatchObject([
      { code: 'cosignature-invalid', who: 'park' },
    ])
    expect(codes((await verify(LEAVES, Buffer.from('no note'))).problems)).toEqual(['checkpoint-signature'])
  })

  test('a cosignature older than the records it covers', async () => {
    expect(await codesOf(LEAVES, checkpointOver(LEAVES, 1_700_000_000))).toEqual(['time-backwards'])
  })

  test('an origin of other participants is refused', () => {
    const participants = log.participants.slice(1)
    expect(() => new LogFollower({ origin: log.origin, participants })).toThrow(
      expect.objectContaining({ code: 'log.malformed' }),
    )
  })
})

describe('one leaf', () => {
  const at = 40
  const leafOf = (edit: (payload: Record<string, unknown>) => unknown, kind = RECORDS[at]?.kind, author?: string) => {
    const { payload } = parseRecord(LEAVES[at] as Uint8Array)
    const value = JSON.parse(Buffer.from(payload).toString()) as Record<string, unknown>
    const { sign, publicKey } = log.keyOf(author ?? String(value.author))
    const bytes = edit(value)
    return signRecord(
      `application/vnd.tributary.${kind}.v1+json`,
      bytes instanceof Uint8Array ? bytes : canonicalJson(bytes),
      sign,
      keyIdOf(publicKey),
    )
  }
  const flipped = (leaf: Uint8Array) => {
    const { signatures } = JSON.parse(Buffer.from(leaf).toString()) as { signatures: [{ sig: string }] }
    const [{ sig }] = signatures
    return Buffer.from(
      Buffer.from(leaf)
        .toString()
        .replace(sig, `${sig.startsWith('A') ? 'B' : 'A'}${sig.slice(1)}`),
    )
  }
  test.each<[string, () => Uint8Array, ProblemCode]>([
    ['bytes of nothing', () => Buffer.from('hello'), 'leaf-malformed'],
    ['a field more', () => leafOf((payload) => ({ ...payload, extra: 1 })), 'leaf-malformed'],
    ['a field less', () => leafOf(({ prev: _, ...rest }) => rest), 'leaf-malformed'],
    [
      'a kind that does not exist',
      () => leafOf((payload) => payload, 'msg.lost' as LogRecord['kind']),
      'leaf-malformed',
    ],
    ['a field of another type', () => leafOf((payload) => ({ ...payload, seq: '1' })), 'leaf-malformed'],
    [
      'a 31st of April',
      () => leafOf((payload) => ({ ...payload, time: '2026-04-31T00:00:00.000Z' })),
      'leaf-malformed',
    ],
    [
      'payload with spaces',
      () => leafOf((payload) => Buffer.from(JSON.stringify(payload, null, 1))),
      'leaf-not-canonical',
    ],
    ['envelope with spaces', () => Buffer.concat([LEAVES[at] as Uint8Array, Buffer.from(' ')]), 'leaf-not-canonical'],
    ['a flipped signature', () => flipped(LEAVES[at] as Uint8Array), 'leaf-signature'],
    [
      'signed with the key of another party',
      () => leafOf((payload) => payload, undefined, RECORDS[at]?.author === 'tax' ? 'park' : 'tax'),
      'leaf-signature',
    ],
    [
      'of another collaboration',
      () => leafOf((payload) => ({ ...payload, collaboration: `c-${'0'.repeat(20)}` })),
      'leaf-malformed',
    ],
  ])('%s', async (_, make, code) => {
    const leaves = LEAVES.toSpliced(at, 1, make())
    const { problems } = await verify(leaves, checkpointOver(leaves))
    expect(problems.filter(({ index }) => index === at).map((problem) => problem.code)).toContain(code)
  })

  test('of a stranger', async () => {
    const stranger = new SyntheticLog('stranger')
    const [leaf] = [...stranger.leaves(1)]
    const leaves = LEAVES.toSpliced(at, 0, leaf as Uint8Array)
    expect(await codesOf(leaves)).toEqual(['unknown-key'])
  })
})

describe('an author', () => {
  test('who leaves a record out', async () => {
    const leaves = LEAVES.toSpliced(330 - 20, 1)
    expect(await codesOf(leaves)).toEqual(expect.arrayContaining(['author-prev', 'author-seq']))
  })

  test('who says a record twice', async () => {
    const leaves = LEAVES.toSpliced(100, 0, LEAVES[99] as Uint8Array)
    expect(await codesOf(leaves)).toEqual(expect.arrayContaining(['author-prev', 'duplicate-seq']))
  })

  test('whose clock goes back', async () => {
    const leaves = rewritten((records) => {
      const record = records[200] as Editable
      record.time = '2026-01-05T08:00:00.100Z'
    })
    expect(await codesOf(leaves)).toEqual(['time-backwards'])
  })
})

const cases: readonly [string, (records: Editable[]) => Editable[] | void, readonly ProblemCode[]][] = [
  ['a sending left out', (r) => without(r, first(r, 'msg.sent')), ['received-without-sent']],
  ['a receipt left out', (r) => without(r, first(r, 'msg.received')), ['sent-without-received']],
  ['another digest', (r) => void (first(r, 'msg.received').digest = 'a'.repeat(64)), ['message-mismatch']],
  ['other bytes', (r) => void (first(r, 'msg.sent').bytes as number)++, ['message-mismatch']],
  [
    'another class',
    (r) => void (first(r, 'msg.sent', { step: 'host-gradient' }).class = 'control'),
    ['message-mismatch'],
  ],
  [
    'a message recorded twice',
    (r) => {
      const sent = first(r, 'msg.sent')
      return r.toSpliced(r.indexOf(sent), 0, structuredClone(sent))
    },
    ['message-mismatch'],
  ],
  ['numbers released without a record', (r) => without(r, first(r, 'cell.released')), ['released-without-record']],
  [
    'numbers released below the threshold',
    (r) => void (first(r, 'cell.released').check = 'refused'),
    ['released-without-record'],
  ],
  [
    'the release recorded after',
    (r) => {
      const cell = first(r, 'cell.released')
      return moved(r, cell, first(r, 'round.closed', { author: cell.author, task: 'align', round: 1 }))
    },
    ['released-without-record'],
  ],
  [
    'no approval named',
    (r) => void (first(r, 'msg.sent', { class: 'ciphertext' }).approval = ''),
    ['approval-missing'],
  ],
  [
    'an approval that nobody granted',
    (r) => void (first(r, 'msg.sent', { class: 'ciphertext' }).approval = 'b'.repeat(64)),
    ['approval-missing'],
  ],
  [
    'an approval granted after its use',
    (r) => moved(r, first(r, 'approval.granted', { author: 'tax' }), first(r, 'job.closed')),
    ['approval-after-use'],
  ],
  [
    'an approval revoked before its use',
    (r) => {
      const granted = first(r, 'approval.granted', { author: 'tax' })
      const { approval, job, time, author, v, collaboration } = granted
      const revoked = {
        kind: 'approval.revoked',
        approval,
        job,
        time,
        author,
        v,
        collaboration,
        person: 'A',
        code: 'x',
      }
      return r.toSpliced(r.indexOf(first(r, 'job.proposed')), 0, revoked as unknown as Editable)
    },
    ['approval-exceeded'],
  ],
  [
    'a released cell more than approved',
    (r) => {
      const cell = first(r, 'cell.released')
      return r.toSpliced(r.indexOf(cell), 0, ...Array.from({ length: 10 }, () => structuredClone(cell)))
    },
    ['approval-exceeded'],
  ],
  [
    'a document under another digest',
    (r) => {
      const { document } = first(r, 'approval.granted') as unknown as { document: { purpose: string } }
      document.purpose = 'marketing'
    },
    ['approval-missing', 'leaf-malformed'],
  ],
  [
    'a round opened twice',
    (r) => {
      const opened = first(r, 'round.opened')
      return r.toSpliced(r.indexOf(opened), 0, structuredClone(opened))
    },
    ['round-order'],
  ],
  [
    'a round left out',
    (r) => void (first(r, 'round.opened', { task: 'train', round: 3, author: 'tax' }).round = 4),
    ['round-order'],
  ],
  [
    'a round opened before the others closed the last',
    (r) =>
      moved(
        r,
        first(r, 'round.opened', { author: 'bank', task: 'align', round: 1 }),
        first(r, 'round.closed', { author: 'tax' }),
      ),
    ['round-order'],
  ],
  [
    'a message before its round',
    (r) => moved(r, first(r, 'msg.sent', { author: 'bank' }), first(r, 'round.opened')),
    ['round-order'],
  ],
  [
    'a round never closed',
    (r) => without(r, first(r, 'round.closed', { task: 'train', round: 5, author: 'park' })),
    ['round-open-without-close'],
  ],
  [
    'a job closed in its middle',
    (r) =>
      moved(
        r,
        first(r, 'job.closed', { author: 'park' }),
        first(r, 'round.closed', { task: 'train', round: 2, author: 'park' }),
      ),
    ['job-order', 'round-open-without-close'],
  ],
  ['a job that a party never accepted', (r) => without(r, first(r, 'job.accepted', { author: 'park' })), ['job-order']],
  ['a job that nobody proposed', (r) => without(r, first(r, 'job.proposed')), ['job-order']],
  [
    'a job accepted with another specification',
    (r) => void (first(r, 'job.accepted').specDigest = 'c'.repeat(64)),
    ['job-order'],
  ],
  ['a specification under another digest', (r) => void (first(r, 'job.proposed').spec = 'e30='), ['leaf-malformed']],
  [
    'a job that comes back',
    (r) => {
      const proposed = first(r, 'job.proposed')
      const again = { ...structuredClone(proposed), time: (r.at(-1) as Editable).time }
      return [...r, again]
    },
    ['job-order'],
  ],
  ['a key never published', (r) => without(r, first(r, 'key.published')), ['unknown-key']],
  [
    'a ciphertext under no key',
    (r) => {
      for (const record of r) if (record.step === 'host-gradient') record.keyId = ''
    },
    ['unknown-key'],
  ],
  [
    'a ciphertext whose reader is left out',
    (r) => {
      for (const record of r) if (record.step === 'host-gradient') record.decryptableBy = []
    },
    ['message-mismatch'],
  ],
  [
    'other keys at the opening',
    (r) => {
      const { participants } = first(r, 'collaboration.opened') as unknown as { participants: { keyid: string }[] }
      ;(participants[0] as { keyid: string }).keyid = '0'.repeat(16)
    },
    ['unknown-key'],
  ],
  ['no opening', (r) => r.slice(1), ['job-order']],
  [
    'a reader who is no party',
    (r) => {
      for (const record of r) if (record.step === 'score-share') record.decryptableBy = ['mallory']
    },
    ['author-unknown'],
  ],
]

describe('what the authors say: all signatures are right, and the log is not', () => {
  test.each(cases)('%s', async (_, edit, expected) => {
    expect(await codesOf(rewritten(edit))).toEqual(expected.toSorted())
  })
})

test('a log of nothing but problems gives a short report', async () => {
  const leaves = Array.from({ length: 3000 }, (_, i) => Buffer.from(`leaf ${i}`))
  const report = await verify(leaves, checkpointOver(leaves))
  expect(report.problems).toHaveLength(1000)
  expect(report.problemCount).toBe(3000)
})
