// What each party offers: names and shapes, as its agent last told. Kept over restarts.
import type { Catalog__Output } from '#protos/gen/tributary/v1/Catalog.ts'
import { PlatformError } from '#runtime/errors.ts'
import type { CatalogRecord } from './store/store.ts'

const NAME = /^[A-Za-z_][A-Za-z0-9_.-]{0,63}$/
const ID_KIND = /^[a-z][a-z0-9-]{0,31}$/
const MAX_DATASETS = 200
const MAX_COLUMNS = 5000
const MAX_SOFTWARE_CHARS = 80

/** @throws PlatformError protocol.malformed naming the first thing that is out of bounds */
export function readCatalog(party: string, software: string, catalog: Catalog__Output): CatalogRecord {
  const problem = (what: string) => new PlatformError('protocol.malformed', { message: 'Catalog', problem: what })
  if (catalog.datasets.length > MAX_DATASETS) throw problem(`more than ${MAX_DATASETS} data sets`)
  const names = new Set<string>()
  for (const { name, id_kind: idKind, columns, label } of catalog.datasets) {
    if (!NAME.test(name) || names.has(name)) throw problem('name of a data set')
    names.add(name)
    if (!ID_KIND.test(idKind)) throw problem(`id_kind of ${name}`)
    if (columns.length > MAX_COLUMNS || !columns.every((column) => NAME.test(column)))
      throw problem(`columns of ${name}`)
    if (new Set(columns).size !== columns.length) throw problem(`repeated columns of ${name}`)
    if (label !== '' && !NAME.test(label)) throw problem(`label of ${name}`)
  }
  const datasets = catalog.datasets.map(({ name, id_kind: idKind, rows, columns, label }) => {
    return { name, idKind, rows, columns, label }
  })
  return { party, software: software.slice(0, MAX_SOFTWARE_CHARS), datasets }
}
