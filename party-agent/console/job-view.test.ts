import { appendFile, mkdir, mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import Value from 'typebox/value'
import { expect, test } from 'vitest'
import { JobProgress, JobSummary } from '#console/api/job-progress.ts'
import type { JobView } from '../link/coordinator-client.ts'
import { catalogueOf } from './catalogue-calls.ts'
import { progressOf, summaryOf } from './job-view.ts'
import { LossTail } from './loss-tail.ts'

const now = new Date('2026-01-01T00:01:00Z')
const idle = { task: '', round: 0, phase: '', done: 0, total: 0, unit: '', sent_bytes: 0, received_bytes: 0, group: '' }
const party = (name: string, changes: object = {}) => ({ ...idle, party: name, connected: true, ...changes })
const view = (changes: object = {}) =>
  ({
    job: 'job-0123456789abcdef0123',
    name: 'first try',
    guest: 'bank',
    hosts: ['tax', 'land'],
    state: 'inviting',
    submitted_at: '2026-01-01T00:00:00.000Z',
    started_at: '',
    ended_at: '',
    tasks: [],
    failure_code: '',
    failure_party: '',
    failure_detail: {},
    parties: [party('bank', { phase: 'accepted' }), party('tax'), party('land')],
    ...changes,
  }) as unknown as JobView

test('it says who must act, since when and until when', () => {
  const awaiting = party('tax', { phase: 'awaiting approval', done: 1, total: 2, unit: 'steward, compliance' })
  const inviting = view({
    parties: [party('bank', { phase: 'accepted' }), awaiting, party('land', { connected: false })],
  })
  const progress = progressOf(inviting, { self: 'bank', now, inviteUntil: '2026-01-08T00:00:00.000Z' })
  const since = { since: '2026-01-01T00:00:00.000Z', until: '2026-01-08T00:00:00.000Z' }
  expect(progress.waits).toEqual([
    { party: 'tax', for: 'approval', roles: ['steward', 'compliance'], ...since },
    { party: 'land', for: 'connection', roles: [], ...since },
  ])
  expect(progress.parties.map(({ stage }) => stage)).toEqual(['accepted', 'awaiting-approval', 'away'])
  expect(Value.Check(JobProgress, progress)).toBe(true)
  expect(Value.Check(JobSummary, summaryOf(inviting, 'tax'))).toBe(true)
})

test('a running job has the time that is left, parties left out with the reason, and those that are away', () => {
  const task = { task: 'average', protocol: 'fedavg', state: 'running', round: 11, max_rounds: 31, ended_at: '' }
  const running = view({
    state: 'running',
    tasks: [{ ...task, started_at: '2026-01-01T00:00:50Z' }],
    parties: [
      party('bank', { phase: 'training', task: 'average', round: 11 }),
      party('tax', { phase: 'left out', unit: 'late', task: 'average' }),
      party('land', { connected: false }),
    ],
  })
  const awaySince = new Map([['land', '2026-01-01T00:00:55Z']])
  const progress = progressOf(running, { self: 'tax', now, awaySince })
  expect(progress.secondsLeft).toBeCloseTo(21)
  expect(progress.isOwn).toBe(false)
  expect(progress.parties.map(({ stage, phase }) => [stage, phase])).toEqual([
    ['working', 'training'],
    ['left-out', 'late'],
    ['away', undefined],
  ])
  expect(progress.waits).toEqual([{ party: 'land', for: 'connection', roles: [], since: '2026-01-01T00:00:55Z' }])
  expect(summaryOf(running, 'tax').at).toEqual({ task: 'average', round: 11, rounds: 31 })
  expect(Value.Check(JobProgress, progress)).toBe(true)
})

test('a failure says who must act and what to do, also of a code that this software does not know', () => {
  const failed = (code: string) =>
    progressOf(view({ state: 'failed', failure_code: code, failure_party: 'tax', failure_detail: { seconds: '5' } }), {
      self: 'bank',
      now,
    })
  expect(failed('peer.timeout').failure).toMatchObject({ code: 'peer.timeout', party: 'tax', detail: { seconds: '5' } })
  expect(failed('peer.timeout').failure?.mend.zh).toMatch(/\p{Script=Han}/u)
  expect(failed('later.code').failure).toMatchObject({ code: 'later.code', who: 'developer' })
  expect(failed('peer.timeout').waits).toEqual([])
})

test('the loss is read on from where it was, whole lines only', async () => {
  const home = await mkdtemp(join(tmpdir(), 'loss-'))
  const folder = join(home, 'jobs', 'job-1')
  const line = (round: number) => JSON.stringify({ time: '', event: 'loss', task: 'train', round, loss: 1 / round })
  const tail = new LossTail(home, 'job-1')
  expect(await tail.next()).toEqual([])
  await mkdir(folder, { recursive: true })
  await appendFile(join(folder, 'events.jsonl'), `${line(1)}\n{"event":"started"}\n${line(2)}`)
  expect(await tail.next()).toEqual([{ task: 'train', points: [{ round: 1, loss: 1 }] }])
  await appendFile(join(folder, 'events.jsonl'), '\n')
  expect(await tail.next()).toEqual([{ task: 'train', points: [{ round: 2, loss: 0.5 }] }])
  expect(await tail.next()).toEqual([])
  await rm(home, { recursive: true })
})

test('the catalogue has of own columns what is declared of them, and of others the names', () => {
  const offer = { name: 'rows', id_kind: 'uscc+mobile', rows: 8000, columns: ['a', 'b'], label: '' }
  const parties = ['bank', 'tax'].map((name) => ({ party: name, connected: true, software: 'x', datasets: [offer] }))
  const features = { a: { zh: '销售额', sign: '-', alias: 'B.F01' } }
  const found = catalogueOf({ federation: 'test', parties } as never, 'bank', { rows: { features } } as never)
  expect(found.parties.map(({ data }) => data[0]?.columns)).toEqual([
    [{ name: 'a', alias: 'B.F01', title: { zh: '销售额' }, sign: '-' }, { name: 'b' }],
    [{ name: 'a' }, { name: 'b' }],
  ])
  expect(found.parties[1]).toMatchObject({ isOwn: false, data: [{ ids: ['uscc', 'mobile'], rows: 8000 }] })
})
