// Lists of ciphertexts are written without protobuf's encoder: the bytes must be the same.
import { expect, test } from 'vitest'
import { messageType } from '#protos/load.ts'
import { ciphertextsCodec } from './codec.ts'

const NAME = 'tributary.v1.LrCiphertexts'

test('a list of ciphertexts has the bytes that protobuf gives it', () => {
  const codec = ciphertextsCodec(NAME, 64)
  const type = messageType<{ ciphertexts: Buffer[] }>(NAME)
  for (const lengths of [[], [0], [1, 127], [128, 16_383, 16_384], [300_000, 5]]) {
    const whole = Buffer.alloc(400_000, 'ciphertext')
    const ciphertexts = lengths.map((length, i) => whole.subarray(i, i + length))
    const bytes = codec.encode(ciphertexts)
    expect(Buffer.compare(bytes, type.encode({ ciphertexts }))).toBe(0)
    if (lengths.length > 0) expect(codec.decode(bytes)).toEqual(ciphertexts)
  }
})
