// The command line as a user meets it: as a process, with its exit codes and what it prints.
import { execFile } from 'node:child_process'
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { parse } from 'yaml'
import { parseTrustBundle } from '#crypto/identity/trust.ts'
import { AgentConfigSchema, readAgentConfig } from '#party-agent/config.ts'
import { ERROR_CODES } from '#runtime/error-catalogue.ts'

let folder = ''
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'tributary-cli-'))
})
afterAll(() => rm(folder, { recursive: true }))

interface Run {
  readonly code: number
  readonly out: string
  readonly err: string
}

function tributary(words: readonly string[], environment: Record<string, string> = {}): Promise<Run> {
  return new Promise((resolve) => {
    execFile(
      process.execPath,
      ['bin/tributary.mjs', ...words],
      { env: { PATH: process.env['PATH'] ?? '', TRIBUTARY_PASSPHRASE: 'correct horse', ...environment } },
      (error, out, err) => resolve({ code: error === null ? 0 : Number(error.code), out, err }),
    )
  })
}

describe('a new federation', () => {
  test('is made of homes, cards and a trust bundle, and every step says the next', async () => {
    const home = (name: string) => join(folder, name)
    const [tax, bank, coordinator] = await Promise.all([
      tributary(['init', '--party', 'tax', '--federation', 'fed', '--home', home('tax')]),
      tributary(['init', '--party', 'bank', '--federation', 'fed', '--home', home('bank'), '--json']),
      tributary(['init', '--role', 'coordinator', '--federation', 'fed', '--home', home('coordinator')]),
    ])
    expect([tax.code, bank.code, coordinator.code]).toEqual([0, 0, 0])
    expect(tax.out).toContain('tributary doctor --config')
    const { handOut, config } = JSON.parse(bank.out) as { handOut: string; config: string }
    const out = join(folder, 'trust.yaml')
    const root = join(home('coordinator'), 'keys', 'root.pem')
    const trust = await tributary([
      'trust',
      handOut,
      join(home('tax'), 'keys', 'card.json'),
      '--coordinator-root',
      root,
      '--out',
      out,
      '--json',
    ])
    expect(trust.code).toBe(0)
    const bundle = parseTrustBundle(await readFile(out, 'utf8'))
    expect(bundle.parties.map((party) => party.party)).toEqual(['bank', 'tax'])
    await expect(readAgentConfig(config)).resolves.toMatchObject({ home: home('bank'), coordinator: 'localhost:7443' })
  })

  test('never overwrites keys', async () => {
    const again = await tributary(['init', '--party', 'tax', '--federation', 'fed', '--home', join(folder, 'tax')])
    expect(again).toMatchObject({ code: 1, out: '' })
    expect(again.err).toContain('keys.exists')
    expect(again.err).toContain(ERROR_CODES['keys.exists'].mend)
  })

  test('gives a template whose commented data set and policy are valid as they stand', async () => {
    const text = await readFile(join(folder, 'tax', 'agent.yaml'), 'utf8')
    const filled = text
      .replace('datasets: {}', 'datasets:')
      .replace('  jobs: []', '  jobs:')
      .replace(/^#( {2}.*)$/gm, '$1')
    expect(parse(filled)).toMatchObject({ datasets: { filings: {} }, policy: { jobs: [{ guest: 'bank' }] } })
    const file = join(folder, 'filled.yaml')
    await writeFile(file, filled)
    await expect(readAgentConfig(file)).resolves.toMatchObject({ datasets: { filings: { ids: { kind: 'uscc' } } } })
    expect(Object.keys(parse(text))).toEqual(
      Object.keys(AgentConfigSchema.properties).filter((key) => key in parse(text)),
    )
  })
})

describe('a refusal', () => {
  test('of a job file names line, column, key, and what was expected and got', async () => {
    const file = join(folder, 'job.yaml')
    await writeFile(
      file,
      'version: 1\nname: x\nguest: { party: bank, dataset: loans }\nhosts:\n  - { party: Tax!, dataset: d }\nsplit: { kind: keyed-hash, holdout: 0.9 }\n',
    )
    const { code, err } = await tributary(['job', 'submit', file])
    expect(code).toBe(2)
    expect(err).toContain('job.invalid')
    expect(err).toMatch(/job\.yaml:5:7 hosts\[0\]\.party: expected text .* got "Tax!"/)
    expect(err).toMatch(/job\.yaml:6:\d+ split/)
  })

  test('is an object with its code where a machine asked', async () => {
    const { code, out } = await tributary(['job', 'list', '--json', '--config', join(folder, 'nowhere.yaml')])
    expect(code).toBe(2)
    expect(JSON.parse(out)).toMatchObject({ error: { code: 'config.unreadable', who: 'operator' } })
  })

  test('of a wrong passphrase and of an absent coordinator have their own exit codes', async () => {
    const config = join(folder, 'bank', 'agent.yaml')
    await writeFile(join(folder, 'bank', 'trust.yaml'), await readFile(join(folder, 'trust.yaml'), 'utf8'))
    const text = (await readFile(config, 'utf8')).replace('localhost:7443', '127.0.0.1:9')
    await writeFile(config, text)
    const wrong = await tributary(['parties', '--config', config], { TRIBUTARY_PASSPHRASE: 'other' })
    expect(wrong.code).toBe(4)
    expect(wrong.err).toContain('keys.wrong-passphrase')
    const absent = await tributary(['parties', '--config', config])
    expect(absent.code).toBe(3)
    expect(absent.err).toContain('transport.unavailable')
  })

  test('of unknown words is short', async () => {
    expect(await tributary(['bogus'])).toMatchObject({ code: 2, err: "error: unknown command 'bogus'\n" })
  })
})
