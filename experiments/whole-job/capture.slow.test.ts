// All bytes that crossed the loopback during a whole job: no planted value and no plain id among them, neither in the
// TLS bytes nor in what the coordinator sees after TLS.
import { expect, test } from 'vitest'
import { testContext } from '#cli/test-context.ts'
import { runLab } from '../lab/lab.ts'
import { startTap, type Tap } from '../lab/tap.ts'
import { spellingsIn, spellingsOf, spellingsOfText } from './canaries.ts'
import { TableFolder } from './fixtures.ts'
import { CANARIES, ID_LENGTH, ID_PREFIX, JOB_NAME, planSmallJob, smallJobIds } from './small-job.ts'

test.each([
  ['a plain model', false],
  ['bins, a selection, a scorecard and models of some partners', true],
])('no canary value and no plain id crosses the network: %s', async (_, scorecard) => {
  await using folder = await TableFolder.open()
  const plan = await planSmallJob(folder, { hosts: ['tax', 'social'], scorecard })
  let tap: Tap | undefined
  const result = await runLab(plan, {
    cli: testContext(),
    quiet: true,
    through: async (homes, coordinator) => {
      tap = await startTap(homes, coordinator)
      return tap.address
    },
  })
  expect(result.state).toBe('succeeded')
  await using open = tap as Tap
  const encrypted = open.encrypted()
  const plain = open.plain()

  // The tap sees: the job crossed in plain gRPC, inside TLS, and the payloads of all parties crossed too.
  expect(spellingsIn(plain, spellingsOfText(JOB_NAME))).toContain('text')
  expect(spellingsIn(encrypted, spellingsOfText(JOB_NAME))).toEqual([])
  const payloads = Object.values(result.sent).flatMap((byKind) => Object.values(byKind))
  const total = payloads.reduce((sum, bytes) => sum + bytes, 0)
  expect(total).toBeGreaterThan(1 << 20)
  // each payload crosses twice: to the coordinator and from it
  expect(plain.length).toBeGreaterThan(2 * total)
  expect(encrypted.length).toBeGreaterThan(plain.length)

  for (const value of Object.values(CANARIES)) {
    expect(spellingsIn(plain, spellingsOf(value))).toEqual([])
    expect(spellingsIn(encrypted, spellingsOf(value))).toEqual([])
  }
  expect(idsIn(plain)).toEqual([])
  expect(idsIn(encrypted)).toEqual([])
  const first = smallJobIds()[0] ?? ''
  expect(spellingsIn(plain, spellingsOfText(first))).toEqual([])
  expect(spellingsIn(plain, spellingsOf(Number(first)))).toEqual([])
})

test('the search for ids finds one', () => {
  const [first = '', second = ''] = smallJobIds()
  expect(idsIn(Buffer.from(`xx${first}yy7300${second}`))).toEqual([first, second])
})

/** Ids of the job in the bytes. They share their first digits, so one pass finds them all. */
function idsIn(bytes: Buffer): string[] {
  const ids = new Set(smallJobIds())
  const found: string[] = []
  for (let at = bytes.indexOf(ID_PREFIX); at >= 0; at = bytes.indexOf(ID_PREFIX, at + 1)) {
    const text = bytes.toString('latin1', at, at + ID_LENGTH)
    if (ids.has(text)) found.push(text)
  }
  return found
}
