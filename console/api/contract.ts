// What one HTTP call of the console is, as data. The server validates with it, the SDK takes its types from it, and the
// OpenAPI document and the matrix of roles are made from it: there is no second place that says what a call is.
import type { Static, TObject, TSchema } from 'typebox'
import type { PersonRole } from '#crypto/people/people.ts'

export interface Call {
  readonly method: 'GET' | 'POST' | 'PUT' | 'DELETE'
  /** below /api; `:name` stands for a member of `params` */
  readonly path: `/${string}`
  /** one line for the OpenAPI document */
  readonly summary: string
  /** `anyone` needs no sign-in; a list names the roles, and the role is all that decides */
  readonly who: 'anyone' | 'signed-in' | readonly PersonRole[]
  readonly params?: TObject
  readonly query?: TObject
  readonly body?: TSchema
  /** of the body in bytes; 64 KiB unless given */
  readonly bodyLimit?: number
  /** the answer as JSON; of `events` and `file` calls none; without any of the three: 204 */
  readonly reply?: TSchema
  /** instead of a reply: server-sent events, each one of these */
  readonly events?: TSchema
  /** instead of a reply: a file of this media type */
  readonly file?: string
}

export type Calls = Readonly<Record<string, Call>>

/** What a caller gives. */
export interface Asked<C extends Call> {
  readonly params: Part<C, 'params'>
  readonly query: Part<C, 'query'>
  readonly body: Part<C, 'body'>
}

type Part<C extends Call, K extends 'params' | 'query' | 'body'> =
  C extends Readonly<Record<K, infer S extends TSchema>> ? Static<S> : undefined

/** What a caller gets: nothing, a value, a value after the other, or a file. */
export type Told<C extends Call> = C extends { readonly events: infer S extends TSchema }
  ? AsyncIterable<Static<S>>
  : C extends { readonly file: string }
    ? Blob
    : C extends { readonly reply: infer S extends TSchema }
      ? Static<S>
      : void

/** Keeps the exact types of a table of calls. */
export function calls<const T extends Calls>(table: T): T {
  return table
}
