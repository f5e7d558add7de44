// The bins of its columns that a host has let guests see, by data set version: two binnings of the same rows must not
// differ by a handful of them, and a modeler's proposal to join bins names the bins of the last one.
import { mkdir } from 'node:fs/promises'
import { join } from 'node:path'
import { createHash } from 'node:crypto'
import type { NumberedBins, OwnedColumn } from '#protocols/binning-iv/params.ts'
import { readJson, writeJson } from '../results/stored.ts'

interface StoredBinnings {
  readonly version: 1
  /** by name of the column, oldest first */
  readonly columns: Readonly<Record<string, readonly (NumberedBins & { readonly job: string })[]>>
}

export class BinningLedger {
  readonly #folder: string

  /** @param home of the party */
  constructor(home: string) {
    this.#folder = join(home, 'released-bins')
  }

  /**
   * Earlier bins of each column of a data set version, of other jobs than this one, latest last.
   * @param group name and members: those of this group alone, whose counts are of the rows of all members
   */
  async earlier(
    fingerprint: string,
    job: string,
    group?: string,
  ): Promise<ReadonlyMap<string, readonly NumberedBins[]>> {
    const stored = await readJson<StoredBinnings>(this.#fileOf(fingerprint))
    const columns = Object.entries(stored?.columns ?? {})
    return new Map(
      columns.map(([name, known]) => [
        name,
        known.filter((entry) => entry.job !== job && (group === undefined || entry.group === group)),
      ]),
    )
  }

  /** Notes bins that a guest is about to count: a job that ends before its time has told them all the same. */
  async addCounted(
    fingerprint: string,
    job: string,
    columns: readonly Pick<OwnedColumn, 'name' | 'bins'>[],
    group?: string,
  ): Promise<void> {
    await this.add(
      fingerprint,
      job,
      columns.map(({ name, bins }) => ({ name, bins, table: [] })),
      group,
    )
  }

  /** Notes what a guest has seen. The same job twice is noted once. @throws PlatformError storage.full */
  async add(
    fingerprint: string,
    job: string,
    columns: readonly Pick<OwnedColumn, 'name' | 'bins' | 'seen' | 'table'>[],
    group?: string,
  ): Promise<void> {
    const path = this.#fileOf(fingerprint)
    const known = (await readJson<StoredBinnings>(path))?.columns ?? {}
    const next = { ...known }
    for (const { name, bins, seen, table } of columns) {
      const others = (known[name] ?? []).filter((entry) => entry.job !== job)
      next[name] = [
        ...others,
        {
          job,
          ...(group !== undefined && { group }),
          bins,
          ...(seen !== undefined && { seen }),
          table: table.map(({ bin, number }) => ({ bin, number })),
        },
      ]
    }
    await mkdir(this.#folder, { recursive: true, mode: 0o700 })
    await writeJson(path, { version: 1, columns: next } satisfies StoredBinnings)
  }

  #fileOf(fingerprint: string): string {
    return join(this.#folder, `${createHash('sha256').update(fingerprint).digest('hex').slice(0, 32)}.json`)
  }
}
