import { expect, test } from 'vitest'
import Value from 'typebox/value'
import { type ConsoleConfig, consoleProblems, ConsoleSchema, resolveConsole } from './config.ts'

const oidc = { issuer: 'https://id.bank.example', clientId: 'tributary', clientSecretFile: 'oidc-secret.txt' }
const at = (config: Partial<ConsoleConfig>): ConsoleConfig => ({ listen: '127.0.0.1:8080', ...config })

test('paths are taken from the folder of the file, and what has no path stays as it is', () => {
  const config = at({ oidc, tls: { certificate: 'c.pem', key: 'k.pem' }, demo: true })
  expect(Value.Check(ConsoleSchema, config)).toBe(true)
  expect(resolveConsole(config, (path) => `/etc/tributary/${path}`)).toEqual({
    listen: '127.0.0.1:8080',
    demo: true,
    tls: { certificate: '/etc/tributary/c.pem', key: '/etc/tributary/k.pem' },
    oidc: { ...oidc, clientSecretFile: '/etc/tributary/oidc-secret.txt' },
  })
  const { clientSecretFile: _, ...publicClient } = oidc
  expect(resolveConsole(at({ oidc: publicClient }), (path) => `/${path}`)).toEqual(at({ oidc: publicClient }))
})

test.each([
  ['https://id.bank.example/realms/credit', []],
  ['http://localhost:8081', []],
  ['http://127.0.0.1:8081', []],
  ['http://id.bank.example', ['/console/oidc/issuer']],
])('a provider at %s', (issuer, problems) => {
  const found = consoleProblems('/console', at({ oidc: { ...oidc, issuer } }))
  expect(found.map(({ path }) => path)).toEqual(problems)
})

test.each([
  ['https://tributary.bank.example', []],
  ['https://10.0.0.5:8443', []],
  ['http://localhost:9000', []],
  ['https://Tributary.bank.example', ['/console/origins/0']],
  ['https://tributary.bank.example:443', ['/console/origins/0']],
  ['https://tributary:port', ['/console/origins/0']],
  ['http://intranet:8080', ['/console/origins/0']],
])('a further address %s', (origin, problems) => {
  expect(consoleProblems('/console', at({ origins: [origin] })).map(({ path }) => path)).toEqual(problems)
})

test.each([
  ['no claim', { claim: '' }],
  ['an issuer with a query', { issuer: 'https://id.bank.example?x' }],
  ['a key that does not exist', { clientSecret: 'in the file itself' }],
])('%s is refused', (_, over) => {
  expect(Value.Check(ConsoleSchema, at({ oidc: { ...oidc, ...over } }))).toBe(false)
})
