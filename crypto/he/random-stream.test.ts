// Distributions of a worker's random values: what the security of an encryption of zero rests on.
import { expect, test } from 'vitest'
import { RandomStream } from './random-stream.ts'

const COUNT = 300_000
const mean = (values: Int8Array, of: (x: number) => number) => values.reduce((sum, x) => sum + of(x), 0) / values.length

test('ternary values are uniform', () => {
  const values = new RandomStream().ternary(COUNT)
  for (const value of [-1, 0, 1]) {
    const share = mean(values, (x) => Number(x === value))
    expect(Math.abs(share - 1 / 3)).toBeLessThan(6 * Math.sqrt(2 / 9 / COUNT))
  }
})

test('noise is the difference of two sums of 21 coins: mean 0, variance 10.5, at most 21', () => {
  const values = new RandomStream().binomial(COUNT)
  expect(Math.abs(mean(values, (x) => x))).toBeLessThan(6 * Math.sqrt(10.5 / COUNT))
  // the fourth moment of a sum of 42 coins of ±½ is 3σ⁴ − 42/8
  expect(Math.abs(mean(values, (x) => x * x) - 10.5)).toBeLessThan(6 * Math.sqrt((2 * 10.5 ** 2) / COUNT))
  expect(values.every((x) => Math.abs(x) <= 21)).toBe(true)
})

test('streams differ, and a stream never repeats', () => {
  const [one, other] = [new RandomStream(), new RandomStream()]
  const drawn = [one.bytes(32), one.bytes(32), other.bytes(32), other.bytes(32)].map((bytes) =>
    Buffer.from(bytes).toString('hex'),
  )
  expect(new Set(drawn).size).toBe(4)
  const integers = Array.from({ length: 1000 }, () => one.integer(78))
  expect(integers.every((x) => x < 2n ** 78n)).toBe(true)
  expect(integers.filter((x) => x >= 2n ** 77n).length).toBeGreaterThan(300)
  expect(integers.filter((x) => x >= 2n ** 77n).length).toBeLessThan(700)
})

test('small draws are cut from pieces without an overlap, large ones lie alone', () => {
  const stream = new RandomStream()
  const drawn = Array.from({ length: 5000 }, () => Buffer.from(stream.bytes(16)).toString('hex'))
  expect(new Set(drawn).size).toBe(5000)
  const large = stream.bytes(8192)
  expect(large.buffer.byteLength).toBe(8192)
})
