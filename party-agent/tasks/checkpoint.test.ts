import { mkdtemp, readdir, rm, truncate, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { silentLogger } from '#runtime/log.ts'
import { type Checkpoint, CheckpointStore } from './checkpoint.ts'

let folder: string
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'checkpoint-'))
})
afterEach(() => rm(folder, { recursive: true, force: true }))

const checkpoint = (round: number): Checkpoint => ({
  task: 'train',
  round,
  finished: false,
  released: false,
  state: { weights: [round, 0.5] },
  marks: { tax: { sent: round, received: round } },
  recordDigest: '00',
  sentBytes: 1,
  receivedBytes: 2,
})
const open = () => CheckpointStore.open(folder, silentLogger)
const files = async () => (await readdir(join(folder, 'checkpoints'))).sort()

async function written(rounds: number): Promise<void> {
  const store = await open()
  for (let round = 0; round < rounds; round++) await store.write(checkpoint(round))
}

test('there is none before the first', async () => {
  const store = await open()
  expect([store.current, store.previous]).toEqual([undefined, undefined])
})

test('the current and the previous are kept, also over a restart', async () => {
  await written(5)
  expect(await files()).toEqual(['00000004.json', '00000005.json'])
  const store = await open()
  expect([store.current, store.previous]).toEqual([checkpoint(4), checkpoint(3)])
})

test('when the current is damaged its round runs again from the previous', async () => {
  await written(3)
  await truncate(join(folder, 'checkpoints/00000003.json'), 100)
  const store = await open()
  expect(store.current).toEqual(checkpoint(1))
  await store.write(checkpoint(2))
  expect((await open()).current).toEqual(checkpoint(2))
})

test('when all are damaged it is storage.damaged, not a job that begins again', async () => {
  await written(1)
  await writeFile(join(folder, 'checkpoints/00000001.json'), 'x'.repeat(200))
  await expect(open()).rejects.toMatchObject({ code: 'storage.damaged' })
})
