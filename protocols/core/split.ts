// Which common rows train and which are held out: every party finds the same answer by itself.
import { createHmac, createSecretKey } from 'node:crypto'
import { PlatformError } from '#runtime/errors.ts'
import type { JobSpec } from './job-spec.ts'

/**
 * One byte a row, 1 = training, 0 = held out.
 * keyed-hash: the first 48 bits of HMAC-SHA-256(rowKey, id) as a fraction; below `holdout` a row is held out.
 * id-modulo: a row is held out where id mod divisor = remainder.
 * @param ids normalised, in the common order @param rowKey of the alignment, 32 bytes
 * @throws PlatformError job.invalid where id-modulo meets an id that is no whole number
 */
export function trainingMask(split: JobSpec['split'], ids: readonly string[], rowKey: Uint8Array): Uint8Array {
  if (split.kind === 'id-modulo') {
    const divisor = BigInt(split.divisor)
    const remainder = BigInt(split.remainder)
    return Uint8Array.from(ids, (id, row) => {
      if (!/^\d{1,256}$/.test(id)) {
        throw new PlatformError('job.invalid', { split: 'id-modulo', row, expected: 'ids that are whole numbers' })
      }
      return BigInt(id) % divisor === remainder ? 0 : 1
    })
  }
  const key = createSecretKey(rowKey) // once: a raw key is imported anew for every id
  return Uint8Array.from(ids, (id) => {
    const tag = createHmac('sha256', key).update(id, 'utf8').digest()
    return tag.readUIntBE(0, 6) / 2 ** 48 < split.holdout ? 0 : 1
  })
}
