// What people look at here is stated in the access log of the coordinator's home before it is answered. A page that asks
// again by itself is one reading: the same person and the same thing are stated once in ten minutes.
import { Sittings } from '#console/server/sittings.ts'
import type { Visitor } from '#console/server/visitor.ts'
import { COORDINATOR_PEER } from '#crypto/identity/names.ts'
import { AccessLog, type AccessRecord, CheckedSignatures } from '#protocols/log/access-log.ts'

const PURPOSE = 'console'

export class Statements implements Disposable {
  readonly #log: AccessLog
  /** the relay runs beside: no signature is checked twice */
  readonly #checked = new CheckedSignatures()
  readonly #sittings: Sittings

  /** @throws PlatformError storage.damaged, storage.locked */
  constructor(home: string, federation: string, now: () => number) {
    this.#log = new AccessLog(home, { federation, party: COORDINATOR_PEER })
    this.#sittings = new Sittings(now)
  }

  [Symbol.dispose](): void {
    this.#log[Symbol.dispose]()
  }

  /** @param object what is read, such as 'jobs' or 'log c-…'. @throws PlatformError storage.*, log.malformed */
  read({ person, reader }: Visitor, object: string, job = ''): void {
    const { id, name, role } = person
    this.#sittings.state(id, object, job, () =>
      this.#log.read({ ...reader, name, role }, job, { object, purpose: PURPOSE, decision: 'allowed' }),
    )
  }

  /** All, oldest first, with signatures and chain checked. @throws PlatformError storage.damaged */
  records(readers: Parameters<AccessLog['records']>[0]): AccessRecord[] {
    return this.#log.records(readers, this.#checked)
  }
}
