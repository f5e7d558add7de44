import { describe, expect, test } from 'vitest'
import { ATTACKER, ATTACKS, type Outcome, run, USUAL } from './attacks.ts'
import { drawHolders } from './holders.ts'

const SEED = 1
const holders = drawHolders(SEED)
const settings = { ...USUAL, rounds: 5 }
const outcome = (changed: Partial<typeof USUAL>) => run(SEED, { ...settings, ...changed }, holders)
const honest = await outcome({ defence: 'none' })
const lost = ({ auc }: Outcome) => honest.auc - auc
const lostTo = async (changed: Partial<typeof USUAL>) => lost(await outcome(changed))

test('five holders learn what they would without encryption, clip and bound', async () => {
  expect(honest.auc).toBeGreaterThan(0.79)
  const quantised = await outcome({ defence: 'clip and bound', clip: 0.3 })
  expect(Math.abs(lost(quantised))).toBeLessThan(5e-4)
  expect(quantised.refusedIn).toBeUndefined()
})

test.each(['none', 'scaling'] as const)(
  'the encrypted sum is that of the integers, every round (attack: %s)',
  async (attack) => {
    const same = { attack, defence: 'clip', rounds: 4 } as const
    expect(await outcome({ ...same, encrypted: true })).toEqual(await outcome({ ...same, encrypted: false }))
  },
)

describe('an update a hundred times too long, from turned labels', () => {
  test('turns the model round where nothing bounds it', async () => {
    expect(await lostTo({ attack: 'scaling', defence: 'none' })).toBeGreaterThan(0.4)
  })

  test('is cut by the lattice, the more the narrower it is', async () => {
    const [wide, narrow] = await Promise.all(
      [1, 0.1].map((clip) => lostTo({ attack: 'scaling', defence: 'clip', clip })),
    )
    expect(wide).toBeGreaterThan(0.2)
    expect(narrow).toBeLessThan(0.15)
  })

  test('makes the sum longer than honest updates can, and is refused in its first round', async () => {
    expect((await outcome({ attack: 'scaling', defence: 'clip and bound' })).refusedIn).toBe(1)
  })

  test('made just short enough passes, and does what a party of its size can do', async () => {
    const careful = await outcome({ attack: 'just below the bound', defence: 'clip and bound' })
    expect(careful.refusedIn).toBeUndefined()
    expect(lost(careful)).toBeGreaterThan(0.02)
    expect(lost(careful)).toBeLessThan(0.15)
  })
})

test.each(['sign flip', 'label flip'] as const)(
  '%s is within all bounds: it costs, and a narrow clip saves some',
  async (attack) => {
    const [wide, narrow] = await Promise.all([1, 0.1].map((clip) => lostTo({ attack, defence: 'clip', clip })))
    expect(await lostTo({ attack, defence: 'none' })).toBeGreaterThan(0.02)
    expect(wide).toBeLessThan(0.1)
    expect(narrow).toBeLessThan(wide as number)
    expect((await outcome({ attack, defence: 'clip and bound' })).refusedIn).toBeUndefined()
  },
)

test.each(ATTACKS)('a dispute about an early round names who poisoned, and nobody else: %s', async (attack) => {
  const { diagnoses } = await outcome({ attack, defence: 'clip', rounds: 4 })
  const named = diagnoses.map((round) => round.flatMap(({ suspect }, i) => (suspect ? [i] : [])))
  expect(named).toEqual(new Array(4).fill(attack === 'none' ? [] : [ATTACKER]))
})
