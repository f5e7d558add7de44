// Tampering by parties that write, sign and cosign anew: nothing is wrong with hashes and signatures, only with what the
// records say.
import { canonicalJson } from '#crypto/log/jcs.ts'
import type { Draft, Payload } from './log-editing.ts'
import type { Tampering, World } from './tampering.ts'

export type Where = (draft: Draft) => boolean
const isKind =
  (...kinds: readonly string[]): Where =>
  ({ kind }) =>
    kinds.includes(kind)
const hasClass =
  (kind: string, name: string): Where =>
  (draft) =>
    draft.kind === kind && draft.fields['class'] === name

/** Index of a random draft of those that fit. */
function pick({ drafts, below }: World, fits: Where): number {
  const places = drafts.flatMap((draft, index) => (fits(draft) ? [index] : []))
  const place = places[below(places.length)]
  if (place === undefined) throw new RangeError('the log has no such record')
  return place
}

/** One record written otherwise. */
export function change(fits: Where, how: (draft: Draft, world: World) => Draft): Tampering['apply'] {
  return (world) => {
    const at = pick(world, fits)
    return world.editor.agreeOn(world.drafts.with(at, how(world.drafts[at] as Draft, world)))
  }
}

export function setField(fits: Where, how: (fields: Payload, world: World) => Payload): Tampering['apply'] {
  return change(fits, (draft, world) => ({ ...draft, fields: { ...draft.fields, ...how(draft.fields, world) } }))
}

export function editPayload(fits: Where, how: (payload: Payload) => Payload): Tampering['apply'] {
  return change(fits, (draft) => ({ ...draft, edit: how }))
}

export function omit(fits: Where): Tampering['apply'] {
  return (world) => world.editor.agreeOn(world.drafts.toSpliced(pick(world, fits), 1))
}

export function twice(fits: Where): Tampering['apply'] {
  return (world) => {
    const at = pick(world, fits)
    return world.editor.agreeOn(world.drafts.toSpliced(at, 0, world.drafts[at] as Draft))
  }
}

/** Both ends of a message say the same other thing. */
function bothEnds(fits: Where, how: (fields: Payload) => Payload): Tampering['apply'] {
  return (world) => {
    const { fields } = world.drafts[pick(world, fits)] as Draft
    const drafts = world.drafts.map((draft) => {
      const same = draft.kind.startsWith('msg.') && draft.fields['digest'] === fields['digest']
      return same ? { ...draft, fields: { ...draft.fields, ...how(draft.fields) } } : draft
    })
    return world.editor.agreeOn(drafts)
  }
}

export const otherHex = (text: unknown, below: World['below']): string => {
  const at = below(String(text).length)
  const digit = ((Number.parseInt(String(text)[at] ?? '0', 16) + 1 + below(15)) % 16).toString(16)
  return `${String(text).slice(0, at)}${digit}${String(text).slice(at + 1)}`
}

const text = (bytes: Uint8Array): string => Buffer.from(bytes).toString('utf8')
const anyRecord: Where = () => true
const laterRecord: Where = ({ fields }) => fields['job'] !== ''
export const sent = isKind('msg.sent')
export const received = isKind('msg.received')
const usesApproval: Where = ({ kind, fields }) => kind === 'msg.sent' && fields['approval'] !== ''

const carriesData: Where = (draft) => usesApproval(draft) && draft.fields['class'] !== 'control'

/** Moves or drops the grant that a random disclosure depends on. */
function withGrant(make: (drafts: readonly Draft[], grant: number, use: number) => Draft[]): Tampering['apply'] {
  return (world) => {
    const use = pick(world, usesApproval)
    const { approval } = (world.drafts[use] as Draft).fields
    const grant = world.drafts.findIndex(
      ({ kind, fields }) => kind === 'approval.granted' && fields['approval'] === approval,
    )
    return world.editor.agreeOn(make(world.drafts, grant, use))
  }
}

export const family = (
  specs: readonly (readonly [string, Tampering['all'], Tampering['apply'], Partial<Tampering>?])[],
): Tampering[] => specs.map(([name, all, apply, more]) => ({ name, by: 'authors', all, apply, ...more }))

const RECORD_FORM = family([
  ['an unknown field in a payload', ['leaf-malformed'], setField(anyRecord, () => ({ note: 'x' }))],
  [
    'a field missing from a payload',
    ['leaf-malformed'],
    editPayload(anyRecord, ({ time: _time, ...payload }) => payload),
  ],
  [
    'a payload that is not canonical',
    ['leaf-not-canonical'],
    change(anyRecord, (draft) => ({ ...draft, encode: (payload) => Buffer.from(JSON.stringify(payload, null, 1)) })),
  ],
  [
    'a key twice in a payload',
    ['leaf-not-canonical'],
    change(anyRecord, (draft) => ({
      ...draft,
      encode: (payload) => Buffer.from(text(canonicalJson(payload)).replace('{', '{"author":"tax",')),
    })),
  ],
  [
    'a float in a payload',
    [],
    change(sent, (draft) => ({
      ...draft,
      encode: (payload) => Buffer.from(text(canonicalJson(payload)).replace(/"bytes":(\d+)/, '"bytes":$1.5')),
    })),
    { any: ['leaf-malformed', 'leaf-not-canonical'] },
  ],
  [
    'null in a payload',
    [],
    change(anyRecord, (draft) => ({
      ...draft,
      encode: (payload) => Buffer.from(text(canonicalJson(payload)).replace(/"job":"[^"]*"/, '"job":null')),
    })),
    { any: ['leaf-malformed', 'leaf-not-canonical'] },
  ],
  [
    'a day that does not exist',
    ['leaf-malformed'],
    editPayload(anyRecord, (payload) => ({ ...payload, time: '2026-02-30T08:00:00.000Z' })),
  ],
  ['a kind that does not exist', ['leaf-malformed'], change(anyRecord, (draft) => ({ ...draft, kind: 'msg.hidden' }))],
  [
    'a record of another collaboration',
    ['leaf-malformed'],
    setField(anyRecord, () => ({ collaboration: `c-${'0'.repeat(20)}` })),
  ],
  [
    'a record in the name of another',
    ['leaf-signature'],
    change(anyRecord, (draft) => ({ ...draft, signer: draft.author === 'bank' ? 'tax' : 'bank' })),
  ],
  ['a record under an unknown key', ['unknown-key'], change(anyRecord, (draft) => ({ ...draft, signer: 'stranger' }))],
])

const CHAINS = family([
  [
    'a number left out by an author',
    ['author-seq'],
    editPayload(laterRecord, (p) => ({ ...p, seq: Number(p['seq']) + 1 })),
  ],
  [
    'a number used twice by an author',
    ['duplicate-seq'],
    editPayload(
      ({ kind }) => kind === 'round.closed',
      (p) => ({ ...p, seq: Number(p['seq']) - 1 }),
    ),
  ],
  ['a chain broken', ['author-prev'], editPayload(anyRecord, (p) => ({ ...p, prev: 'ab'.repeat(32) }))],
  [
    'a record back-dated',
    ['time-backwards'],
    setField(isKind('round.closed'), () => ({ time: '2026-01-01T08:00:00.000Z' })),
  ],
  ['the opening left out', ['job-order'], (world) => world.editor.agreeOn(world.drafts.slice(1))],
  [
    'other participants than those whose keys are known',
    ['unknown-key'],
    setField(isKind('collaboration.opened'), (fields) => ({
      participants: (fields['participants'] as unknown[]).slice(1),
    })),
  ],
])

const MESSAGES = family([
  ['a sending left out', ['received-without-sent'], omit(sent)],
  ['a receipt left out', ['sent-without-received'], omit(received)],
  [
    'another number of bytes',
    ['message-mismatch'],
    setField(isKind('msg.sent', 'msg.received'), (f, { below }) => ({ bytes: Number(f['bytes']) + 1 + below(1e6) })),
  ],
  [
    'another number of messages',
    ['message-mismatch'],
    setField(isKind('msg.sent', 'msg.received'), (f) => ({ messages: Number(f['messages']) + 1 })),
  ],
  [
    'another digest',
    ['message-mismatch'],
    setField(isKind('msg.sent', 'msg.received'), (f, { below }) => ({ digest: otherHex(f['digest'], below) })),
  ],
  [
    'a class changed to ciphertext by one end',
    ['message-mismatch', 'unknown-key'],
    setField(
      ({ kind, fields }) => kind === 'msg.sent' && fields['class'] !== 'ciphertext' && fields['keyId'] === '',
      () => ({ class: 'ciphertext' }),
    ),
  ],
  [
    'released numbers called ciphertext by both ends',
    ['unknown-key'],
    bothEnds(hasClass('msg.sent', 'released-aggregate'), () => ({ class: 'ciphertext' })),
  ],
  [
    'a message recorded twice',
    ['message-mismatch'],
    twice(sent),
    { all: [], any: ['message-mismatch', 'sent-without-received'] },
  ],
  ['a ciphertext under a key that nobody published', ['unknown-key'], omit(isKind('key.published'))],
  [
    'a ciphertext that its key owner is said not to open',
    ['message-mismatch'],
    bothEnds(hasClass('msg.sent', 'ciphertext'), () => ({ decryptableBy: ['park'] })),
  ],
  [
    'a message that a stranger could open',
    ['author-unknown'],
    bothEnds(hasClass('msg.sent', 'masked-share'), () => ({ decryptableBy: ['bank', 'ghost'] })),
  ],
  ['a record at the wrong end', ['leaf-malformed'], setField(sent, (f) => ({ from: f['to'], to: f['from'] }))],
  ['released numbers without their release record', ['released-without-record'], omit(isKind('cell.released'))],
  [
    'released numbers whose threshold was not met',
    ['released-without-record'],
    setField(isKind('cell.released'), () => ({ check: 'refused' })),
  ],
])

const APPROVALS = family([
  ['an approval that nobody granted', ['approval-missing'], withGrant((drafts, grant) => drafts.toSpliced(grant, 1))],
  [
    'a sum of a group that was not approved',
    ['approval-exceeded'],
    bothEnds(usesApproval, () => ({ step: 'group-sum' })),
  ],
  ['a disclosure that names no approval', ['approval-missing'], setField(carriesData, () => ({ approval: '' }))],
  [
    'an approval granted after its use',
    ['approval-after-use'],
    withGrant((drafts, grant, use) =>
      retimed([
        ...drafts.slice(0, grant),
        ...drafts.slice(grant + 1, use + 1),
        drafts[grant] as Draft,
        ...drafts.slice(use + 1),
      ]),
    ),
  ],
  [
    'an approval revoked before its use',
    ['approval-exceeded'],
    withGrant((drafts, _grant, use) => {
      const { author, fields } = drafts[use] as Draft
      const { approval, v, collaboration, time } = fields
      const revoked = { v, collaboration, author, time, job: '', approval, person: 'Wang Fang', code: 'withdrawn' }
      return drafts.toSpliced(use, 0, { author, kind: 'approval.revoked', fields: revoked })
    }),
  ],
  [
    'more jobs than approved',
    ['approval-exceeded'],
    (world) => {
      const accepted = world.drafts.filter(({ kind, author }) => kind === 'job.accepted' && author === 'tax')
      const [first, second] = accepted.map(({ fields }) => fields['approval'])
      const drafts = world.drafts.map((draft) =>
        draft.author === 'tax' && draft.fields['approval'] === second && draft.kind !== 'approval.granted'
          ? { ...draft, fields: { ...draft.fields, approval: first } }
          : draft,
      )
      return world.editor.agreeOn(drafts)
    },
    { jobs: 2 },
  ],
  [
    'an approval text changed after it was signed',
    ['leaf-malformed'],
    setField(isKind('approval.granted'), (f) => ({
      document: { ...(f['document'] as Payload), purpose: 'marketing' },
    })),
  ],
  [
    'a disclosure after the approval ended',
    ['approval-exceeded'],
    (world) => {
      const at = pick(world, usesApproval)
      const late = world.drafts.map((draft, i) =>
        i < at ? draft : { ...draft, fields: { ...draft.fields, time: '2027-06-01T08:00:00.000Z' } },
      )
      return world.editor.agreeOn(late)
    },
  ],
])

const ORDER = family([
  ['a round opened twice', ['round-order'], twice(isKind('round.opened'))],
  ['a round closed twice', ['round-order'], twice(isKind('round.closed'))],
  [
    'a round left out',
    ['round-order'],
    setField(
      ({ kind, fields }) => kind === 'round.opened' && fields['round'] !== 0,
      (f) => ({ round: Number(f['round']) + 1 }),
    ),
  ],
  [
    'a round opened before all closed the one before',
    ['round-order'],
    (world) => {
      const at = pick(
        world,
        ({ kind, fields, author }) => kind === 'round.opened' && fields['round'] !== 0 && author === 'bank',
      )
      // the last record before it closes the round before, in the name of the last party
      const moved = world.drafts.toSpliced(at, 1).toSpliced(at - 1, 0, world.drafts[at] as Draft)
      return world.editor.agreeOn(retimed(moved))
    },
  ],
  [
    'a round left open in a job that succeeded',
    ['round-open-without-close'],
    (world) => {
      const author = ['bank', 'park', 'tax'][world.below(3)]
      const last = world.drafts.findLastIndex((draft) => draft.kind === 'round.closed' && draft.author === author)
      return world.editor.agreeOn(world.drafts.toSpliced(last, 1))
    },
  ],
  ['a job closed twice', ['job-order'], twice(isKind('job.closed'))],
  ['a job accepted twice', ['job-order'], twice(isKind('job.accepted'))],
  ['a job run without the acceptance of a party', ['job-order'], omit(isKind('job.accepted'))],
  ['a job proposed twice', ['job-order'], twice(isKind('job.proposed'))],
  [
    'a job of another specification',
    ['leaf-malformed'],
    setField(isKind('job.proposed'), () => ({ spec: Buffer.from('{"other":1}').toString('base64') })),
  ],
  [
    'a message after its job was closed',
    ['job-order'],
    (world) => {
      const at = pick(world, sent)
      return world.editor.agreeOn(retimed([...world.drafts.toSpliced(at, 1), world.drafts[at] as Draft]))
    },
  ],
])

/** The same times in the new order, so that only the order is wrong. */
function retimed(drafts: readonly Draft[]): Draft[] {
  const times = drafts.map(({ fields }) => String(fields['time'])).toSorted()
  return drafts.map((draft, i) => ({ ...draft, fields: { ...draft.fields, time: times[i] } }))
}

export const AUTHOR_TAMPERINGS: readonly Tampering[] = [...RECORD_FORM, ...CHAINS, ...MESSAGES, ...APPROVALS, ...ORDER]
