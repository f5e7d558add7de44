// What people look at here is stated in the access log of the coordinator's home before it is answered. A page that asks
// again by itself is one reading: the same person and the same thing are stated once in ten minutes.
import type { Visitor } from '#console/server/visitor.ts'
import { COORDINATOR_PEER } from '#crypto/identity/names.ts'
import { AccessLog, type AccessRecord, CheckedSignatures } from '#protocols/log/access-log.ts'

const ONE_READING_MS = 10 * 60_000
/** so that what is remembered stays small whatever is asked for */
const MOST_REMEMBERED = 10_000
const PURPOSE = 'console'

export class Statements implements Disposable {
  readonly #log: AccessLog
  /** the relay runs beside: no signature is checked twice */
  readonly #checked = new CheckedSignatures()
  readonly #now: () => number
  readonly #stated = new Map<string, number>()

  /** @throws PlatformError storage.damaged, storage.locked */
  constructor(home: string, federation: string, now: () => number) {
    this.#log = new AccessLog(home, { federation, party: COORDINATOR_PEER })
    this.#now = now
  }

  [Symbol.dispose](): void {
    this.#log[Symbol.dispose]()
  }

  /** @param object what is read, such as 'jobs' or 'log c-…'. @throws PlatformError storage.*, log.malformed */
  read({ person, reader }: Visitor, object: string, job = ''): void {
    const key = [person.id, object, job].join('\n')
    const now = this.#now()
    if (now - (this.#stated.get(key) ?? Number.NEGATIVE_INFINITY) < ONE_READING_MS) return
    const { name, role } = person
    this.#log.read({ ...reader, name, role }, job, { object, purpose: PURPOSE, decision: 'allowed' })
    if (this.#stated.size >= MOST_REMEMBERED) this.#stated.clear()
    this.#stated.set(key, now)
  }

  /** All, oldest first, with signatures and chain checked. @throws PlatformError storage.damaged */
  records(readers: Parameters<AccessLog['records']>[0]): AccessRecord[] {
    return this.#log.records(readers, this.#checked)
  }
}
