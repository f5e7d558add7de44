// How the federation runs, in one look. Whoever watches hears of each change, so what is costly to count (ended jobs,
// certificates) is counted once in a few seconds for all who watch: this process has envelopes to relay.
import type { Overview } from '#console/api/coordinator.ts'
import { needsLooking } from '#console/server/certificate-view.ts'
import { bytesOf } from './job-views.ts'
import type { CoordinatorParts } from './parts.ts'
import { certificates, connectedParties } from './party-views.ts'

const LATELY_MS = 86_400_000
/** so many ended jobs are looked through for those that ended lately */
const MOST_LATELY = 200
const COUNT_AGAIN_MS = 5000

type Counted = Pick<Overview, 'certificates'> & { readonly endedLately: number; readonly failedLately: number }

export class Overviews implements Disposable {
  readonly #parts: CoordinatorParts
  readonly #stop: () => void
  #changes = 0
  #counted: { readonly atMs: number; readonly value: Counted } | undefined

  constructor(parts: CoordinatorParts) {
    this.#parts = parts
    this.#stop = parts.book.watchAll(() => void (this.#changes += 1))
  }

  [Symbol.dispose](): void {
    this.#stop()
  }

  current(): Overview {
    const { trust, book, relay, logs, startedAtMs } = this.#parts
    const open = book.jobs({ open: true })
    const running = open.filter(({ state }) => state === 'running')
    const views = logs.views()
    const { endedLately, failedLately, certificates: known } = this.#count()
    return {
      federation: trust.bundle.federation,
      startedAt: new Date(startedAtMs).toISOString(),
      trustEdition: trust.bundle.edition,
      parties: { all: trust.bundle.parties.length, connected: connectedParties(this.#parts).length },
      jobs: { waiting: open.length - running.length, running: running.length, endedLately, failedLately },
      logs: { all: views.length, unsealed: views.filter(({ size, sealedSize }) => sealedSize < size).length },
      certificates: known,
      relayedBytes: running.reduce((sum, { job }) => sum + bytesOf(relay.trafficOf(job)), 0),
      changes: this.#changes,
    }
  }

  #count(): Counted {
    const { book, now } = this.#parts
    const atMs = now()
    if (this.#counted !== undefined && atMs - this.#counted.atMs < COUNT_AGAIN_MS) return this.#counted.value
    const since = new Date(atMs - LATELY_MS).toISOString()
    const lately = book.jobs({ open: false, limit: MOST_LATELY }).filter(({ endedAt }) => endedAt >= since)
    const known = certificates(this.#parts)
    const value = {
      endedLately: lately.length,
      failedLately: lately.filter(({ state }) => state === 'failed').length,
      certificates: { nextEnd: known[0]?.validTo ?? '', toLookAt: known.filter(needsLooking).length },
    }
    this.#counted = { atMs, value }
    return value
  }
}
