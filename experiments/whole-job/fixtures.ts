// For tests: labs from tables in memory, and the public data beside the repository where it is there.
import { existsSync } from 'node:fs'
import { access, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'

const SHARED = fileURLToPath(new URL('../../../shared/data/', import.meta.url))

/** True where the public data of `../shared/data` can be read; says so where it cannot. */
export function hasSharedData(): boolean {
  const there = existsSync(SHARED)
  if (!there) console.log('not run: ../shared/data is absent, and the public data is not part of the repository')
  return there
}

/** Waits for a file that an agent leaves at the end of a job: it hears of the end a little after whoever watches. */
export async function present(path: string): Promise<void> {
  for (;;) {
    const found = await access(path).then(
      () => true,
      () => false,
    )
    if (found) return
    await sleep(100)
  }
}

export interface Table {
  readonly header: readonly string[]
  readonly rows: readonly (readonly string[])[]
}

export async function readSharedTable(name: string): Promise<Table> {
  const lines = (await readFile(join(SHARED, name), 'utf8')).trimEnd().split(/\r?\n/)
  const [header = [], ...rows] = lines.map((line) => line.split(','))
  return { header, rows }
}

/** A folder of CSV files that goes away. */
export class TableFolder implements AsyncDisposable {
  readonly path: string

  private constructor(path: string) {
    this.path = path
  }

  static async open(): Promise<TableFolder> {
    return new TableFolder(await mkdtemp(join(tmpdir(), 'tributary-tables-')))
  }

  async write(name: string, { header, rows }: Table): Promise<void> {
    const lines = [header, ...rows].map((cells) => cells.join(','))
    await writeFile(join(this.path, name), `${lines.join('\n')}\n`)
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await rm(this.path, { recursive: true, force: true })
  }
}

/** Some columns of a table. */
export function project(table: Table, columns: readonly string[]): Table {
  const at = columns.map((name) => {
    const index = table.header.indexOf(name)
    if (index < 0) throw new RangeError(`no column ${name}`)
    return index
  })
  return { header: columns, rows: table.rows.map((row) => at.map((index) => row[index] ?? '')) }
}

/** Numbers of a column by id. */
export function columnById(table: Table, column: string): ReadonlyMap<string, number> {
  const { rows } = project(table, ['id', column])
  return new Map(rows.map(([id = '', value]) => [id, Number(value)]))
}
