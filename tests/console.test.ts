// The interface of the console as a whole: the document of its roles is what the tables say.
import { expect, test } from 'vitest'
import type { Call } from '#console/api/contract.ts'
import { AGENT_CALLS, COORDINATOR_CALLS } from '#console/api/interfaces.ts'
import { consoleRoles } from '../scripts/console-roles.ts'
import { outdated } from '../scripts/generated-files.ts'

test('docs/console-roles.md is up to date', () => {
  expect(outdated(consoleRoles())).toEqual([])
})

test.each([
  ['an agent', AGENT_CALLS],
  ['a coordinator', COORDINATOR_CALLS],
])('no two calls of %s share a place', (_, table) => {
  const places = Object.values(table).map(({ method, path }) => `${method} ${path.replaceAll(/:[A-Za-z]+/g, ':')}`)
  expect(places.toSorted()).toEqual([...new Set(places)].toSorted())
})

test('only reading a page and signing in are for everybody', () => {
  const open = (table: Readonly<Record<string, Call>>) =>
    Object.entries(table).flatMap(([name, { who }]) => (who === 'anyone' ? [name] : []))
  const signingIn = ['about', 'signIn', 'passkeyChallenge', 'passkeySignIn', 'oidcDeparture', 'oidcSignIn']
  expect(open(AGENT_CALLS)).toEqual(signingIn)
  expect(open(COORDINATOR_CALLS)).toEqual(signingIn)
})
