// Message bodies as plain values; `open` is where foreign bytes are checked.
import { termsCodec } from '#protocols/core/agreement.ts'
import { bufferOf, keyCodec, messageCodec, refuseUnless } from '#protocols/core/codec.ts'
import { VALUES_PER_PART } from './params.ts'

export const LABEL_BYTES = 32
export const SEED_BYTES = 32
export const VALUE_BYTES = 8

export const terms = termsCodec('tributary.v1.GroupTerms', 8192)

export const key = keyCodec('tributary.v1.GroupKey')

export const seedShare = messageCodec<{ share: Buffer }, Uint8Array>(
  'tributary.v1.GroupSeed',
  (body) => ({ share: bufferOf(body) }),
  ({ share }) => {
    refuseUnless(share.length === SEED_BYTES, `${SEED_BYTES} bytes`)
    return share
  },
)

/** The label of the sum and the masked numbers, all of which looks uniformly random. */
export const masked = messageCodec<{ masked: Buffer }, Uint8Array>(
  'tributary.v1.GroupSum',
  (body) => ({ masked: bufferOf(body) }),
  (wire) => {
    const bytes = wire.masked.length - LABEL_BYTES
    refuseUnless(
      bytes >= VALUE_BYTES && bytes % VALUE_BYTES === 0 && bytes <= VALUES_PER_PART * VALUE_BYTES,
      `a label and 1 to ${VALUES_PER_PART} numbers`,
    )
    return wire.masked
  },
)
