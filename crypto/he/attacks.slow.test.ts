// The bin-membership attack of a patient key owner: it averages the noise of 100 protected answers about the same
// private bin, which would cut independent small noise by ten. Flooding must leave it at the base rate.
import { randomBytes } from 'node:crypto'
import { expect, test } from 'vitest'
import { expandUniform } from '../prg.ts'
import { AttackingOwner } from './fixtures/key-owner.ts'
import { type KeyMaterial, Operations } from './operations.ts'
import { floodBits, multiplierNoise, N, setNamed } from './params.ts'
import { parseWire } from './parse.ts'
import { compileSeal, startSeal } from './seal.ts'
import { freshShape, innerProductShape } from './wire.ts'

test('100 answers about one bin, averaged, tell its owner nothing about 200 rows', () => attack(100, 200))

async function attack(answers: number, rows: number): Promise<void> {
  const library = await startSeal(await compileSeal())
  using evaluator = new Operations(library, 'kernel')
  const key: KeyMaterial = {
    set: 'gradient',
    id: randomBytes(16).toString('hex'),
    ...evaluator.generateKey({ set: 'gradient' }),
  }
  using owner = new AttackingOwner(library, key)
  const inBin = Int32Array.from(randomBytes(rows), (byte) => byte & 1)
  const wires = Array.from({ length: rows }, () => evaluator.encrypt({ key, values: Float64Array.of(1) }))
  const prints = wires.map((wire) => {
    using fresh = owner.he.loadCiphertext(parseWire(wire, freshShape(owner.he.set, key.id), owner.he.parmsIds))
    return owner.noise(fresh)
  })
  const prepared = evaluator.prepare({ key, cts: wires })
  const columns = Array.from({ length: N }, (_, j) => (j === 0 ? inBin : new Int32Array(rows)))
  const bits = floodBits(setNamed('gradient'), multiplierNoise(rows))
  const mean = new Float64Array(N)
  for (let k = 0; k < answers; k++) {
    const masks = expandUniform(randomBytes(32), 'mask', N)
    const work = { key, prepared, answers: [columns], rowsPerBlock: 1, masks, floodBits: bits, oneNormBound: rows }
    const [answer] = evaluator.innerProducts(work)
    const shape = innerProductShape(owner.he.set, key.id, N, 1)
    using opened = owner.he.loadCiphertext(parseWire(answer as Uint8Array, shape, owner.he.parmsIds))
    const noise = owner.noise(opened)
    for (let i = 0; i < N; i++) mean[i] = (mean[i] as number) + (noise[i] as number) / answers
  }
  const dot = (a: Float64Array, b: Float64Array) => a.reduce((total, x, i) => total + x * (b[i] as number), 0)
  const hits = prints.filter((print, i) => Number(dot(mean, print) > dot(print, print) / 2) === inBin[i]).length
  expect(Math.abs(hits - rows / 2)).toBeLessThan(5 * Math.sqrt(rows / 4))
}
