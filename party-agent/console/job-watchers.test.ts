import { expect, test } from 'vitest'
import { PlatformError } from '#runtime/errors.ts'
import type { JobView } from '../link/coordinator-client.ts'
import { JobWatchers, type Seen } from './job-watchers.ts'

const view = (state: string, round: number, connected = true) =>
  ({ state, tasks: [{ round }], parties: [{ party: 'tax', connected }] }) as unknown as JobView
const roundOf = ({ view: seen }: Seen) => seen?.tasks[0]?.round
const now = () => new Date('2026-01-01T00:00:00Z')
const never = new AbortController().signal

/** Lines that give what is pushed, until they are broken or closed. */
function line() {
  const opened: { push: (view: JobView) => void; fail: (error: Error) => void; signal: AbortSignal }[] = []
  async function* watch(_: string, signal: AbortSignal): AsyncGenerator<JobView> {
    const steps: (JobView | Error)[] = []
    let wake = () => {}
    const push = (step: JobView | Error) => {
      steps.push(step)
      wake()
    }
    signal.addEventListener('abort', () => wake(), { once: true })
    opened.push({ push, fail: push, signal })
    while (!signal.aborted) {
      const step = steps.shift()
      if (step instanceof Error) throw step
      if (step !== undefined) yield step
      else await new Promise<void>((resolve) => (wake = resolve))
    }
  }
  return { opened, client: async () => ({ watch }) }
}
const opened = async <T>(list: T[], count: number): Promise<T> => {
  while (list.length < count) await new Promise((resolve) => setImmediate(resolve))
  return list[count - 1] as T
}

test('viewers share one line; who comes later sees the present view at once, and it ends with the job', async () => {
  const { opened: lines, client } = line()
  const watchers = new JobWatchers(client, now)
  const first = watchers.watch('job-1', never)
  const one = first.next()
  const upstream = await opened(lines, 1)
  upstream.push(view('running', 1))
  expect(roundOf((await one).value)).toBe(1)
  const second = watchers.watch('job-1', never)
  expect(roundOf((await second.next()).value)).toBe(1)
  expect(lines).toHaveLength(1)
  const both = [first.next(), second.next()]
  upstream.push(view('succeeded', 2))
  expect((await Promise.all(both)).map(({ value }) => roundOf(value as Seen))).toEqual([2, 2])
  expect((await Promise.all([first.next(), second.next()])).map(({ done }) => done)).toEqual([true, true])
  expect(watchers.lines).toBe(0)
})

test('who is slow misses views in between and never the last one', async () => {
  const { opened: lines, client } = line()
  const slow = new JobWatchers(client, now).watch('job-1', never)
  const one = slow.next()
  const upstream = await opened(lines, 1)
  upstream.push(view('running', 1))
  await one
  for (let round = 2; round < 500; round++) upstream.push(view('running', round))
  upstream.push(view('succeeded', 500))
  await new Promise((resolve) => setTimeout(resolve, 10))
  expect(roundOf((await slow.next()).value)).toBe(500)
  expect((await slow.next()).done).toBe(true)
})

test('while the coordinator is away the last view stays, and the line is dialled again', async () => {
  const { opened: lines, client } = line()
  const watching = new JobWatchers(client, now, 1).watch('job-1', never)
  const one = watching.next()
  const upstream = await opened(lines, 1)
  upstream.push(view('running', 7, false))
  const seen = (await one).value as Seen
  expect([...seen.awaySince]).toEqual([['tax', '2026-01-01T00:00:00.000Z']])
  const away = watching.next()
  upstream.fail(new PlatformError('transport.unavailable', {}))
  expect((await away).value).toMatchObject({ isAway: true, view: { state: 'running' } })
  const back = watching.next()
  ;(await opened(lines, 2)).push(view('running', 8))
  expect((await back).value).toMatchObject({ isAway: false, view: { tasks: [{ round: 8 }] } })
  await watching.return(undefined)
})

test('what the coordinator refuses reaches every viewer, and the last one to go closes the line', async () => {
  const { opened: lines, client } = line()
  const watchers = new JobWatchers(client, now)
  const refused = [watchers.watch('job-1', never).next(), watchers.watch('job-1', never).next()]
  ;(await opened(lines, 1)).fail(new PlatformError('job.unknown', { job: 'job-1' }))
  for (const each of refused) await expect(each).rejects.toMatchObject({ code: 'job.unknown' })
  const gone = new AbortController()
  const watching = watchers.watch('job-2', gone.signal).next()
  const upstream = await opened(lines, 2)
  gone.abort()
  expect((await watching).done).toBe(true)
  expect(upstream.signal.aborted).toBe(true)
  expect(watchers.lines).toBe(0)
})
