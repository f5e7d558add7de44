// The cross-run guard: which sets of rows of each data set already stood behind a result, and the refusal of one that
// differs from an earlier one in so few rows that the difference of the two results would tell about those.
//
// One sealed file for each data set version and job, <home>/released-cells/<data set>/<version>-<job>.cells: the sets
// themselves must be kept, for a digest has no difference to another.
import { createHash } from 'node:crypto'
import { mkdir, readdir } from 'node:fs/promises'
import { join } from 'node:path'
import { PlatformError } from '#runtime/errors.ts'
import type { Secret } from '#runtime/secret.ts'
import { type DisclosureRecord, untold } from './facts.ts'
import { differenceOf, packSet, type RowSet, sizeOf, unpackSet } from './row-set.ts'
import { readSealed, sealingKey, writeSealed } from '#crypto/sealed-file.ts'

/** Fewest rows in which two released cells may differ. An approval may only raise it. */
export const LEAST_DIFFERENCE = 10

/** Rows that stand behind a result of a job. */
export interface Cell {
  /** such as 'intersection', 'training', 'hold-out' */
  readonly what: string
  readonly rows: RowSet
}

export interface CellsOfJob {
  readonly dataset: string
  /** of the data set version: row numbers mean the same within one */
  readonly fingerprint: string
  readonly job: string
  readonly cells: readonly Cell[]
}

export interface ReleasedCell {
  readonly dataset: string
  /** first 16 hex digits of the SHA-256 of the fingerprint */
  readonly version: string
  readonly job: string
  readonly what: string
  readonly count: number
  /** rows of the data set version */
  readonly total: number
  /** SHA-256 of the set of rows, hex: equal for equal sets */
  readonly predicate: string
  readonly time: string
}

interface StoredCells {
  readonly v: 1
  readonly dataset: string
  readonly fingerprint: string
  readonly job: string
  readonly time: string
  readonly cells: readonly { readonly what: string; readonly total: number; readonly packed: string }[]
}

export class DifferencingGuard {
  readonly #folder: string
  readonly #key: Secret
  readonly #now: () => Date
  readonly #record: DisclosureRecord
  readonly #leastFor: (job: string) => number
  #last: Promise<unknown> = Promise.resolve()

  /** @param home of the party; the sets live in `released-cells/` in it */
  constructor(
    home: string,
    storageKey: Secret,
    options: {
      readonly now?: () => Date
      readonly record?: DisclosureRecord
      /** what the owner's approval of a job asks for */
      readonly leastFor?: (job: string) => number
    } = {},
  ) {
    this.#folder = join(home, 'released-cells')
    this.#key = sealingKey(storageKey, 'released-cells')
    this.#now = options.now ?? (() => new Date())
    this.#record = options.record ?? untold
    this.#leastFor = options.leastFor ?? (() => LEAST_DIFFERENCE)
  }

  /**
   * Compares the cells of a job with all released ones of the same data set version, and with their complements; writes
   * them down when none is too near. A cell equal to an earlier one tells nothing new and is allowed. The same job may
   * come again. One call at a time.
   * Rows in which a cell must differ are those of the job's approval, and ten where that says fewer.
   * @throws PlatformError guard.differencing, storage.full, storage.damaged
   */
  release(asked: CellsOfJob): Promise<void> {
    const least = Math.max(this.#leastFor(asked.job), LEAST_DIFFERENCE)
    const done = this.#last.then(() => this.#release(asked, least))
    this.#last = done.catch(() => undefined)
    return done
  }

  /** Everything released of a data set, oldest first. @throws PlatformError storage.damaged */
  async released(dataset: string): Promise<readonly ReleasedCell[]> {
    const stored = await this.#stored(dataset)
    return stored.flatMap(({ fingerprint, job, time, cells }) =>
      cells.map(({ what, total, packed }) => {
        const rows = unpackSet(total, Buffer.from(packed, 'base64'))
        const predicate = createHash('sha256').update(`${total}\0`).update(rows.bits).digest('hex')
        return { dataset, version: digest16(fingerprint), job, what, count: sizeOf(rows), total, predicate, time }
      }),
    )
  }

  async #release(asked: CellsOfJob, least: number): Promise<void> {
    const { dataset, fingerprint, job, cells } = asked
    const earlier = (await this.#stored(dataset)).filter((one) => one.fingerprint === fingerprint && one.job !== job)
    for (const other of earlier) {
      for (const { what, total, packed } of other.cells) {
        const rows = unpackSet(total, Buffer.from(packed, 'base64'))
        const near = cells.find((cell) => isTooNear(cell.rows, rows, least))
        // Not in how many rows they differ: that would be the answer to the question.
        if (near !== undefined)
          throw new PlatformError('guard.differencing', {
            dataset,
            cell: near.what,
            earlier: other.job,
            as: what,
            least,
          })
      }
    }
    const kept = cells.map(({ what, rows }) => ({
      what,
      total: rows.total,
      packed: Buffer.from(packSet(rows)).toString('base64'),
    }))
    const stored: StoredCells = { v: 1, dataset, fingerprint, job, time: this.#now().toISOString(), cells: kept }
    const folder = join(this.#folder, digest16(dataset))
    await mkdir(folder, { recursive: true, mode: 0o700 })
    const name = `${digest16(fingerprint)}-${job}.cells`
    await writeSealed(join(folder, name), name, this.#key, Buffer.from(JSON.stringify(stored)))
    for (const { what, rows } of cells) {
      const atLeast = Math.floor(sizeOf(rows) / 10) * 10
      await this.#record.tell({ fact: 'cell.released', job, dataset, what, atLeast, threshold: least })
    }
  }

  async #stored(dataset: string): Promise<readonly StoredCells[]> {
    const folder = join(this.#folder, digest16(dataset))
    const names = await readdir(folder).catch((error: NodeJS.ErrnoException) => {
      if (error.code === 'ENOENT') return []
      throw error
    })
    const stored: StoredCells[] = []
    for (const name of names.filter((file) => file.endsWith('.cells') && !file.startsWith('.'))) {
      const bytes = await readSealed(join(folder, name), name, this.#key)
      if (bytes !== undefined) stored.push(JSON.parse(Buffer.from(bytes).toString('utf8')) as StoredCells)
    }
    return stored.sort((a, b) => (a.time < b.time ? -1 : 1))
  }
}

/** Different, and different in fewer than `least` rows: from the set itself or from its complement. */
export function isTooNear(a: RowSet, b: RowSet, least: number): boolean {
  if (a.total !== b.total) return false
  const difference = differenceOf(a, b)
  const fromComplement = a.total - difference
  return (difference > 0 && difference < least) || (fromComplement > 0 && fromComplement < least)
}

function digest16(text: string): string {
  return createHash('sha256').update(text).digest('hex').slice(0, 16)
}
