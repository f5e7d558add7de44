// A table of calls together with what answers them.
import type { Readable } from 'node:stream'
import type { Asked, Call, Calls, Told } from '#console/api/contract.ts'
import type { OpenVisit, Visit } from './visitor.ts'

/** A file to keep. */
export interface Download {
  /** with its ending */
  readonly name: string
  readonly content: Uint8Array | string | Readable
}

/** @throws PlatformError, told as a problem with its code; of events, also in the middle */
export type Handler<C extends Call> = (
  asked: Asked<C>,
  visit: C['who'] extends 'anyone' ? OpenVisit : Visit,
) => Answer<C> | Promise<Answer<C>>

type Answer<C extends Call> = C extends { readonly file: string } ? Download : Told<C>

export type Handlers<T extends Calls> = { readonly [K in keyof T]: Handler<T[K]> }

export interface Served {
  readonly calls: Calls
  readonly handlers: Readonly<Record<string, (asked: never, visit: never) => unknown>>
}

export function served<const T extends Calls>(calls: T, handlers: Handlers<T>): Served {
  return { calls, handlers }
}
