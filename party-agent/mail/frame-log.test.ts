import { createHash } from 'node:crypto'
import { appendFile, mkdtemp, open, readdir, readFile, rm, truncate, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import fc from 'fast-check'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { silentLogger } from '#runtime/log.ts'
import { FrameLog, type FrameLogOptions, type FrameWriter } from './frame-log.ts'

let folder: string
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'frame-log-'))
})
afterEach(() => rm(folder, { recursive: true, force: true }))

const options = (more: Partial<FrameLogOptions> = {}): FrameLogOptions => ({
  log: silentLogger,
  signal: new AbortController().signal,
  retryMs: 5,
  segmentBytes: 1,
  ...more,
})
const header = (part: number) => ({
  task: 'align',
  round: 1,
  step: 'points',
  part,
  kind: 'psi-points' as const,
  payloadBytes: 3,
  envelopeBytes: 3,
  digest: createHash('sha256').update(body(part)).digest('hex'),
})
const body = (part: number) => Buffer.from(`body-${part}`)
const firstFile = () => join(folder, '00000001.log')

async function filled(count: number): Promise<void> {
  const log = await FrameLog.open(folder, options())
  for (let i = 1; i <= count; i++) await log.append(header(i), body(i)).durable
  await log.close()
}

test('what was appended is read back after reopening', async () => {
  await filled(5)
  const log = await FrameLog.open(folder, options())
  expect(log.lastSeq).toBe(5)
  expect([...log.headers()].map((kept) => kept.part)).toEqual([1, 2, 3, 4, 5])
  expect(Buffer.from(await log.read(3)).toString()).toBe('body-3')
  await log.close()
})

test('messages that wait together are written together', async () => {
  const writes: number[] = []
  const write: FrameWriter = async (file, buffers) => {
    writes.push(buffers.length)
    await file.writev(buffers)
  }
  const log = await FrameLog.open(folder, options({ write }))
  const appended = Array.from({ length: 40 }, (_, i) => log.append(header(i), body(i)))
  await Promise.all(appended.map((one) => one.durable))
  expect(writes.length).toBeLessThanOrEqual(2)
  expect(log.durableSeq).toBe(40)
  await log.close()
})

test('a torn tail is dropped at any length, and nothing before it', async () => {
  await filled(4)
  const whole = await readFile(firstFile())
  const ends = [0]
  for (let at = 0; at < whole.length; ) {
    at += 44 + whole.readUInt32BE(at + 4) + whole.readUInt32BE(at + 8)
    ends.push(at)
  }
  await fc.assert(
    fc.asyncProperty(fc.nat(whole.length), async (length) => {
      await writeFile(firstFile(), whole.subarray(0, length))
      const log = await FrameLog.open(folder, options())
      expect(log.lastSeq).toBe(ends.filter((end) => end <= length).length - 1)
      await log.append(header(99), body(99)).durable
      expect(Buffer.from(await log.read(log.lastSeq)).toString()).toBe('body-99')
      await log.close()
    }),
    { numRuns: 60 },
  )
})

test('garbage after the last frame is dropped', async () => {
  await filled(2)
  await appendFile(firstFile(), Buffer.alloc(500, 7))
  const log = await FrameLog.open(folder, options())
  expect(log.lastSeq).toBe(2)
  await log.close()
})

test('a changed bit before what is known to be on disk is storage.damaged', async () => {
  await filled(4)
  const whole = await readFile(firstFile())
  const lastFrame = whole.lastIndexOf(whole.subarray(0, 4))
  await fc.assert(
    fc.asyncProperty(fc.nat(lastFrame - 1), fc.nat(7), async (at, bit) => {
      const changed = Buffer.from(whole)
      changed[at] = (changed[at] as number) ^ (1 << bit)
      await writeFile(firstFile(), changed)
      await expect(FrameLog.open(folder, options())).rejects.toMatchObject({ code: 'storage.damaged' })
    }),
    { numRuns: 60 },
  )
})

test('bytes that rot while the log is open are not handed out', async () => {
  await filled(2)
  const log = await FrameLog.open(folder, options())
  await using file = await open(firstFile(), 'r+')
  const at = (await readFile(firstFile())).indexOf('body-1')
  await file.write(Buffer.of(0), 0, 1, at)
  await expect(log.read(1)).rejects.toMatchObject({ code: 'storage.damaged' })
  expect(Buffer.from(await log.read(2)).toString()).toBe('body-2')
  await log.close()
})

test('a full disk keeps the message waiting, leaves no half of it, and goes on when space returns', async () => {
  let space = 0
  const reported: unknown[] = []
  const write: FrameWriter = async (file, buffers) => {
    await file.writev(space > 0 ? buffers : [(buffers[0] as Uint8Array).subarray(0, 9)])
    if (space <= 0) throw Object.assign(new Error('no space'), { code: 'ENOSPC' })
  }
  const log = { ...silentLogger, error: (event: string) => reported.push(event) }
  const frames = await FrameLog.open(folder, options({ write, log }))
  const { durable } = frames.append(header(1), body(1))
  while (reported.length === 0) await new Promise((resolve) => setTimeout(resolve, 1))
  expect(frames.durableSeq).toBe(0)
  space = 1
  await durable
  expect(frames.durableSeq).toBe(1)
  expect(reported).toEqual(['storage.full'])
  await frames.close()
  const again = await FrameLog.open(folder, options())
  expect(Buffer.from(await again.read(1)).toString()).toBe('body-1')
  await again.close()
})

test('a disk that stays full until the end gives storage.full to those who wait', async () => {
  const abort = new AbortController()
  const write: FrameWriter = async () => {
    throw Object.assign(new Error('no space'), { code: 'ENOSPC' })
  }
  const log = await FrameLog.open(folder, options({ write, signal: abort.signal }))
  const { durable } = log.append(header(1), body(1))
  abort.abort()
  await expect(durable).rejects.toMatchObject({ code: 'storage.full' })
  await log.close()
})

test('released messages leave the disk; their headers and numbers stay', async () => {
  const log = await FrameLog.open(folder, options())
  for (let round = 0; round < 3; round++) {
    for (let part = 1; part <= 2; part++) await log.append(header(round * 2 + part), body(part)).durable
    await log.release(0) // the next messages go to another file
  }
  await log.release(3) // the second file holds 3 and 4: it stays
  expect(log.firstKept).toBe(3)
  expect((await readdir(folder)).sort()).toEqual(['00000002.log', '00000003.log', 'released'])
  await log.close()
  await truncate(join(folder, 'released'), 20) // a crash in the middle of the first release
  await expect(FrameLog.open(folder, options())).rejects.toMatchObject({ code: 'storage.damaged' })
})

test('after a release and a restart the numbers go on', async () => {
  const log = await FrameLog.open(folder, options())
  await log.append(header(1), body(1)).durable
  await log.release(1)
  await log.close()
  const again = await FrameLog.open(folder, options())
  expect(again.header(1)?.digest).toBe(header(1).digest)
  expect(again.append(header(2), body(2)).seq).toBe(2)
  await again.close()
})

test('a release with nothing new to release does not send later messages into a file that is gone', async () => {
  const log = await FrameLog.open(folder, options())
  await log.append(header(1), body(1)).durable
  await log.release(1)
  await log.release(1)
  await log.append(header(2), body(2)).durable
  expect((await readdir(folder)).sort()).toEqual(['00000002.log', 'released'])
  await log.release(1)
  await log.close()
  const again = await FrameLog.open(folder, options())
  expect(Buffer.from(await again.read(2)).toString()).toBe('body-2')
  await again.close()
})
