// Truncation of answers against BigInt: what comes back is within half the dropped interval of what was sent.
import { randomBytes } from 'node:crypto'
import { expect, test } from 'vitest'
import { setNamed } from './params.ts'
import { truncate, untruncate } from './truncate.ts'

test.each(['score', 'gradient'] as const)('coefficients of the %s set come back within 2^(drop - 1)', (name) => {
  const { dataPrimes, answerPrimes, answerDrop } = setNamed(name)
  const primes = dataPrimes.slice(0, answerPrimes)
  const modulus = primes.reduce((product, prime) => product * prime, 1n)
  const random = Array.from({ length: 500 }, () => BigInt(`0x${randomBytes(16).toString('hex')}`) % modulus)
  const values = [0n, 1n, modulus - 1n, modulus / 2n, (primes[0] as bigint) - 1n, primes[0] as bigint, ...random]
  const residues = primes.map((prime) => Float64Array.from(values, (value) => Number(value % prime)))
  for (const drop of [answerDrop.c0, answerDrop.c1]) {
    const digits = truncate(residues, primes, drop)
    for (const [j, digit] of digits.entries()) {
      const limit = j === 0 ? Number(((primes[0] as bigint) - 1n) >> BigInt(drop)) : Number(primes[j] as bigint) - 1
      expect(digit.every((x) => Number.isInteger(x) && x >= 0 && x <= limit)).toBe(true)
    }
    const back = untruncate(digits, primes, drop)
    for (const [i, value] of values.entries()) {
      const expected = value - ((value % (primes[0] as bigint)) % (1n << BigInt(drop))) + (1n << BigInt(drop - 1))
      for (const [j, prime] of primes.entries()) {
        const got = BigInt((back[j] as Float64Array)[i] as number)
        const off = (((got - expected) % prime) + prime) % prime
        expect(off === 0n || prime - off < 1n << BigInt(drop - 1)).toBe(true) // the last interval is shorter
      }
    }
  }
})
