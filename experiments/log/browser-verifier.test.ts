// What the console's page runs to verify a bundle: the one second verifier, its checks line by line, and one's own keys.
import { createHash } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { beforeAll, describe, expect, test } from 'vitest'
import { stringify } from 'yaml'
import { CHECKS, checkLines, verdictOf } from '#console/web/pages/record/verify/checks.ts'
import { compareKeys, LOG_NAME, readPrints, readTrustFile } from '#console/web/pages/record/verify/own-trust.ts'
import type { VerifierModule, VerifierReport } from '#console/web/pages/record/verify/report.ts'
import { outdated } from '../../scripts/generated-files.ts'
import { verifierPage } from '../../scripts/embed-verifier.ts'
import { PROBLEM_CODES } from '#protocols/log/problems.ts'
import { LogEditor } from './log-editing.ts'
import { packParts, seeded } from './tamper-runs.ts'
import { TAMPERINGS, type World } from './tampering.ts'
import { sourceOf } from './two-verifiers.ts'

const MODULE = new URL('../../verifier/verifier.js', import.meta.url)
const { Verifier } = (await import(MODULE.href)) as VerifierModule
const editor = new LogEditor('browser')
const drafts = editor.drafts({ jobs: 1 })
const honest = editor.agreeOn(drafts)
const verify = async (bundle: Uint8Array) => await Verifier.verifyBundle(sourceOf(bundle))
const printOf = (key: Uint8Array) => createHash('sha256').update(key).digest('hex')
const { participants, logKey } = editor.log
const ownLines = [...participants.map((one) => `${one.name} ${printOf(one.signingKey)}`), `log: ${printOf(logKey)}`]

let good: VerifierReport
beforeAll(async () => {
  good = await verify(await packParts(editor, honest))
})

test('verify.html has the bytes of verifier.js, which pages of the console load', () => {
  expect(outdated(verifierPage())).toEqual([])
  expect(readFileSync(MODULE, 'utf8')).toMatch(/\nexport \{ Verifier \}\n$/)
})

test('every code of the verifiers belongs to one check', () => {
  const codes = CHECKS.flatMap((check) => check.codes)
  expect(codes.toSorted()).toEqual(Object.keys(Verifier.CODES).toSorted())
  expect(codes.toSorted()).toEqual([...PROBLEM_CODES].toSorted())
})

test('an honest bundle is verified with keys that came another way, and says so when none came', () => {
  const keys = compareKeys(good, readPrints(ownLines.join('\n')))
  const lines = checkLines(good, keys)
  expect(lines.map(({ result }) => result)).toEqual(lines.map(() => 'good'))
  expect(verdictOf(good, lines)).toBe('good')
  const unpinned = checkLines(good, undefined)
  expect(unpinned.at(-1)).toMatchObject({ id: 'keys', result: 'skipped' })
  expect(verdictOf(good, unpinned)).toBe('unpinned')
})

describe('one’s own keys', () => {
  test('are read as they are written or spoken', () => {
    const spoken = printOf(participants[0]?.signingKey as Uint8Array)
      .slice(0, 20)
      .toUpperCase()
      .replace(/(....)(?=.)/g, '$1-')
    const own = readPrints(`bank: ${spoken}\n\ncoordinator ${printOf(logKey)}\nsome words`)
    expect(own.unread).toEqual(['some words'])
    const comparison = compareKeys(good, own)
    expect(comparison?.lines.map(({ name, result }) => [name, result])).toEqual([
      ['bank', 'same'],
      ['park', 'missing'],
      ['tax', 'missing'],
      [LOG_NAME, 'same'],
    ])
    expect(verdictOf(good, checkLines(good, comparison))).toBe('unpinned')
  })

  test('too few digits are no fingerprint', () => {
    expect(readPrints(`bank ${printOf(logKey).slice(0, 19)}`).prints.size).toBe(0)
  })

  test('come from a trust bundle of one’s own', async () => {
    const own = await readTrustFile(stringify(editor.log.trust))
    expect(verdictOf(good, checkLines(good, compareKeys(good, own)))).toBe('good')
    await expect(readTrustFile('parties: []')).rejects.toThrow(RangeError)
    await expect(readTrustFile('{ parties: [{ party: bank, signingKey: short }] }')).rejects.toThrow(RangeError)
  })

  test('a whole log forged with other keys is found by them alone', async () => {
    const forger = new LogEditor('forger')
    const report = await verify(await packParts(forger, forger.agreeOn(forger.drafts({ jobs: 1 }))))
    expect(report.ok).toBe(true)
    const lines = checkLines(report, compareKeys(report, readPrints(ownLines.join('\n'))))
    expect(lines.at(-1)).toMatchObject({ id: 'keys', result: 'bad' })
    expect(lines.at(-1)?.problems.map(({ who }) => who)).toEqual(['bank', 'park', 'tax', LOG_NAME])
    expect(verdictOf(report, lines)).toBe('bad')
  })
})

// all kinds, in both verifiers: tamper.slow.test.ts
const KINDS = TAMPERINGS.filter(({ jobs = 1, averaging }, i) => jobs === 1 && averaging !== true && i % 6 === 0)
test.each(KINDS)('$name: the check that fails names it', async (tampering) => {
  const world: World = { editor, drafts, honest, below: seeded(tampering.name) }
  const packed = await packParts(editor, tampering.apply(world))
  const report = await verify(tampering.onBundle?.(packed, world.below) ?? packed)
  const lines = checkLines(report, compareKeys(report, readPrints(ownLines.join('\n'))))
  expect(verdictOf(report, lines)).toBe('bad')
  const failed = lines.filter(({ result }) => result === 'bad').flatMap(({ problems }) => problems)
  for (const code of tampering.all) expect(failed.map((problem) => problem.code)).toContain(code)
})
