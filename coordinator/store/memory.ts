// The store in this process's memory: for tests, and the reference for what the contract means.
import { PlatformError } from '#runtime/errors.ts'
import type { JobRecord } from '../jobs/job-record.ts'
import { partiesOfRecord } from '../jobs/job-record.ts'
import { hasEnded } from '../jobs/states.ts'
import type { CatalogRecord, JobFilter, RelayedBytes, RoundClosing, Store } from './store.ts'

export function openMemoryStore(): Store {
  const jobs = new Map<string, JobRecord>()
  const closings = new Map<string, RoundClosing>()
  const catalogs = new Map<string, CatalogRecord>()
  const relayed = new Map<string, RelayedBytes>()
  return {
    insertJob(record) {
      if (jobs.has(record.job)) throw new PlatformError('job.exists', { job: record.job })
      jobs.set(record.job, structuredClone(record))
    },
    saveJob(record) {
      if (!jobs.has(record.job)) throw new PlatformError('job.unknown', { job: record.job })
      jobs.set(record.job, structuredClone(record))
    },
    job: (job) => structuredClone(jobs.get(job)),
    jobs({ party, open, state, after, limit = Number.POSITIVE_INFINITY }: JobFilter = {}) {
      const newestFirst = [...jobs.values()].reverse().sort((a, b) => b.submittedAt.localeCompare(a.submittedAt))
      const start = after === undefined ? 0 : newestFirst.findIndex(({ job }) => job === after) + 1
      if (after !== undefined && start === 0) return []
      return newestFirst
        .slice(start)
        .filter((record) => party === undefined || partiesOfRecord(record).includes(party))
        .filter((record) => open === undefined || hasEnded(record.state) !== open)
        .filter((record) => state === undefined || record.state === state)
        .slice(0, limit)
        .map((record) => structuredClone(record))
    },
    closeRound(closing) {
      const key = [closing.job, closing.task, closing.round, closing.party].join('/')
      if (closings.has(key)) return false
      closings.set(key, { ...closing })
      return true
    },
    closings: (job, task, round) =>
      [...closings.values()].filter((c) => c.job === job && c.task === task && c.round === round),
    saveCatalog: (catalog) => void catalogs.set(catalog.party, structuredClone(catalog)),
    catalog: (party) => structuredClone(catalogs.get(party)),
    saveRelayed(counts) {
      for (const count of counts) relayed.set([count.job, count.from, count.to].join('/'), { ...count })
    },
    relayed: (job) => [...relayed.values()].filter((count) => count.job === job),
    [Symbol.dispose]: () => undefined,
  }
}
