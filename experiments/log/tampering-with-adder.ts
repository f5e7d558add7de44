// Tampering with messages to and from the adder, by parties that write, sign and cosign anew.
import type { Tampering } from './tampering.ts'
import { VOIDED_ROUND } from './synthetic-log.ts'
import {
  change,
  editPayload,
  family,
  omit,
  otherHex,
  received,
  sent,
  setField,
  twice,
  type Where,
} from './tampering-by-authors.ts'

const isVoided: Where = ({ fields }) => fields['task'] === 'average' && fields['round'] === VOIDED_ROUND
const isWithout: Where = ({ fields }) => fields['task'] === 'average' && fields['round'] === VOIDED_ROUND + 1
const update: Where = (draft) => sent(draft) && draft.fields['step'] === 'update' && !isVoided(draft)
const voidedClosing: Where = (draft) => draft.kind === 'round.closed' && isVoided(draft)
const openingWithout: Where = (draft) => draft.kind === 'round.opened' && isWithout(draft)
const sumReceipt: Where = (draft) => received(draft) && draft.fields['step'] === 'sum'
const mean: Where = (draft) => sent(draft) && draft.fields['step'] === 'mean'
const averaging = { averaging: true }

export const ADDER_TAMPERINGS: readonly Tampering[] = family([
  ['a share sent to the adder', ['adder-misused'], setField(update, () => ({ class: 'masked-share' })), averaging],
  ['plain numbers sent to the adder', ['adder-misused'], setField(mean, () => ({ to: 'coordinator' })), averaging],
  ['another step sent to the adder', ['adder-misused'], setField(update, () => ({ step: 'points' })), averaging],
  ['two updates under one label', ['adder-misused'], setField(update, () => ({ messages: 2 })), averaging],
  [
    'an adder that can open',
    ['adder-misused'],
    setField(update, () => ({ decryptableBy: ['coordinator'] })),
    averaging,
  ],
  [
    'an update to the coordinator in a job without adder',
    ['author-unknown'],
    setField(sent, () => ({ to: 'coordinator' })),
  ],
  ['an update left out', ['message-mismatch'], omit(update), averaging],
  ['an update recorded twice', ['message-mismatch'], twice(update), averaging],
  ['a sum left out', ['sent-without-received'], omit(sumReceipt), averaging],
  ['a sum recorded twice', ['message-mismatch'], twice(sumReceipt), averaging],
  [
    'a sum of updates that nobody sent',
    ['received-without-sent', 'sent-without-received'],
    setField(sumReceipt, (f, { below }) => ({ keyId: otherHex(f['keyId'], below) })),
    averaging,
  ],
  [
    'a sum that others can open too',
    ['message-mismatch'],
    setField(sumReceipt, () => ({ decryptableBy: ['bank', 'tax'] })),
    averaging,
  ],
  [
    'an update that hides behind nobody',
    ['message-mismatch'],
    setField(update, () => ({ decryptableBy: [] })),
    averaging,
  ],
  [
    'a sum of a voided round',
    ['message-mismatch'],
    change(
      (draft) => sent(draft) && isVoided(draft),
      ({ fields, ...draft }) => {
        const to = fields['from']
        const sum = { ...fields, step: 'sum', from: 'coordinator', to, decryptableBy: [to] }
        return { ...draft, kind: 'msg.received', fields: sum }
      },
    ),
    averaging,
  ],
  [
    'a voided round that was none to one of them',
    ['message-mismatch'],
    editPayload(voidedClosing, ({ voided: _, ...payload }) => payload),
    averaging,
  ],
  [
    'a round without others than the rest say',
    ['message-mismatch'],
    editPayload(openingWithout, ({ leftOut: _, ...payload }) => payload),
    averaging,
  ],
  [
    'a round with fewer than the job allows',
    ['message-mismatch', 'round-order'],
    setField(openingWithout, () => ({ leftOut: ['park', 'tax'].map((party) => ({ party, reason: 'away' })) })),
    averaging,
  ],
  [
    'a voided round in a job that leaves nobody out',
    ['message-mismatch', 'round-order'],
    setField(
      ({ kind }) => kind === 'round.closed',
      () => ({ voided: true }),
    ),
  ],
  ['an update without its label', ['unknown-key'], setField(update, () => ({ keyId: '' })), averaging],
])
