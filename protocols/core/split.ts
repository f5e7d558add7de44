// Which rows train and which are held out. Inner mode: every party finds the same answer by itself. Left mode: the guest
// alone decides, and tells sizes.
import { createHmac, createSecretKey } from 'node:crypto'
import { SET_NAMES } from './aligned-rows.ts'
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

/**
 * The set of each row of the guest in left mode, as its place in SET_NAMES: by month what is out of time or too recent,
 * the rest by a keyed hash, so that all rows of one id that are not out of time are in one set.
 * @param keys the id of each row @param months YYYY-MM of each row, where the split names a column
 */
export function setOfRows(
  split: JobSpec['split'],
  keys: readonly string[],
  months: readonly string[],
  rowKey: Uint8Array,
): Uint8Array {
  const { from, recent = '9999-99' } = (split.kind === 'keyed-hash' ? split.outOfTime : undefined) ?? {
    from: '9999-99',
  }
  const training = trainingMask(split, keys, rowKey)
  return Uint8Array.from(training, (isTraining, row) => {
    const month = months[row] ?? ''
    if (month >= recent) return SET_NAMES.indexOf('recent')
    if (month >= from) return SET_NAMES.indexOf('oot')
    return SET_NAMES.indexOf(isTraining === 1 ? 'train' : 'holdout')
  })
}
