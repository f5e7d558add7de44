// What an operator sees of an agent: from its status, and nothing of its data.
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import Compile from 'typebox/compile'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { operationCalls } from '#console/api/operation.ts'
import { issueTlsCertificate, makeRoot } from '#crypto/identity/certificates.ts'
import { agentId } from '#crypto/identity/names.ts'
import type { Visit } from '#console/server/visitor.ts'
import type { AgentStatus } from '../agent-status.ts'
import { operationServed } from './operation-calls.ts'
import type { AgentParts } from './parts.ts'

const DAY_MS = 86_400_000
const NOW = new Date('2026-11-22T12:00:00.000Z')
let home = ''
let rootPem = ''
let certificatePem = ''

beforeAll(async () => {
  home = await mkdtemp(join(tmpdir(), 'operation-'))
  const root = await makeRoot({ federation: 'credit', name: 'tax', now: new Date(NOW.getTime() - 6 * DAY_MS) })
  const uri = agentId('credit', 'tax')
  const subject = { kind: 'client', name: 'tax', uri } as const
  const issued = await issueTlsCertificate({ root, subject, now: new Date(NOW.getTime() - 5 * DAY_MS), days: 7 })
  rootPem = root.pem
  certificatePem = issued.pem
})
afterAll(() => rm(home, { recursive: true }))

function answerOf(status: Partial<AgentStatus>) {
  const parts = {
    agent: {
      status: () => ({
        isConnected: false,
        since: undefined,
        certificatePem,
        openJobs: [],
        jobs: 0,
        damaged: 0,
        backlog: { messages: 0, bytes: 0 },
        ...status,
      }),
    },
    config: { home, coordinator: 'fed.example:7443', resources: { heWorkers: 3 } },
    identity: { party: 'tax', rootPem },
    trust: { bundle: { edition: 2, coordinator: { rootPem } } },
    now: () => NOW,
  } as unknown as AgentParts
  const { operation } = operationServed(parts).handlers
  return operation?.({} as never, {} as Visit as never) as Promise<unknown>
}

test('an agent that is away with a certificate past its renewal says so', async () => {
  const answer = await answerOf({ damaged: 1, jobs: 4, backlog: { messages: 2, bytes: 900 } })
  expect(Compile(operationCalls.operation.reply).Check(answer)).toBe(true)
  expect(answer).toMatchObject({
    coordinator: { address: 'fed.example:7443', connected: false, since: '' },
    certificates: [
      { holder: 'tax', what: 'agent', state: 'renewal-due', renewsItself: true },
      { holder: 'tax', what: 'root', state: 'good', renewsItself: false, renewsAt: '' },
      { holder: 'coordinator', what: 'root' },
    ],
    trustEdition: 2,
    jobs: { open: [], kept: 4, damaged: 1 },
    mail: { messages: 2, bytes: 900 },
    workers: { threads: 3 },
  })
})

test('one that is connected says since when, and names its open jobs', async () => {
  const open = { job: 'job-1', name: 'joint credit', state: 'started' } as const
  const answer = await answerOf({ isConnected: true, since: NOW, openJobs: [open] })
  expect(answer).toMatchObject({ coordinator: { connected: true, since: NOW.toISOString() }, jobs: { open: [open] } })
})

test('an operator and an auditor may ask, nobody else', () => {
  expect(operationCalls.operation.who).toEqual(['operator', 'auditor'])
})
