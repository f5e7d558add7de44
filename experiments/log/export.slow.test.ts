import { execFile } from 'node:child_process'
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { makeRoot } from '#crypto/identity/certificates.ts'
import { createPartyHome } from '#crypto/identity/party-home.ts'
import { formatTrustBundle, NO_PREVIOUS } from '#crypto/identity/trust.ts'
import { exportLog } from '#party-agent/log/export.ts'
import { MIRROR_FILE, MirrorStore } from '#party-agent/log/mirror-store.ts'
import { openBundle } from '#protocols/log/bundle.ts'
import { editionBytes } from '#protocols/log/trust-edition.ts'
import { verifyBundle } from '#protocols/log/verify-bundle.ts'
import { LogEditor } from './log-editing.ts'

const editor = new LogEditor('export')
const drafts = editor.drafts({ jobs: 1 })
const job = String(drafts.at(-1)?.fields['job'])
const { leaves, checkpoint } = editor.agreeOn(drafts)
const [, federation = '', collaboration = ''] = editor.log.origin.split('/')
const now = new Date('2026-11-21T00:00:00.000Z')
const PASSPHRASE = 'a long passphrase'
let home = ''
let trustBundle = ''

beforeAll(async () => {
  home = mkdtempSync(join(tmpdir(), 'tributary-export-'))
  trustBundle = join(home, 'trust.yaml')
  await createPartyHome(home, { federation, party: 'tax', passphrase: PASSPHRASE })
  writeFileSync(trustBundle, await trustText(editor))
  const folder = join(home, 'log', collaboration)
  mkdirSync(folder, { recursive: true })
  using store = new MirrorStore(join(folder, MIRROR_FILE))
  store.about({ federation, party: 'tax', parties: editor.log.participants.map(({ name }) => name) })
  store.trust(Buffer.from(editionBytes(editor.log.trust)).toString('utf8'))
  // one record more than everybody cosigned
  const more = editor.write(editor.drafts({ records: leaves.length + 1 }))
  store.append(0, more, { size: more.length, note: checkpoint })
  store.seal({ size: leaves.length, note: checkpoint })
})
afterAll(() => rmSync(home, { recursive: true }))

async function trustText({ log }: LogEditor): Promise<string> {
  const base64 = (key: Uint8Array) => Buffer.from(key).toString('base64')
  const rootPem = async (party: string) => (await makeRoot({ federation, name: party, now })).pem
  const parties = log.participants.map(async ({ name, signingKey }) => {
    return { party: name, rootPem: await rootPem(name), signingKey: base64(signingKey) }
  })
  return formatTrustBundle({
    version: 1,
    federation,
    edition: 1,
    previous: NO_PREVIOUS,
    coordinator: { rootPem: await rootPem('coordinator'), logKey: base64(log.logKey) },
    parties: await Promise.all(parties),
    signatures: [],
  })
}

function tributary(words: readonly string[]): Promise<{ readonly code: number; readonly out: string }> {
  return new Promise((resolve) => {
    execFile(
      process.execPath,
      ['bin/tributary.mjs', ...words],
      { env: { PATH: '', TRIBUTARY_PASSPHRASE: PASSPHRASE } },
      (error, out) => resolve({ code: error === null ? 0 : Number(error.code), out }),
    )
  })
}

test('the bundle holds what everybody cosigned, and verifies', async () => {
  const out = join(home, 'job.tar')
  const made = await exportLog({ home, trustBundle, job, out, now })
  expect(made).toMatchObject({ origin: editor.log.origin, size: leaves.length, unsealed: 1 })
  expect((await verifyBundle(out)).problems).toEqual([])
  await using bundle = await openBundle(out)
  expect(bundle.about).toMatchObject({ job, madeBy: 'tax', madeAt: '2026-11-21T00:00:00.000Z' })
})

test('a job of which nothing is held is unknown', async () => {
  const asked = exportLog({ home, trustBundle, job: `job-${'0'.repeat(20)}`, out: join(home, 'none.tar'), now })
  await expect(asked).rejects.toMatchObject({ code: 'job.unknown' })
})

test('from the command to a verdict with the keys of the own trust bundle', async () => {
  const config = join(home, 'agent.yaml')
  writeFileSync(config, 'home: .\ncoordinator: fed.example.cn:7443\ntrustBundle: trust.yaml\ndatasets: {}\n')
  const out = join(home, 'by-command.tar')
  expect(await tributary(['log', 'export', job, '--config', config, '--out', out])).toMatchObject({ code: 0 })
  const verified = await tributary(['verify', out, '--trust', trustBundle])
  expect(verified).toMatchObject({ code: 0 })
  expect(verified.out).toContain('compared with your trust bundle')
})

test('a bundle made with other keys is valid in itself, and found with the own trust bundle', async () => {
  const forger = new LogEditor('forger')
  const forged = join(home, 'forged.tar')
  const { packParts } = await import('./tamper-runs.ts')
  writeFileSync(forged, await packParts(forger, forger.agreeOn(forger.drafts({ jobs: 1 }))))
  expect((await tributary(['verify', forged])).code).toBe(0)
  const compared = await tributary(['verify', forged, '--trust', trustBundle, '--json'])
  expect(compared.code).toBe(1)
  const { problems } = JSON.parse(compared.out) as { problems: { code: string; who?: string }[] }
  expect(problems.map(({ code, who }) => `${code} ${who ?? 'log'}`)).toEqual([
    'unknown-key log',
    'unknown-key bank',
    'unknown-key park',
    'unknown-key tax',
  ])
})
