// The model registry as the console tells it: lineage, state of each version, roles, and statements of each read.
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createHash } from 'node:crypto'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { modelCalls } from '#console/api/models.ts'
import { answerCheck } from '#console/server/checks.ts'
import type { Visit } from '#console/server/visitor.ts'
import { createPartyHome, openPartyHome, type PartyIdentity } from '#crypto/identity/party-home.ts'
import { openStatementSigner } from '#crypto/log/ed25519.ts'
import { makeSigningKey } from '#crypto/identity/signing.ts'
import type { Person, PersonDirectory, PersonRole } from '#crypto/people/people.ts'
import { checkJobSpec } from '#protocols/core/job-spec.ts'
import { AccessLog } from '#protocols/log/access-log.ts'
import type { AgentConfig } from '../config.ts'
import type { ModelVersion } from '../results/registry.ts'
import { writeJson } from '../results/stored.ts'
import { modelsServed } from './models-calls.ts'

const [TREES, SCORES] = [`job-${'a'.repeat(20)}`, `job-${'b'.repeat(20)}`]
const PART = '{"version":1}'
const sha256 = (text: string) => createHash('sha256').update(text).digest('hex')

let home: string
let identity: PartyIdentity
let handlers: Readonly<Record<string, (asked: never, visit: never) => unknown>>
const visits = new Map<PersonRole, Visit>()
const people = {
  list: async () => [...visits.values()].map(({ visitor }) => visitor.person),
} as unknown as PersonDirectory

beforeAll(async () => {
  home = await mkdtemp(join(tmpdir(), 'models-'))
  await createPartyHome(home, { federation: 'credit', party: 'bank', passphrase: 'a long passphrase' })
  identity = await openPartyHome(home, 'a long passphrase')
  for (const role of ['modeler', 'steward'] as const) {
    const { publicKey, privateKey } = makeSigningKey()
    const person: Person = { id: role, name: `The ${role}`, role, party: 'bank', publicKey, addedAt: '' }
    const reader = { publicKey, sign: openStatementSigner(privateKey, 'party'), [Symbol.dispose]: () => undefined }
    visits.set(role, { visitor: { person, how: 'passphrase', reader } } as unknown as Visit)
  }
  const config = { home } as unknown as AgentConfig
  handlers = modelsServed({ config, identity, people, now: () => new Date('2026-11-22T12:00:00Z') }).handlers
  await jobFolder(TREES, { boost: {} })
  await writeFile(join(home, 'jobs', TREES, 'trees.json'), PART)
  await jobFolder(SCORES, { score: { job: TREES } })
  await mkdir(join(home, 'models'))
  await writeJson(join(home, 'models', 'sme-credit.json'), {
    version: 1,
    versions: [version(1, 'old'), version(2, PART)],
  })
})
afterAll(() => rm(home, { recursive: true, force: true }))

async function jobFolder(job: string, models: object): Promise<void> {
  const { spec } = checkJobSpec({
    version: 1,
    name: `about ${job.slice(-1)}`,
    guest: { party: 'bank', dataset: 'loans' },
    hosts: [{ party: 'tax', dataset: 'filings' }],
    ...models,
  })
  await mkdir(join(home, 'jobs', job), { recursive: true })
  await writeJson(join(home, 'jobs', job, 'spec.json'), spec)
  await writeJson(join(home, 'jobs', job, 'job.json'), {
    version: 1,
    job,
    state: 'succeeded',
    submittedAt: '2026-11-22',
  })
}

function version(number: number, part: string): ModelVersion {
  return {
    name: 'sme-credit',
    version: number,
    job: TREES,
    registeredAt: '2026-11-22T12:00:00.000Z',
    digest: 'd'.repeat(64),
    parts: [
      { party: 'bank', sha256: sha256(part), model: 'trees' },
      { party: 'tax', sha256: 'e'.repeat(64), model: 'trees' },
    ],
    lineage: {
      specSha256: 'f'.repeat(64),
      purpose: '贷前审批',
      datasets: [
        { party: 'bank', dataset: 'loans', columns: 'all' },
        { party: 'tax', dataset: 'filings', columns: ['declared'] },
      ],
      approvals: [{ party: 'tax', approval: 'c'.repeat(64) }],
      parameters: { split: { kind: 'keyed-hash', holdout: 0.3 } } as ModelVersion['lineage']['parameters'],
      measures: [{ name: 'trees: auc', value: '0.75' }],
      log: { collaboration: 'bank+tax', size: 12 },
      software: 'tributary 1',
    },
  }
}

async function ask(name: keyof typeof modelCalls, asked: object, role: PersonRole = 'modeler') {
  const answer = await handlers[name]?.(asked as never, visits.get(role) as never)
  return answerCheck(modelCalls[name].reply, name)(answer) as Record<string, unknown>
}

function stated(): readonly string[] {
  using log = new AccessLog(home, { federation: 'credit', party: 'bank' })
  const readers = [...visits.values()].map(({ visitor: { person } }) => person)
  return log
    .records(readers)
    .map((record) => ('object' in record ? `${record.object} ${record.decision}` : record.kind))
}

test('the newest version of each model, a page at a time', async () => {
  expect(await ask('models', { query: {} })).toEqual({
    items: [
      { name: 'sme-credit', version: 2, job: TREES, registeredAt: '2026-11-22T12:00:00.000Z', digest: 'd'.repeat(64) },
    ],
  })
  expect(stated()).toEqual(['model allowed'])
})

test('a model with its lineage: data, job, parts, and the jobs that scored with it; a changed part is told', async () => {
  const { versions } = (await ask('model', { params: { name: 'sme-credit' } })) as { versions: object[] }
  expect(versions).toMatchObject([
    {
      version: 2,
      state: 'newest',
      jobName: 'about a',
      parties: [
        { party: 'bank', columns: 'all', approval: '', parts: [{ model: 'trees', sha256: sha256(PART) }] },
        { party: 'tax', columns: ['declared'], approval: 'c'.repeat(64) },
      ],
      parameters: [
        { setting: 'split.kind', value: 'keyed-hash' },
        { setting: 'split.holdout', value: '0.3' },
      ],
      scoredBy: [{ job: SCORES, name: 'about b', state: 'succeeded' }],
    },
    { version: 1, state: 'changed' },
  ])
})

test('refusals: a name that is none, a model that is not here, a job without a log, a role that may not', async () => {
  const refused = (name: keyof typeof modelCalls, asked: object, code: string, role: PersonRole = 'modeler') =>
    expect(ask(name, asked, role)).rejects.toMatchObject({ code })
  await refused('model', { params: { name: 'other' } }, 'model.unknown')
  await refused('registerModel', { body: { name: 'Other', job: TREES } }, 'model.name')
  await refused('registerModel', { body: { name: 'other', job: TREES } }, 'job.unknown')
  await refused('models', { query: {} }, 'person.wrong-role', 'steward')
  await refused('registerModel', { body: { name: 'other', job: TREES } }, 'person.wrong-role', 'steward')
  expect(stated().slice(-2)).toEqual(['model refused', 'model refused'])
})
