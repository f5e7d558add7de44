import { spawn } from 'node:child_process'
import { mkdtemp, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { formatTrustBundle } from '#crypto/identity/trust.ts'
import { lockHome } from '#runtime/files.ts'
import { makeKeyring, ScriptedCoordinator, type TestKeyring } from './link/scripted-coordinator.ts'

const MAIN = fileURLToPath(new URL('./main.ts', import.meta.url))
const PASSPHRASE = 'a long passphrase'

let keyring: TestKeyring
let coordinator: ScriptedCoordinator
let port: number
let trustBundle: string

beforeAll(async () => {
  keyring = await makeKeyring(['tax'])
  coordinator = new ScriptedCoordinator(keyring)
  port = await coordinator.listen()
  trustBundle = join(keyring.folder, 'trust.yaml')
  await writeFile(trustBundle, formatTrustBundle(keyring.trust))
})
afterAll(async () => {
  coordinator.stop()
  await keyring[Symbol.asyncDispose]()
})

async function configOf(home: string): Promise<string> {
  const folder = await mkdtemp(join(keyring.folder, 'config-'))
  const config = { home, coordinator: `localhost:${port}`, trustBundle, logLevel: 'silent' }
  await writeFile(join(folder, 'agent.yaml'), JSON.stringify(config))
  return join(folder, 'agent.yaml')
}

interface Ended {
  readonly code: number | null
  readonly stdout: string
  readonly stderr: string
}

/** Runs the agent until it ends; `onOutput` may end it. */
function run(
  args: readonly string[],
  passphrase: string,
  onOutput: (kill: () => void) => void = () => undefined,
): Promise<Ended> {
  const env = { ...process.env, TRIBUTARY_PASSPHRASE: passphrase }
  const child = spawn(process.execPath, [MAIN, ...args], { env, stdio: ['ignore', 'pipe', 'pipe'] })
  let [stdout, stderr] = ['', '']
  child.stdout.on('data', (bytes: Buffer) => {
    stdout += bytes.toString()
    onOutput(() => child.kill('SIGTERM'))
  })
  child.stderr.on('data', (bytes: Buffer) => {
    stderr += bytes.toString()
  })
  return new Promise((resolve) => child.on('close', (code) => resolve({ code, stdout, stderr })))
}

test('it says that it started once it is connected, and ends well on SIGTERM', async () => {
  const config = await configOf(join(keyring.folder, 'tax'))
  const { code, stdout, stderr } = await run(['--config', config], PASSPHRASE, (kill) => kill())
  expect(stdout).toBe('{"event":"agent.started","party":"tax"}\n')
  expect([code, stderr]).toEqual([0, ''])
})

test('a wrong passphrase, a home in use and missing keys are refused with their codes', async () => {
  const config = await configOf(join(keyring.folder, 'tax'))
  const empty = await configOf(await mkdtemp(join(keyring.folder, 'empty-')))
  const refusals = await Promise.all([
    run(['--config', config], 'wrong'),
    run(['--config', empty], PASSPHRASE),
    run([], PASSPHRASE),
  ])
  const codes = refusals.map(({ code, stderr }) => [code, stderr.split(':')[0]])
  expect(codes).toEqual([
    [1, 'keys.wrong-passphrase'],
    [1, 'keys.missing'],
    [1, 'config.invalid'],
  ])
  await using _ = await lockHome(join(keyring.folder, 'tax'))
  expect((await run(['--config', config], PASSPHRASE)).stderr).toMatch(/^storage\.locked/)
})
