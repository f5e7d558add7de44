import { expect, test } from 'vitest'
import { PlatformError } from '#runtime/errors.ts'
import type { EndVerdict } from '../log/round-door.ts'
import { believedEnd, type EndingJob } from './job-end.ts'

const job = (verdict: EndVerdict, isDone = true): EndingJob => {
  return { id: 'job-a', state: 'started', isDone, door: { succeeded: async () => verdict } }
}
const told = { state: 'succeeded', failure: null }
const error = new PlatformError('log.not-cosigned', { missing: ['tax'] })

test('success is believed when the last round is cosigned by all', async () => {
  expect(await believedEnd(job({ kind: 'sealed' }), told)).toBe(told)
})

test.each([
  ['not cosigned', job({ kind: 'refused', error }), 'log.not-cosigned'],
  ['rounds missing', job({ kind: 'sealed' }, false), 'protocol.out-of-order'],
  ['never started', { id: 'job-a', state: 'accepted', isDone: false }, 'protocol.out-of-order'],
])('%s: the job failed here, and the coordinator is named', async (_, at, code) => {
  expect(await believedEnd(at, told)).toMatchObject({ state: 'failed', failure: { code, party: 'coordinator' } })
})

test('a connection that went meanwhile decides nothing', async () => {
  expect(await believedEnd(job({ kind: 'lost' }), told)).toBeUndefined()
})

test('every other end is believed at once', async () => {
  const failed = { state: 'failed', failure: { code: 'peer.failed', party: 'tax', detail: {} } }
  expect(await believedEnd(job({ kind: 'refused', error }), failed as never)).toBe(failed)
})
