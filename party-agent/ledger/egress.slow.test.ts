import { expect, test } from 'vitest'
import { shapeOfWire, unevenField } from '#crypto/he/inspect.ts'
import { honest, PLAIN_NAMES, plainDressed, SHAPES } from './egress-fixture.ts'

test('10,000 plain vectors dressed as ciphertexts are refused, and 10,000 honest ones pass', () => {
  const wrong: string[] = []
  for (let seed = 0; seed < 10_000; seed++) {
    const shape = SHAPES[seed % SHAPES.length] as (typeof SHAPES)[number]
    const name = PLAIN_NAMES[Math.floor(seed / SHAPES.length) % PLAIN_NAMES.length] as string
    const plain = plainDressed(shape, name, seed)
    if (unevenField(plain, shapeOfWire(plain)) < 0) wrong.push(`${name} passed as ${shape.set.name} ${shape.kind}`)
    const sealed = honest(shape)
    if (unevenField(sealed, shapeOfWire(sealed)) >= 0)
      wrong.push(`an honest ${shape.set.name} ${shape.kind} was refused`)
  }
  expect([...new Set(wrong)]).toEqual([])
})
