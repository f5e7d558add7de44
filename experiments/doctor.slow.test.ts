// Doctor against a real coordinator over mutual TLS.
import { readFile, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { makeFederation, PASSPHRASE, startTestCoordinator, type TestFederation } from '#coordinator/test-federation.ts'
import { formatTrustBundle, parseTrustBundle } from '#crypto/identity/trust.ts'
import { runDoctor } from '#party-agent/doctor/doctor.ts'
import { formatDoctor } from '#party-agent/doctor/report.ts'

async function writeAgent(federation: TestFederation, party: string, coordinator: string, trustBundle: string) {
  const file = join(federation.folder, `${party}.yaml`)
  await writeFile(join(federation.folder, 'rows.csv'), 'id,a\n1,1\n2,2\n')
  await writeFile(
    file,
    `home: ${party}
coordinator: ${coordinator}
trustBundle: ${trustBundle}
datasets:
  rows: { source: { csv: rows.csv }, ids: { column: id, kind: plain } }
`,
  )
  return file
}

test('a sound agent is green throughout, its clock included; a stranger is told that it is not trusted', async () => {
  const federation = await makeFederation(['bank', 'tax'], ['land'])
  const coordinator = await startTestCoordinator(federation)
  try {
    const bank = await writeAgent(federation, 'bank', coordinator.address, 'trust.yaml')
    const report = await runDoctor(bank, PASSPHRASE)
    expect(formatDoctor(report, { lang: 'en', colour: false })).toMatch(/\nAll is well\.$/)
    expect(report).toMatchObject({ ok: true })
    expect(report.checks.find(({ check }) => check === 'clock')).toMatchObject({ ok: true, skipped: false })

    const land = await runDoctor(await writeAgent(federation, 'land', coordinator.address, 'trust.yaml'), PASSPHRASE)
    const redOf = land.checks.filter(({ ok }) => !ok).map(({ check }) => check)
    expect(redOf).toEqual(['trust-bundle', 'secure-connection'])
  } finally {
    await coordinator.close()
    await rm(federation.folder, { recursive: true })
  }
})

test('a bundle with the root of another coordinator makes the secure connection red', async () => {
  const federation = await makeFederation(['bank'])
  const other = await makeFederation(['bank'])
  const coordinator = await startTestCoordinator(federation)
  try {
    const bundle = parseTrustBundle(await readFile(join(federation.folder, 'trust.yaml'), 'utf8'))
    const wrong = { ...bundle, coordinator: { rootPem: other.rootPem } }
    await writeFile(join(federation.folder, 'wrong.yaml'), formatTrustBundle(wrong))
    const report = await runDoctor(await writeAgent(federation, 'bank', coordinator.address, 'wrong.yaml'), PASSPHRASE)
    expect(report.checks.filter(({ ok }) => !ok).map(({ check }) => check)).toEqual(['secure-connection'])
  } finally {
    await coordinator.close()
    await Promise.all([federation, other].map(({ folder }) => rm(folder, { recursive: true })))
  }
})
