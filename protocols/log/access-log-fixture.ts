// For tests: people who read, and an access log with three reads of a job.
import { makeSigningKey } from '#crypto/identity/signing.ts'
import { openStatementSigner } from '#crypto/log/ed25519.ts'
import { AccessLog, type AccessParty, type Reader } from './access-log.ts'

export const READ = { object: 'log', purpose: 'review', decision: 'allowed' }

export function readerOf(name: string, role: string): Reader {
  const { publicKey, privateKey } = makeSigningKey()
  return { name, role, publicKey, sign: openStatementSigner(privateKey, 'party') }
}

/** The first reads, the second is refused in another process, and the first takes evidence along. */
export function threeReads(
  home: string,
  party: AccessParty,
  job: string,
  [first, second]: readonly [Reader, Reader],
): void {
  using log = new AccessLog(home, party)
  log.read(first, job, READ)
  using other = new AccessLog(home, party) // another process
  other.read(second, job, { ...READ, object: 'model', decision: 'refused' })
  log.exported(first, job, { size: 12, root: 'ab'.repeat(32) })
}
