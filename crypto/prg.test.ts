// Expansion of seeds: same seed and label give the same values, ranges hold, draws are spread evenly.
import { describe, expect, test } from 'vitest'
import { Secret } from '#runtime/secret.ts'
import { expandBytes, expandUniform, permutation } from './prg.ts'
import { T } from './ring.ts'

const SEED = new Uint8Array(32).fill(7)

describe('prg', () => {
  test('the same seed and label give the same values, another label or seed does not', () => {
    const values = expandUniform(SEED, 'mask', 100)
    expect(expandUniform(new Secret('seed', Uint8Array.from(SEED)), 'mask', 100)).toEqual(values)
    expect(expandUniform(SEED, 'mask 2', 100)).not.toEqual(values)
    expect(expandUniform(new Uint8Array(32), 'mask', 100)).not.toEqual(values)
  })

  test('a shorter expansion is a prefix of a longer one, across chunk borders', () => {
    const long = expandBytes(SEED, 'bytes', 70_000)
    expect(long.length).toBe(70_000)
    expect(expandBytes(SEED, 'bytes', 65_537)).toEqual(long.subarray(0, 65_537))
    expect(expandBytes(SEED, 'bytes', 0).length).toBe(0)
    expect(expandUniform(SEED, 'u', 9000).subarray(0, 10)).toEqual(expandUniform(SEED, 'u', 10))
  })

  test('known answer: the stream never changes between releases', () => {
    expect(Buffer.from(expandBytes(SEED, 'known answer', 8)).toString('hex')).toBe('493ca4fb1d65536d')
  })

  test('values are integers in [0, T) with the mean and spread of a uniform draw', () => {
    const n = 20_000
    const values = expandUniform(SEED, 'spread', n)
    expect(values.every((value) => Number.isInteger(value) && value >= 0 && value < T)).toBe(true)
    const mean = values.reduce((total, value) => total + value / T, 0) / n
    const square = values.reduce((total, value) => total + (value / T) ** 2, 0) / n
    expect(Math.abs(mean - 1 / 2)).toBeLessThan(0.01)
    expect(Math.abs(square - 1 / 3)).toBeLessThan(0.01)
  })

  test('a permutation holds every index once and moves all places evenly', () => {
    const order = permutation(SEED, 'order', 1000)
    expect([...order].sort((a, b) => a - b)).toEqual(Array.from({ length: 1000 }, (_, i) => i))
    const seen = new Map<string, number>()
    for (let i = 0; i < 6000; i++) {
      const key = permutation(SEED, `small ${i}`, 3).join('')
      seen.set(key, (seen.get(key) ?? 0) + 1)
    }
    expect(seen.size).toBe(6)
    for (const count of seen.values()) expect(Math.abs(count - 1000)).toBeLessThan(150)
    expect(permutation(SEED, 'none', 0).length).toBe(0)
  })
})
