import { createHash } from 'node:crypto'
import { appendFile, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import type { FrameHeader } from './frame.ts'
import { openFileRecord, RoundLedger } from './record.ts'

let folder: string
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'record-'))
})
afterEach(() => rm(folder, { recursive: true, force: true }))

const digest = (text: string) => createHash('sha256').update(text).digest('hex')
const message = (step: string, seq: number): FrameHeader => ({
  seq,
  task: 'align',
  round: 1,
  step,
  part: seq,
  kind: 'psi-points',
  payloadBytes: 10 * seq,
  envelopeBytes: 10 * seq + 100,
  digest: digest(`${step}${seq}`),
})

function linesOf(round: number, time: string) {
  const ledger = new RoundLedger({ job: 'job-1', self: 'bank', task: 'align', round })
  ledger.note('sent', 'tax', message('points', 1))
  ledger.note('received', 'tax', message('answer', 1))
  ledger.note('sent', 'tax', message('points', 2))
  ledger.note('sent', 'land', message('points', 3))
  return ledger.lines(time)
}
const text = () => readFile(join(folder, 'record.jsonl'), 'utf8')

test('one line per step, peer and direction, with a sum over the messages in order', () => {
  const lines = linesOf(1, 'now')
  expect(lines.map((line) => `${line.direction} ${line.from}>${line.to} ${line.step}`)).toEqual([
    'received tax>bank answer',
    'sent bank>land points',
    'sent bank>tax points',
  ])
  const sum = createHash('sha256')
  for (const seq of [1, 2]) sum.update(Buffer.from(digest(`points${seq}`), 'hex'))
  expect(lines[2]).toMatchObject({ messages: 2, bytes: 30, envelopeBytes: 230, sha256: sum.digest('hex'), time: 'now' })
})

test('the digest of a round is over its lines as they stand in the file', async () => {
  const record = await openFileRecord(folder)
  const first = await record.close('align', 1, linesOf(1, 'now'))
  expect(Buffer.from(first)).toEqual(
    createHash('sha256')
      .update(await text())
      .digest(),
  )
})

test('a round that closes again after a crash keeps its first lines and its digest', async () => {
  const first = await (await openFileRecord(folder)).close('align', 1, linesOf(1, 'before'))
  const before = await text()
  expect(await (await openFileRecord(folder)).close('align', 1, linesOf(1, 'after'))).toEqual(first)
  expect(await text()).toBe(before)
})

test('a crash in the middle of writing a round leaves no half of it', async () => {
  await (await openFileRecord(folder)).close('align', 1, linesOf(1, 'now'))
  const whole = await text()
  const lines = linesOf(2, 'now').map((line) => `${JSON.stringify(line)}\n`)
  for (const torn of [lines[0]?.slice(0, 40) ?? '', `${lines[0]}${lines[1]?.slice(0, 9)}`, `${lines[0]}${lines[1]}`]) {
    await writeFile(join(folder, 'record.jsonl'), whole + torn)
    await (await openFileRecord(folder)).close('align', 2, linesOf(2, 'now'))
    expect(await text()).toBe(whole + lines.join(''))
  }
})

test('a round that closes again with other contents is storage.damaged', async () => {
  const record = await openFileRecord(folder)
  await record.close('align', 1, linesOf(1, 'now'))
  await expect(record.close('align', 1, linesOf(1, 'now').slice(1))).rejects.toMatchObject({ code: 'storage.damaged' })
})

test('a line that is no JSON is storage.damaged', async () => {
  await appendFile(join(folder, 'record.jsonl'), 'not json\n')
  await expect(openFileRecord(folder)).rejects.toMatchObject({ code: 'storage.damaged' })
})
