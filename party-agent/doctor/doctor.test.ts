// The parts of doctor that need no coordinator; experiments/doctor.slow.test.ts has the whole of it against a real one.
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { createCoordinatorHome } from '#crypto/identity/coordinator-home.ts'
import { createPartyHome } from '#crypto/identity/party-home.ts'
import { formatTrustBundle, makeTrustBundle } from '#crypto/identity/trust.ts'
import { checkClock, runDoctor } from './doctor.ts'
import { type DoctorReport, formatDoctor } from './report.ts'

const PASSPHRASE = 'a long passphrase for tests'
let folder: string
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'tributary-doctor-'))
  const federation = 'test-federation'
  const home = (name: string) => join(folder, name)
  const { rootPem } = await createCoordinatorHome(home('coordinator'), {
    federation,
    passphrase: PASSPHRASE,
    hosts: ['127.0.0.1'],
  })
  const card = await createPartyHome(home('tax'), { federation, party: 'tax', passphrase: PASSPHRASE })
  const stranger = await createPartyHome(home('land'), { federation, party: 'land', passphrase: PASSPHRASE })
  await writeFile(home('trust.yaml'), formatTrustBundle(makeTrustBundle(federation, rootPem, [card])))
  await writeFile(home('other.yaml'), formatTrustBundle(makeTrustBundle(federation, rootPem, [stranger])))
  const rows = Array.from({ length: 100 }, (_, i) => `1390000${String(i).padStart(4, '0')},${i}`)
  await writeFile(home('good.csv'), `phone,a\n${rows.join('\n')}\n`)
  await writeFile(home('bad.csv'), `phone,a\n${rows.slice(0, 97).join('\n')}\n1,1\n2,1\n3,1\n`)
})
afterAll(() => rm(folder, { recursive: true }))

async function doctor(
  changes: { home?: string; trustBundle?: string; csv?: string; passphrase?: string; heEngine?: string } = {},
) {
  const { home = 'tax', trustBundle = 'trust.yaml', csv = 'good.csv', passphrase = PASSPHRASE } = changes
  const file = join(folder, 'agent.yaml')
  // Port 1 of loopback answers nobody.
  await writeFile(
    file,
    `home: ${home}
coordinator: 127.0.0.1:1
trustBundle: ${trustBundle}
resources: { heEngine: ${changes.heEngine ?? 'auto'} }
datasets:
  calls: { source: { csv: ${csv} }, ids: { column: phone, kind: mobile } }
`,
  )
  return runDoctor(file, passphrase)
}

/** Names of the red checks. */
const redOf = (report: DoctorReport) => report.checks.filter((check) => !check.ok).map((check) => check.check)
const skippedOf = (report: DoctorReport) => report.checks.filter((check) => check.skipped).map((check) => check.check)

test('without a coordinator all else is green and what needs it is skipped', async () => {
  const report = await doctor()
  expect(report.ok).toBe(false)
  expect(redOf(report)).toEqual(['network'])
  expect(skippedOf(report)).toEqual(['secure-connection', 'clock'])
  expect(report.checks.map((check) => check.check)).toEqual([
    'configuration',
    'keys',
    'certificate',
    'trust-bundle',
    'disk',
    'kernels',
    'network',
    'secure-connection',
    'clock',
    'dataset',
    'ids',
  ])
})

test('says which engine the encryption computes with: none of them is red', async () => {
  const kernelsOf = async (heEngine: string) => {
    const report = await doctor({ heEngine })
    return report.checks.find(({ check }) => check === 'kernels')
  }
  expect(await kernelsOf('auto')).toMatchObject({ ok: true, skipped: false, found: { en: 'WebAssembly SIMD runs' } })
  const alone = await kernelsOf('seal')
  expect(alone).toMatchObject({ ok: true, skipped: false })
  expect(alone?.found.en).toMatch(/SEAL alone.*\(configured\)/)
  expect(alone?.found.zh).toContain('SEAL')
})

test.each([
  ['a wrong passphrase', { passphrase: 'another' }, ['keys', 'network'], /keys\.wrong-passphrase/],
  ['no keys', { home: 'nowhere' }, ['keys', 'network'], /keys\.missing/],
  ['a bundle without us', { trustBundle: 'other.yaml' }, ['trust-bundle', 'network'], /does not list tax/],
  ['no bundle', { trustBundle: 'absent.yaml' }, ['trust-bundle', 'network'], /config\.unreadable/],
  ['no data', { csv: 'absent.csv' }, ['network', 'dataset'], /data\.unreadable/],
  ['97 % valid ids', { csv: 'bad.csv' }, ['network', 'ids'], /97\.00 % valid/],
])('%s is red, with its mend in both languages', async (_, changes, expected, found) => {
  const report = await doctor(changes)
  expect(redOf(report)).toEqual(expected)
  const bad = report.checks.filter((check) => !check.ok)
  expect(bad.map((check) => check.found.en).join('\n')).toMatch(found)
  for (const check of bad) expect([check.mend?.en, check.mend?.zh]).not.toContain(undefined)
})

test('a configuration with problems is the only check, and lists them', async () => {
  const file = join(folder, 'broken.yaml')
  await writeFile(file, 'home: .\ncolour: red\n')
  const report = await runDoctor(file, PASSPHRASE)
  expect(redOf(report)).toEqual(['configuration'])
  expect(report.checks).toHaveLength(1)
  expect(report.checks[0]?.found.en).toMatch(/colour[\s\S]*coordinator|coordinator[\s\S]*colour/)
})

test('a clock that differs by more than two minutes is red', () => {
  const now = new Date('2026-11-21T12:00:00Z')
  const shifted = (seconds: number) => checkClock(new Date(now.getTime() + seconds * 1000), now)
  expect(shifted(119)).toMatchObject({ ok: true, found: { en: '119 s behind the coordinator' } })
  expect(shifted(-121)).toMatchObject({ ok: false, found: { zh: '比协调方快 121 秒' } })
  expect(checkClock(undefined, now)).toMatchObject({ skipped: true })
})

test('the report is printed in both languages, with and without colour', async () => {
  const report = await doctor({ passphrase: 'another' })
  const english = formatDoctor(report, { lang: 'en', colour: false })
  expect(english).toMatch(/^green {2}Configuration: 1 data set/)
  expect(english).toMatch(/RED {2}Keys and passphrase: .*\n {6}mend: /)
  expect(english).toMatch(/\n2 to mend, 2 not checked\.$/)
  expect(english).not.toContain('\u001b')
  const chinese = formatDoctor(report, { lang: 'zh', colour: true })
  expect(chinese).toContain('\u001b[31m异常\u001b[0m  密钥与口令')
  expect(chinese).toContain('2 项待处理')
})
