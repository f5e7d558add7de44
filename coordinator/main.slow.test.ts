import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { text } from 'node:stream/consumers'
import { afterAll, beforeAll, expect, test } from 'vitest'
import type { JobView__Output } from '#protos/gen/tributary/v1/JobView.ts'
import { readCoordinatorConfig } from './config.ts'
import {
  answerOf,
  connectAgent,
  makeFederation,
  openCaller,
  PASSPHRASE,
  signedSpec,
  type TestFederation,
} from './test-federation.ts'

let federation: TestFederation
let config: string
const children: ChildProcess[] = []

beforeAll(async () => {
  federation = await makeFederation(['bank', 'tax'])
  config = writeConfig('coordinator.yaml', {})
})
afterAll(() => {
  for (const child of children) child.kill('SIGKILL')
})

function writeConfig(name: string, change: object): string {
  const path = join(federation.folder, name)
  const { home, trustBundle } = federation.config
  writeFileSync(path, JSON.stringify({ home, listen: '127.0.0.1:0', trustBundle, logLevel: 'silent', ...change }))
  return path
}

function run(args: readonly string[], env: Record<string, string> = { TRIBUTARY_PASSPHRASE: PASSPHRASE }) {
  const { TRIBUTARY_PASSPHRASE: _, ...clean } = process.env
  const child = spawn(process.execPath, [join(import.meta.dirname, 'main.ts'), ...args], {
    env: { ...clean, ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  children.push(child)
  return child
}

async function started(child: ReturnType<typeof run>): Promise<string> {
  const [line] = (await once(createInterface({ input: child.stdout }), 'line')) as [string]
  const { event, address } = JSON.parse(line) as { event: string; address: string }
  expect(event).toBe('coordinator.listening')
  return address
}

async function refusal(child: ReturnType<typeof run>): Promise<{ status: unknown; said: string }> {
  const exit = once(child, 'exit')
  const said = await text(child.stderr)
  return { status: (await exit)[0], said }
}

test('a job that was running when the process was killed goes on in the next one, which has the home for itself', async () => {
  const first = run(['--config', config])
  const address = await started(first)
  const agents = await Promise.all(['bank', 'tax'].map((party) => connectAgent(federation, party, address)))
  const caller = openCaller(federation, 'bank', address)
  const spec = signedSpec(federation, ['tax'])
  const { job } = await answerOf<JobView__Output>((done) => caller.jobs.Submit(spec, done as never))
  const answer = { job, accepted: true, sealing_key: Buffer.alloc(32), sealing_signature: Buffer.alloc(64) }
  for (const agent of agents) {
    await agent.heard('invite', { job })
    agent.say({ invite_answer: answer })
  }
  const closed = { job, task: 'align', round: 0, finished: false, record_digest: Buffer.alloc(32) }
  for (const agent of agents) {
    await agent.heard('round_opened', { job, round: 0 })
    agent.say({ round_closed: closed })
  }
  for (const agent of agents) await agent.heard('round_opened', { job, task: 'align', round: 1 })

  first.kill('SIGKILL')
  for (const agent of agents) await agent.failed()
  for (const agent of agents) agent.leave()
  caller.jobs.close()

  writeFileSync(join(federation.folder, 'pass'), `${PASSPHRASE}\n`)
  const second = run(['--config', writeConfig('second.yaml', { passphraseFile: 'pass' })], {})
  const again = await started(second)
  for (const party of ['bank', 'tax']) {
    const agent = await connectAgent(federation, party, again, [job])
    await agent.heard('job_started', { job })
    await agent.heard('round_opened', { job, task: 'align', round: 1 })
    agent.leave()
  }
  const third = await refusal(run(['--config', config]))
  expect(third.said).toMatch(/^storage\.locked/)
  expect(third.status).toBe(1)
  const exit = once(second, 'exit')
  second.kill('SIGTERM')
  expect(await exit).toEqual([0, null])
})

test('a wrong passphrase, a missing one and a missing file are refused with what to do', async () => {
  const wrong = refusal(run(['--config', config], { TRIBUTARY_PASSPHRASE: 'wrong' }))
  const missing = refusal(run(['--config', config], {}))
  const absent = refusal(run(['--config', '/nowhere.yaml']))
  expect((await wrong).said).toMatch(/^keys\.wrong-passphrase/)
  expect((await missing).said).toMatch(/^config\.invalid.*TRIBUTARY_PASSPHRASE or passphraseFile/)
  expect((await absent).said).toMatch(/^config\.unreadable.*\/nowhere\.yaml/)
})

test('a bad configuration names every key', () => {
  const path = writeConfig('bad.yaml', { listen: 'here', quotas: { jobBytes: 1 }, colour: 'red', logLevel: 'loud' })
  expect(() => readCoordinatorConfig(path)).toThrowError(
    /colour: unknown key.*listen: expected text.*logLevel: expected one of.*quotas\.jobBytes: .*got 1/s,
  )
  const port = writeConfig('port.yaml', { listen: '127.0.0.1:70000' })
  expect(() => readCoordinatorConfig(port)).toThrowError(/listen: expected a port up to 65535, got 70000/)
})

test('paths are relative to the file', () => {
  const path = writeConfig('relative.yaml', { home: 'coordinator', trustBundle: 'trust.yaml', passphraseFile: 'pass' })
  expect(readCoordinatorConfig(path)).toMatchObject({
    home: federation.config.home,
    trustBundle: federation.config.trustBundle,
    passphraseFile: join(federation.folder, 'pass'),
  })
})
