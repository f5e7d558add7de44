// Writes docs/cards/<protocol>.md, its Chinese twin and the card as JSON, from the schedules of the protocols.
// `--check` compares and writes nothing.
import { existsSync, mkdirSync, readdirSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { type Card, cardText } from '#protocols/core/card.ts'
import { syncFiles } from './generated-files.ts'

const root = fileURLToPath(new URL('..', import.meta.url))

/** The card of each protocol that has a schedule. @throws Error for a protocol without a card */
export async function protocolCards(): Promise<readonly Card[]> {
  const cards: Card[] = []
  for (const protocol of readdirSync(`${root}protocols`)) {
    if (!existsSync(`${root}protocols/${protocol}/messages.ts`)) continue
    const { CARD } = (await import(`${root}protocols/${protocol}/card.ts`)) as { CARD: Card }
    cards.push(CARD)
  }
  return cards
}

/** Path to text of every document made of a card. */
export async function cardDocuments(): Promise<Map<string, string>> {
  const documents = new Map<string, string>()
  for (const card of await protocolCards()) {
    const at = `docs/cards/${card.protocol}`
    documents.set(`${at}.md`, cardText(card, 'en'))
    documents.set(`${at}.zh-CN.md`, cardText(card, 'zh'))
    documents.set(`${at}.json`, `${JSON.stringify(card, null, 2)}\n`)
  }
  return documents
}

if (import.meta.main) {
  mkdirSync(`${root}docs/cards`, { recursive: true })
  process.exitCode = syncFiles(await cardDocuments(), process.argv.includes('--check'))
}
