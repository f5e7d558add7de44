// For tests: the console of a data owner over HTTP, with a home, people, data and waiting jobs that are really there.
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { approvalCalls } from '#console/api/approvals.ts'
import { dataCalls } from '#console/api/data.ts'
import { healthCalls } from '#console/api/health.ts'
import { ledgerCalls } from '#console/api/ledger.ts'
import { sessionCalls } from '#console/api/session.ts'
import { connect } from '#console/sdk/client.ts'
import { Entrance } from '#console/server/entrance.ts'
import { startConsole } from '#console/server/serve.ts'
import { createPartyHome, openPartyHome } from '#crypto/identity/party-home.ts'
import { addLocalPerson, localPeople } from '#crypto/people/local-people.ts'
import { ROLES } from '#crypto/people/people.ts'
import { jobIdOf, type JobSpec, parseJobSpec } from '#protocols/core/job-spec.ts'
import { PlatformError } from '#runtime/errors.ts'
import { silentLogger } from '#runtime/log.ts'
import { ApprovalStore } from '../approvals/store.ts'
import { readAgentConfig } from '../config.ts'
import { openGate } from '../gate.ts'
import { PrivacyBudget } from '../ledger/privacy-budget.ts'
import type { LocalJobState } from '../tasks/states.ts'
import { approvalsServed } from './approvals-calls.ts'
import { dataServed } from './data-calls.ts'
import { healthServed } from './health-calls.ts'
import { ledgerServed } from './ledger-calls.ts'

const PASSPHRASE = 'a long passphrase'
const TABLE = { ...sessionCalls, ...approvalCalls, ...dataCalls, ...ledgerCalls, ...healthCalls }

export type OwnerConsole = Awaited<ReturnType<typeof openOwnerConsole>>

/** People are one for each role, named after it, and `second-steward`; all passphrases are `passphrase of <id>`. */
export async function openOwnerConsole(datasets?: Record<string, unknown>) {
  const home = await mkdtemp(join(tmpdir(), 'owner-console-'))
  await createPartyHome(home, { federation: 'credit', party: 'tax', passphrase: PASSPHRASE })
  const identity = await openPartyHome(home, PASSPHRASE)
  for (const role of ROLES)
    await addLocalPerson(home, identity, { id: role, name: role, role, passphrase: `passphrase of ${role}` })
  const second = { id: 'second-steward', name: 'second', role: 'steward', passphrase: 'passphrase of second-steward' }
  await addLocalPerson(home, identity, { ...second, role: 'steward' })
  await writeFile(join(home, 'filings.csv'), 'id,sales,late\n1,2,3\n2,3,4\n3,,5\n')
  const filings = {
    source: { csv: 'filings.csv' },
    ids: { column: 'id', kind: 'plain' },
    features: { late: { alias: 'T_LATE', en: 'late filings', zh: '逾期申报', sign: '+' } },
  }
  const rule = { guest: 'bank', protocols: ['psi', 'vertical-lr'], datasets: { filings: { columns: 'all' } } }
  const policy = { jobs: [{ ...rule, peers: ['bank'], purposes: ['credit model'] }] }
  const yaml = { home: '.', coordinator: '127.0.0.1:1', trustBundle: 'trust.yaml', policy }
  const file = join(home, 'agent.yaml')
  await writeFile(file, JSON.stringify({ ...yaml, datasets: datasets ?? { filings } }))
  const config = await readAgentConfig(file)
  const known = localPeople(home, identity)
  const { storageKey } = identity
  const at = { home, key: identity, federation: 'credit', storageKey, people: known }
  const entrance = new Entrance({ ...at, log: silentLogger, refusalMs: 0 })
  const { people } = entrance
  let clock: Date | undefined
  const now = () => clock ?? new Date()
  const store = new ApprovalStore(home, 'tax', known, now)
  const gate = await openGate(config, 'tax', silentLogger)
  const privacy = new PrivacyBudget(home, identity.storageKey)
  const keys = () => openPartyHome(home, PASSPHRASE)
  // as where no coordinator answers
  const coordinator = () => Promise.reject(new PlatformError('transport.unavailable', { address: config.coordinator }))
  const parts = { config, coordinator, identity, keys, people, store, gate, privacy, now }
  const served = [approvalsServed(parts), dataServed(parts), ledgerServed(parts), healthServed(parts)]
  const running = await startConsole({
    config: { listen: '127.0.0.1:0' },
    about: { kind: 'agent', federation: 'credit', party: 'tax', software: 'tributary' },
    entrance,
    served,
    log: silentLogger,
  })
  return {
    home,
    store,
    people,
    identity,
    origin: running.origin,
    /** from now on it is this time */
    setClock: (time: Date | undefined) => {
      clock = time
    },
    /** A job with its folder and, where it waits, its request. @returns its number */
    async job(change: object = {}, state: LocalJobState = 'awaiting', time = now().toISOString()): Promise<string> {
      const spec = jobSpec(change)
      const bytes = Buffer.from(JSON.stringify(spec))
      const job = jobIdOf(bytes)
      const folder = join(home, 'jobs', job)
      await mkdir(folder, { recursive: true })
      await writeFile(join(folder, 'spec.json'), bytes)
      await writeJobState(folder, job, state)
      if (state === 'awaiting')
        await store.saveRequest({ job, spec, asked: await gate.asked(spec), missing: ['column sales'], time })
      return job
    },
    setState: (job: string, state: LocalJobState) => writeJobState(join(home, 'jobs', job), job, state),
    /** Signed in as this person. */
    async as(person: string) {
      let cookie = ''
      let csrf = ''
      const send: typeof fetch = async (url, init = {}) => {
        const headers = { origin: running.origin, cookie, ...(init.headers as Record<string, string>) }
        const answer = await fetch(url, { ...init, headers })
        cookie = answer.headers.getSetCookie()[0]?.split(';')[0] ?? cookie
        return answer
      }
      const client = connect(TABLE, { origin: running.origin, csrf: () => csrf, fetch: send })
      csrf = (await client.signIn({ body: { person, passphrase: `passphrase of ${person}` } })).csrf
      return { ...client, send }
    },
    async [Symbol.asyncDispose]() {
      await running.close()
      await rm(home, { recursive: true, force: true })
    },
  }
}

function jobSpec(change: object = {}): JobSpec {
  const spec = {
    version: 1,
    name: 'joint credit',
    guest: { party: 'bank', dataset: 'loans' },
    hosts: [{ party: 'tax', dataset: 'filings', columns: ['sales', 'late'] }],
    ...change,
  }
  return parseJobSpec(Buffer.from(JSON.stringify(spec)))
}

async function writeJobState(folder: string, job: string, state: LocalJobState): Promise<void> {
  const stored = { version: 1, job, state, specSignature: '', submittedAt: '2026-11-22T08:00:00.000Z', keys: [] }
  await writeFile(join(folder, 'job.json'), JSON.stringify(stored))
}
