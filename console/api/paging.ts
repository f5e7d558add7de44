// Lists are told a page at a time: the newest first, and a cursor where there is more.
import Type, { type TSchema } from 'typebox'

export const PAGE_LIMIT = 50
const MOST_PER_PAGE = 200

/** Members of a query. */
export const PAGE_QUERY = {
  limit: Type.Optional(Type.Integer({ minimum: 1, maximum: MOST_PER_PAGE, description: `${PAGE_LIMIT} unless given` })),
  after: Type.Optional(Type.String({ maxLength: 256, description: '`next` of the page before' })),
}
export const PageQuery = Type.Object(PAGE_QUERY, { additionalProperties: false })

export function Page<T extends TSchema>(item: T) {
  return Type.Object(
    { items: Type.Array(item), next: Type.Optional(Type.String({ description: 'absent on the last page' })) },
    { additionalProperties: false },
  )
}

/**
 * A page of a list that is in memory.
 * @param keyOf what a cursor names: unique and steady
 */
export function pageOf<T>(
  all: readonly T[],
  { limit = PAGE_LIMIT, after }: { readonly limit?: number; readonly after?: string },
  keyOf: (item: T) => string,
): { items: T[]; next?: string } {
  const start = after === undefined ? 0 : all.findIndex((item) => keyOf(item) === after) + 1
  const items = all.slice(start, start + limit)
  const last = items.at(-1)
  return start + limit < all.length && last !== undefined ? { items, next: keyOf(last) } : { items }
}
