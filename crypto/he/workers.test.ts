// The threads behind the pool: a worker that dies is replaced and its request tried once more; disposing ends all.
import { describe, expect, test } from 'vitest'
import { WorkerPool } from './workers.ts'

const FRAGILE = new URL('./fixtures/fragile-worker.ts', import.meta.url)
const BROKEN = new URL('./fixtures/broken-worker.ts', import.meta.url)
const refused = (code: string) => expect.objectContaining({ code })

/** A request that ends `deaths` workers before one answers it. */
function request(pool: WorkerPool, deaths: number, refusals = 0) {
  const counter = new Int32Array(new SharedArrayBuffer(4))
  counter[0] = deaths
  return pool.run('generateKey', { set: 'score', deaths: counter, refusals } as { set: 'score' })
}

describe('workers', () => {
  test('a request whose worker died is answered by the replacement', async () => {
    await using pool = await WorkerPool.open(2, { entry: FRAGILE })
    await request(pool, 0)
    const before = pool.threadIds
    const answers = await Promise.all([request(pool, 1), request(pool, 0), request(pool, 1), request(pool, 0)])
    expect(answers.length).toBe(4)
    expect(pool.threadIds.length).toBe(2)
    expect(pool.threadIds).not.toEqual(before)
  })

  test('a request that two workers died of is he.worker, and the pool goes on', async () => {
    await using pool = await WorkerPool.open(1, { entry: FRAGILE })
    await expect(request(pool, 2)).rejects.toThrow(refused('he.worker'))
    await expect(request(pool, 0)).resolves.toBeDefined()
  })

  test('a worker is replaced after its library threw 64 times', async () => {
    await using pool = await WorkerPool.open(1, { entry: FRAGILE })
    await request(pool, 0, 63)
    const before = pool.threadIds
    await request(pool, 0, 64)
    await request(pool, 0)
    expect(pool.threadIds).not.toEqual(before)
  })

  test('workers that cannot start refuse the queue and are not started again and again', async () => {
    await using pool = await WorkerPool.open(2, { entry: BROKEN })
    await expect(request(pool, 0)).rejects.toThrow(refused('he.worker'))
    await expect(request(pool, 0)).rejects.toThrow(refused('he.worker'))
  })

  test('closing refuses what waits and what comes later', async () => {
    const pool = await WorkerPool.open(1)
    const waiting = [pool.run('generateKey', { set: 'score' }), pool.run('generateKey', { set: 'gradient' })]
    const outcomes = Promise.allSettled(waiting)
    await pool[Symbol.asyncDispose]()
    expect((await outcomes).map((outcome) => outcome.status)).toEqual(['rejected', 'rejected'])
    await expect(request(pool, 0)).rejects.toThrow(refused('he.worker'))
  })
})
