import fc from 'fast-check'
import { expect, test } from 'vitest'
import { isUsableSigningKey, makeSigningKey, openSigner, verifySignature } from './signing.ts'

const key = makeSigningKey()
const { sign, publicKey } = openSigner(key.privateKey)

test('the signer of a stored key has its public key', () => {
  expect(publicKey).toEqual(key.publicKey)
  expect(isUsableSigningKey(publicKey)).toBe(true)
})

test('verifies its own signature, and no signature over other bytes', () => {
  fc.assert(
    fc.property(fc.uint8Array(), fc.uint8Array(), (bytes, other) => {
      const signature = sign('job-spec', bytes)
      expect(verifySignature(publicKey, 'job-spec', bytes, signature)).toBe(true)
      expect(verifySignature(publicKey, 'job-spec', other, signature)).toBe(Buffer.from(bytes).equals(other))
    }),
  )
})

test('a signature for one purpose does not verify for another', () => {
  const bytes = Buffer.from('bytes')
  const signature = sign('sealing-key', bytes)
  expect(verifySignature(publicKey, 'envelope', bytes, signature)).toBe(false)
  // the border between context and bytes is part of what is signed
  expect(verifySignature(publicKey, 'sealing', Buffer.from('-keybytes'), signature)).toBe(false)
})

test("another key's signature, a changed one and one of a wrong length are false", () => {
  const bytes = Buffer.from('bytes')
  const signature = sign('envelope', bytes)
  expect(verifySignature(makeSigningKey().publicKey, 'envelope', bytes, signature)).toBe(false)
  for (let i = 0; i < signature.length; i++) {
    const changed = Uint8Array.from(signature)
    changed[i] = (changed[i] as number) ^ 1
    expect(verifySignature(publicKey, 'envelope', bytes, changed)).toBe(false)
  }
  expect(verifySignature(publicKey, 'envelope', bytes, signature.subarray(1))).toBe(false)
  expect(verifySignature(publicKey.subarray(1), 'envelope', bytes, signature)).toBe(false)
})

test('a context must be short printable ASCII', () => {
  for (const context of ['', 'a b', 'a\0b', 'é', 'x'.repeat(65)]) {
    expect(() => sign(context, Buffer.alloc(1))).toThrowError(RangeError)
  }
})

test('keys of small order, in either sign, are not usable', () => {
  const identity = Buffer.from(`01${'00'.repeat(31)}`, 'hex')
  const negated = Buffer.from(`01${'00'.repeat(30)}80`, 'hex')
  const order8 = Buffer.from('26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc05', 'hex')
  for (const point of [identity, negated, order8, Buffer.alloc(32), Buffer.alloc(31)]) {
    expect(isUsableSigningKey(point)).toBe(false)
  }
})
