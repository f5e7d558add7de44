// How long a certificate holds, over its whole life, and whether somebody must look at it.
import { beforeAll, expect, test } from 'vitest'
import { issueTlsCertificate, makeRoot, type Root } from '#crypto/identity/certificates.ts'
import { certificateView, needsLooking } from './certificate-view.ts'

const DAY_MS = 86_400_000
const START = new Date('2026-05-01T00:00:00.000Z')
const after = (days: number) => new Date(START.getTime() + days * DAY_MS)
let root: Root
let agent: string

beforeAll(async () => {
  root = await makeRoot({ federation: 'credit', name: 'tax', now: START })
  const subject = { kind: 'client', name: 'tax', uri: 'spiffe://credit/party/tax/agent/1' } as const
  agent = (await issueTlsCertificate({ root, subject, now: START, days: 9 })).pem
})

test.each([
  [0, 'good', false],
  [5.9, 'good', false],
  [6.1, 'renewal-due', false],
  [8, 'renewal-due', false],
  [8.2, 'ends-soon', true],
  [9.1, 'expired', true],
  [-1, 'expired', true],
] as const)('of an agent with 9 days, after %d: %s', (days, state, toLookAt) => {
  const view = certificateView({ holder: 'tax', what: 'agent', certificate: agent }, after(days))
  expect(view).toMatchObject({ holder: 'tax', state, renewsItself: true, serial: expect.stringMatching(/^[0-9A-F]+$/) })
  expect(needsLooking(view)).toBe(toLookAt)
})

test.each([
  [0, 'good'],
  [3469, 'good'],
  [3471, 'ends-soon'],
  [3651, 'expired'],
] as const)(
  'a root ends soon half a year before, since all parties have to sign the next bundle: %d, %s',
  (days, state) => {
    const view = certificateView({ holder: 'tax', what: 'root', certificate: root.pem }, after(days))
    expect(view).toMatchObject({ state, renewsItself: false, renewsAt: '' })
  },
)

test('what is revoked is revoked, however long it would hold', () => {
  const view = certificateView({ holder: 'tax', what: 'agent', certificate: agent, isRevoked: true }, START)
  expect([view.state, needsLooking(view)]).toEqual(['revoked', true])
})
