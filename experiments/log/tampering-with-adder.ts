// Tampering with messages to and from the adder, by parties that write, sign and cosign anew.
import type { Tampering } from './tampering.ts'
import { family, omit, otherHex, received, sent, setField, twice, type Where } from './tampering-by-authors.ts'

const update: Where = (draft) => sent(draft) && draft.fields['step'] === 'update'
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
  ['an update without its label', ['unknown-key'], setField(update, () => ({ keyId: '' })), averaging],
])
