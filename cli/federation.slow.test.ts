// The commands of a new federation and of a third party, each in a process of its own, as the guide lists them.
import { execFile, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { expect, test } from 'vitest'
import { parseTrustBundle } from '#crypto/identity/trust.ts'

const environment = { PATH: process.env['PATH'] ?? '', TRIBUTARY_PASSPHRASE: 'correct horse' }

interface Run {
  readonly code: number
  readonly out: string
  readonly err: string
}

function tributary(...words: readonly string[]): Promise<Run> {
  return new Promise((resolve) => {
    execFile(process.execPath, ['bin/tributary.mjs', ...words], { env: environment }, (error, out, err) =>
      resolve({ code: error === null ? 0 : Number(error.code), out, err }),
    )
  })
}

test('two founders and a later party are in by invitation, words and signatures; a revoked party is out', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'tributary-federation-'))
  const at = (...parts: readonly string[]) => join(folder, ...parts)
  const config = (party: string) => ['--config', at(party, 'agent.yaml')]
  const create = ['--home', at('c'), '--host', '127.0.0.1', '--listen', '127.0.0.1:0', '--founder', 'bank', 'tax']
  expect((await tributary('federation', 'create', '--name', 'fed', ...create)).code).toBe(0)
  const coordinator = spawn(
    process.execPath,
    ['bin/tributary.mjs', 'coordinator', '--config', at('c', 'coordinator.yaml')],
    { env: environment, stdio: ['ignore', 'pipe', 'ignore'] },
  )
  try {
    const [line] = (await once(createInterface({ input: coordinator.stdout }), 'line')) as [string]
    const { address } = JSON.parse(line) as { address: string }
    const enrol = async (party: string) => {
      const file = at(`${party}.invitation`)
      await tributary('party', 'init', '--party', party, '--federation', 'fed', '--home', at(party))
      await tributary('federation', 'invite', party, '--home', at('c'), '--address', address, '--out', file)
      return tributary('federation', 'join', file, '--home', at(party))
    }
    const confirm = async (party: string, words: string) =>
      (await tributary('federation', 'confirm', ...config(party), '--words', words)).code
    const wordsOf = async (party: string) => {
      const shown = await tributary('federation', 'confirm', ...config(party), '--json')
      return (JSON.parse(shown.out) as { words: string }).words
    }
    const editionOf = async (party: string) => parseTrustBundle(await readFile(at(party, 'trust.yaml'), 'utf8')).edition

    for (const party of ['bank', 'tax']) expect((await enrol(party)).code).toBe(0)
    expect((await tributary('federation', 'join', at('tax.invitation'), '--home', at('tax'))).err).toContain(
      'enrolment.used',
    )
    const first = await wordsOf('bank')
    expect(await wordsOf('tax')).toBe(first)
    const wrong = await tributary('federation', 'confirm', ...config('bank'), '--words', 'not these')
    expect(wrong.err).toContain('enrolment.words-differ')
    for (const party of ['bank', 'tax']) expect(await confirm(party, first)).toBe(0)
    expect((await tributary('federation', 'confirm', ...config('bank'))).code).toBe(0)
    expect([await editionOf('bank'), await editionOf('tax')]).toEqual([1, 1])

    expect((await enrol('social')).code).toBe(0)
    const second = await wordsOf('social')
    for (const party of ['bank', 'tax', 'social']) expect(await confirm(party, second)).toBe(0)
    expect(await editionOf('social')).toBe(2)
    expect((await tributary('parties', ...config('social'))).code).toBe(0)

    const revoke = (party: string) => tributary('federation', 'revoke', '--party', 'tax', '--json', ...config(party))
    expect(JSON.parse((await revoke('bank')).out)).toMatchObject({ inForce: false, signed: ['bank'], needed: 2 })
    expect(JSON.parse((await revoke('social')).out)).toMatchObject({ inForce: true })
    expect((await tributary('parties', ...config('tax'))).err).toContain('identity.revoked')
  } finally {
    coordinator.kill('SIGTERM')
    await once(coordinator, 'exit')
    await rm(folder, { recursive: true })
  }
})
