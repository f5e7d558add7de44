// What every store must do. Run on each implementation by store.test.ts.
import { expect, test } from 'vitest'
import type { JobRecord } from '../jobs/job-record.ts'
import type { RoundClosing, Store } from './store.ts'

export function sampleJob(job: string, change: Partial<JobRecord> = {}): JobRecord {
  return {
    job,
    spec: 'e30=',
    signature: 'AA==',
    name: 'joint credit',
    guest: 'bank',
    hosts: ['tax', 'social'],
    state: 'submitted',
    submittedAt: '2026-11-21T10:00:00.000Z',
    startedAt: '',
    endedAt: '',
    replies: {},
    tasks: [{ task: 'align', protocol: 'psi', maxRounds: 1, state: 'waiting', round: 0, startedAt: '', endedAt: '' }],
    failure: null,
    ...change,
  }
}

function closing(party: string, change: Partial<RoundClosing> = {}): RoundClosing {
  return {
    job: 'job-a',
    task: 'align',
    round: 0,
    party,
    finished: false,
    recordDigest: 'ab',
    sentBytes: 1,
    receivedBytes: 2,
    closedAt: '2026-11-21T10:00:01.000Z',
    ...change,
  }
}

export function storeContract(open: () => Store): void {
  test('a job comes back as it was written', () => {
    using store = open()
    const record = sampleJob('job-a')
    store.insertJob(record)
    expect(store.job('job-a')).toEqual(record)
    const failure = { code: 'peer.timeout', party: 'tax', detail: { party: 'tax' } } as const
    store.saveJob({ ...record, state: 'failed', failure })
    expect(store.job('job-a')).toEqual({ ...record, state: 'failed', failure })
    expect(store.job('job-b')).toBeUndefined()
  })

  test('a job is inserted once and saved only when it exists', () => {
    using store = open()
    store.insertJob(sampleJob('job-a', { name: 'first' }))
    expect(() => store.insertJob(sampleJob('job-a', { name: 'second' }))).toThrowError(/^job\.exists/)
    expect(store.job('job-a')?.name).toBe('first')
    expect(() => store.saveJob(sampleJob('job-b'))).toThrowError(/^job\.unknown/)
  })

  test('changing what was read or written does not change the store', () => {
    using store = open()
    const hosts = ['tax']
    store.insertJob(sampleJob('job-a', { hosts }))
    hosts.push('social')
    expect(store.job('job-a')?.hosts).toEqual(['tax'])
  })

  test('jobs are listed newest first, by party, by whether they are open, by state, after another, up to a limit', () => {
    using store = open()
    store.insertJob(sampleJob('job-a', { submittedAt: '2026-11-21T10:00:00.000Z' }))
    store.insertJob(sampleJob('job-b', { submittedAt: '2026-11-21T12:00:00.000Z', hosts: ['tax'] }))
    store.insertJob(sampleJob('job-c', { submittedAt: '2026-11-21T11:00:00.000Z', state: 'succeeded' }))
    const names = (filter: Parameters<Store['jobs']>[0]) => store.jobs(filter).map((record) => record.job)
    expect(names({})).toEqual(['job-b', 'job-c', 'job-a'])
    expect(names({ limit: 1 })).toEqual(['job-b'])
    expect(names({ party: 'social' })).toEqual(['job-c', 'job-a'])
    expect(names({ party: 'stranger' })).toEqual([])
    expect(names({ open: true })).toEqual(['job-b', 'job-a'])
    expect(names({ open: false, party: 'bank' })).toEqual(['job-c'])
    expect(names({ state: 'succeeded' })).toEqual(['job-c'])
    expect(names({ state: 'submitted', limit: 1 })).toEqual(['job-b'])
    expect(names({ after: 'job-b' })).toEqual(['job-c', 'job-a'])
    expect(names({ after: 'job-b', party: 'social', limit: 1 })).toEqual(['job-c'])
    expect(names({ after: 'job-a' })).toEqual([])
    expect(names({ after: 'job-z' })).toEqual([])
  })

  test('a party closes a round once; the first closing is kept', () => {
    using store = open()
    store.insertJob(sampleJob('job-a'))
    expect(store.closeRound(closing('tax'))).toBe(true)
    expect(store.closeRound(closing('bank', { finished: true }))).toBe(true)
    expect(store.closeRound(closing('tax', { recordDigest: 'cd' }))).toBe(false)
    expect(store.closings('job-a', 'align', 0)).toEqual([closing('tax'), closing('bank', { finished: true })])
    expect(store.closings('job-a', 'align', 1)).toEqual([])
  })

  test('catalogs and byte counts are replaced by newer ones', () => {
    using store = open()
    const dataset = { name: 'filings', idKind: 'uscc', rows: 100, columns: ['vat'], label: '' }
    store.saveCatalog({ party: 'tax', software: '1', datasets: [] })
    store.saveCatalog({ party: 'tax', software: '2', datasets: [dataset] })
    expect(store.catalog('tax')).toEqual({ party: 'tax', software: '2', datasets: [dataset] })
    expect(store.catalog('bank')).toBeUndefined()
    const count = { job: 'job-a', from: 'bank', to: 'tax', bytes: 5_000_000_000, chunks: 3 }
    store.saveRelayed([{ ...count, bytes: 1 }])
    store.saveRelayed([count])
    expect(store.relayed('job-a')).toEqual([count])
    expect(store.relayed('job-b')).toEqual([])
  })
}
