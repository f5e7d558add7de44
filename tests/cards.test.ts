// The who-learns-what cards agree with the schedules, message by message, and their documents with the cards.
import { expect, test } from 'vitest'
import { CARDS } from '#party-agent/approvals/cards.ts'
import { type Card, cardDifferences, schedulesOf } from '#protocols/core/card.ts'
import { step } from '#protocols/core/schedule.ts'
import { CARD } from '#protocols/vertical-lr/card.ts'
import * as messages from '#protocols/vertical-lr/messages.ts'
import { cardDocuments, protocolCards } from '../scripts/cards.ts'
import { outdated } from '../scripts/generated-files.ts'

test('every protocol has a card that says what its schedules say, step by step, in both languages', async () => {
  const cards = await protocolCards()
  expect(cards.map((card) => card.protocol)).toEqual(expect.arrayContaining(['psi', 'vertical-lr']))
  for (const card of cards) {
    const exports = (await import(`../protocols/${card.protocol}/messages.ts`)) as Record<string, unknown>
    expect(cardDifferences(card, schedulesOf(exports)), card.protocol).toEqual([])
    expect(CARDS, `party-agent/approvals/cards.ts has the card of ${card.protocol}`).toContain(card)
    for (const { who, knows } of card.atTheEnd)
      for (const text of [who, knows]) expect(text.zh).toMatch(/\p{Script=Han}/u)
  }
})

test('the documents of the cards are up to date', async () => {
  expect(outdated(await cardDocuments())).toEqual([])
})

const schedules = schedulesOf(messages)
const extra = step({ ...messages.SCORING[0], name: 'raw-columns', reveals: 'everything' })
const first = CARD.messages[0] as Card['messages'][0]
const changed = (change: Partial<Card['messages'][0]>): Card => ({
  ...CARD,
  messages: [{ ...first, ...change }, ...CARD.messages.slice(1)],
})

test.each([
  ['a step was added to the schedule', CARD, { ...schedules, SCORING: [...messages.SCORING, extra] }, 'raw-columns'],
  ['a whole schedule was added', CARD, { ...schedules, EXTRA: [extra] }, 'EXTRA/raw-columns'],
  ['a step left the schedule', CARD, { ...schedules, SCORING: messages.SCORING.slice(1) }, 'score-mask-seed'],
  ['a line is missing', { ...CARD, messages: CARD.messages.slice(1) }, schedules, 'not on the card'],
  ['a line stands twice', { ...CARD, messages: [first, ...CARD.messages] }, schedules, 'twice'],
  ['a class differs', changed({ class: 'ciphertext' }), schedules, 'class is "control"'],
  ['a direction differs', changed({ from: 'host' }), schedules, 'from is "guest"'],
  ['a sentence differs', changed({ reveals: { en: 'nothing', zh: '无' } }), schedules, 'sentence'],
  ['a sentence is not in Chinese', changed({ reveals: { ...first.reveals, zh: 'x' } }), schedules, 'in Chinese'],
])('a card is refused when %s', (_, card, against, said) => {
  expect(cardDifferences(card, against).join('\n')).toContain(said)
})
