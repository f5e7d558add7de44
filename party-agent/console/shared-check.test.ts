import { expect, test } from 'vitest'
import type { CheckedDataset, CheckEvent } from '#console/api/data.ts'
import type { CheckPart } from '../data/data-check.ts'
import { SharedCheck } from './shared-check.ts'

const REPORT: CheckedDataset = { ok: true, columns: [], consents: {}, problems: [] }

/** A check that goes on when it is told to. */
function slowCheck() {
  const end = Promise.withResolvers<CheckedDataset>()
  let begun: (part: CheckPart) => void = () => undefined
  const check = new SharedCheck(
    (tell) => {
      begun = tell
      return end.promise
    },
    (report: CheckedDataset) => report,
  )
  return { check, begun: (part: CheckPart) => begun(part), end }
}

async function all(events: AsyncIterable<CheckEvent>): Promise<(CheckPart | boolean | undefined)[]> {
  const heard: (CheckPart | boolean | undefined)[] = []
  for await (const { part, report } of events) heard.push(part ?? report?.ok)
  return heard
}

test('who comes later hears the same from the beginning, also when it is over', async () => {
  const { check, begun, end } = slowCheck()
  const { signal } = new AbortController()
  const first = all(check.follow(signal))
  begun('source')
  begun('ids')
  const second = all(check.follow(signal))
  await Promise.resolve()
  begun('columns')
  end.resolve(REPORT)
  const heard = ['source', 'ids', 'columns', true]
  expect(await Promise.all([first, second])).toEqual([heard, heard])
  expect(await all(check.follow(signal))).toEqual(heard)
})

test('who leaves hears no more, and the check goes on', async () => {
  const { check, begun, end } = slowCheck()
  const leaving = new AbortController()
  const left = all(check.follow(leaving.signal))
  begun('source')
  leaving.abort()
  expect((await left).length).toBeLessThanOrEqual(1)
  end.resolve(REPORT)
  await check.ended
  expect(await all(check.follow(new AbortController().signal))).toEqual(['source', true])
})

test('a check that failed fails for everybody who looks', async () => {
  const { check, end } = slowCheck()
  const { signal } = new AbortController()
  const looking = all(check.follow(signal))
  end.reject(new Error('disk'))
  await expect(looking).rejects.toThrow('disk')
  await expect(all(check.follow(signal))).rejects.toThrow('disk')
})
