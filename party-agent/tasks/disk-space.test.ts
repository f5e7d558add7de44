import { expect, test } from 'vitest'
import { PlatformError } from '#runtime/errors.ts'
import { silentLogger } from '#runtime/log.ts'
import { spaceWaiter } from './disk-space.ts'

const never = new AbortController().signal

test('a write is tried again until there is space, and reported once', async () => {
  const reported: string[] = []
  const log = { ...silentLogger, error: (event: string) => reported.push(event) }
  let tries = 0
  const result = await spaceWaiter({ signal: never, log, retryMs: 1 })(async () => {
    tries += 1
    if (tries < 4) throw new PlatformError('storage.full')
    return 'written'
  })
  expect([result, tries, reported]).toEqual(['written', 4, ['storage.full']])
})

test('any other error passes through at once', async () => {
  let tries = 0
  const failing = spaceWaiter({ signal: never, log: silentLogger, retryMs: 1 })(async () => {
    tries += 1
    throw new PlatformError('storage.damaged')
  })
  await expect(failing).rejects.toMatchObject({ code: 'storage.damaged' })
  expect(tries).toBe(1)
})

test('the end of the job ends the wait with storage.full', async () => {
  const abort = new AbortController()
  const waiting = spaceWaiter({ signal: abort.signal, log: silentLogger, retryMs: 60_000 })(async () => {
    setImmediate(() => abort.abort())
    throw new PlatformError('storage.full')
  })
  await expect(waiting).rejects.toMatchObject({ code: 'storage.full' })
})
