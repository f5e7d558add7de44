import { expect, test } from 'vitest'
import { requireSigner } from '../approvals/stored-approval.ts'
import { type Person, ROLES } from '#crypto/people/people.ts'
import { mayRead, READABLE, requireMayRead } from './permissions.ts'

test('each role reads what is its own, and nothing more', () => {
  const readable = (role: (typeof ROLES)[number]) => READABLE.filter((what) => mayRead({ role }, what)).join(' ')
  expect(Object.fromEntries(ROLES.map((role) => [role, readable(role)]))).toEqual({
    steward: 'result log ledger released update',
    compliance: 'result log ledger released export access update',
    modeler: 'result model log',
    operator: 'log',
    auditor: 'result model log ledger released export access',
  })
})

test('a refusal names the roles that may', () => {
  expect(() => requireMayRead({ id: 'li-wei', role: 'operator' }, 'model')).toThrowError(
    expect.objectContaining({ code: 'person.wrong-role' }) as Error,
  )
  expect(() => requireMayRead({ id: 'li-wei', role: 'operator' }, 'model')).toThrowError(/modeler, auditor/)
})

test('only steward and compliance officer sign approvals', () => {
  const signs = ROLES.filter((role) => {
    try {
      requireSigner({ id: 'li-wei', role } as Person)
      return true
    } catch (error) {
      expect(error).toMatchObject({ code: 'person.wrong-role' })
      return false
    }
  })
  expect(signs).toEqual(['steward', 'compliance'])
})
