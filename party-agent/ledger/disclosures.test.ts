import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { checkLedger, DISCLOSURES_FILE, type Disclosure, DisclosureLedger, reconcile } from './disclosures.ts'

let folder: string
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'disclosures-'))
})
afterEach(() => rm(folder, { recursive: true, force: true }))

const disclosure = (round: number, change: Partial<Disclosure> = {}): Disclosure => ({
  job: 'job-1',
  task: 'train',
  round,
  step: 'characters',
  to: 'bank',
  class: 'ciphertext',
  messages: 2,
  bytes: 100,
  envelopeBytes: 130,
  sha256: 'ab',
  keyId: 'a1',
  decryptableBy: ['tax'],
  approval: '',
  decision: 'allowed',
  time: `2026-01-01T00:00:0${round}.000Z`,
  ...change,
})
const share = (round: number) =>
  disclosure(round, { step: 'score-share', class: 'masked-share', bytes: 7, envelopeBytes: 9 })
const open = () => DisclosureLedger.open(folder)
const file = () => join(folder, DISCLOSURES_FILE)
const codeOf = (done: Promise<unknown>) =>
  done.then(
    () => 'fine',
    (error) => (error as { code: string }).code,
  )

test('lines are chained, carry running totals, and are there after a restart', async () => {
  const ledger = await open()
  await ledger.close('train', 1, [disclosure(1), share(1)])
  await ledger.close('train', 2, [disclosure(2)])
  const again = await open()
  expect(again.lines).toEqual(ledger.lines)
  expect(again.head).toBe(ledger.head)
  expect(again.lines.map((line) => line.seq)).toEqual([1, 2, 3])
  expect(again.totals).toEqual({
    ciphertext: { messages: 4, bytes: 200, envelopeBytes: 260 },
    'masked-share': { messages: 2, bytes: 7, envelopeBytes: 9 },
  })
})

test('a round that ran again keeps its lines; with other contents it is refused', async () => {
  const ledger = await open()
  const first = await ledger.close('train', 1, [disclosure(1), share(1)])
  expect(await ledger.close('train', 1, [disclosure(1, { time: 'later' }), share(1)])).toEqual(first)
  expect(ledger.lines.length).toBe(2)
  expect(await codeOf(ledger.close('train', 1, [disclosure(1, { bytes: 101 }), share(1)]))).toBe('storage.damaged')
  expect(await codeOf(ledger.close('train', 1, [disclosure(1)]))).toBe('storage.damaged')
})

test('half a round, and half a line, are made whole', async () => {
  const ledger = await open()
  await ledger.close('train', 1, [disclosure(1), share(1)])
  const text = await readFile(file(), 'utf8')
  const [first = '', second = ''] = text.split('\n')
  await writeFile(file(), `${first}\n${second.slice(0, 20)}`)
  const after = await open()
  await after.close('train', 1, [disclosure(1), share(1)])
  expect(await readFile(file(), 'utf8')).toBe(text)
})

test.each([
  ['changed', (lines: string[]) => lines.with(1, (lines[1] as string).replace('"bytes":100', '"bytes":99'))],
  ['left out', (lines: string[]) => lines.toSpliced(1, 1)],
  ['put in', (lines: string[]) => lines.toSpliced(1, 0, lines[0] as string)],
  ['exchanged with its neighbour', (lines: string[]) => [lines[1] as string, lines[0] as string, lines[2] as string]],
  ['no JSON', (lines: string[]) => lines.with(2, '{')],
])('a line that was %s is seen', async (_, change) => {
  const ledger = await open()
  for (const round of [1, 2, 3]) await ledger.close('train', round, [disclosure(round)])
  const lines = (await readFile(file(), 'utf8')).split('\n').filter(Boolean)
  await writeFile(file(), `${change(lines).join('\n')}\n`)
  expect(await codeOf(open())).toBe('storage.damaged')
})

test('what comes before a line that does not follow is told, and which line it is', async () => {
  const ledger = await open()
  for (const round of [1, 2, 3]) await ledger.close('train', round, [disclosure(round)])
  const text = await readFile(file(), 'utf8')
  const { head } = ledger
  expect(checkLedger(text)).toEqual({ lines: ledger.lines, head })
  const lines = text.split('\n').with(1, (text.split('\n')[1] as string).replace('"bytes":100', '"bytes":99'))
  const broken = checkLedger(lines.join('\n'))
  expect([broken.lines, broken.brokenAt]).toEqual([ledger.lines.slice(0, 1), 2])
  expect(broken.head).toBe(ledger.lines[1]?.prev)
})

test('reconciliation names each class that differs, and by how much', () => {
  const lines = [disclosure(1), share(1)]
  expect(reconcile(lines, { ciphertext: 130, 'masked-share': 9 })).toEqual([])
  expect(reconcile(lines, { ciphertext: 131, control: 4 })).toEqual([
    { class: 'ciphertext', ledger: 130, counted: 131 },
    { class: 'control', ledger: 0, counted: 4 },
    { class: 'masked-share', ledger: 9, counted: 0 },
  ])
})
