// A host is revoked while it trains: by the other parties of the federation, as their people would, between real processes.
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { expect, test } from 'vitest'
import { readLocalJob } from '#party-agent/results/local-job.ts'
import { buildProgram } from '#cli/program.ts'
import { testContext } from '#cli/test-context.ts'
import type { LabMember } from '../lab/homes.ts'
import { type RunningLab, runLab } from '../lab/lab.ts'
import { held } from '../lab/processes.ts'
import { TableFolder } from './fixtures.ts'
import { planSmallJob } from './small-job.ts'

const LIMIT_MS = 60_000
const PARTIES = ['bank', 'social', 'tax']

async function revoke(lab: RunningLab, as: string): Promise<{ inForce: boolean }> {
  const { config, passphrase } = lab.homes.parties[as] as LabMember
  const cli = testContext({ environment: { TRIBUTARY_PASSPHRASE: passphrase } })
  const words = ['federation', 'revoke', '--party', 'tax', '--config', config, '--json']
  await buildProgram(cli).parseAsync(words, { from: 'user' })
  return JSON.parse(cli.printed.join('\n')) as { inForce: boolean }
}

const isConnected = async (lab: RunningLab, party: string) =>
  (await lab.client.describe()).parties.find((entry) => entry.party === party)?.connected

test('a host that is revoked during training is cut off, and the job ends with its name on every side', async () => {
  await using folder = await TableFolder.open()
  const plan = await planSmallJob(folder, { rounds: 25, hosts: ['tax', 'social'] })
  const failed = { state: 'failed', failure: { code: 'identity.revoked', party: 'tax' } }
  const result = await runLab(plan, {
    cli: testContext(),
    quiet: true,
    meanwhile: async (lab) => {
      const { home } = lab.homes.parties['bank'] as LabMember
      const trained = async () => (await readLocalJob(home, lab.job)).record.some(({ task }) => task === 'train')
      while (!(await trained())) await sleep(50)
      await held(lab.process('bank'), async () => {
        expect(await revoke(lab, 'bank')).toMatchObject({ inForce: false })
        expect(await isConnected(lab, 'tax')).toBe(true)
        expect(await revoke(lab, 'social')).toMatchObject({ inForce: true })
      })
      const since = Date.now()
      await expect.poll(() => isConnected(lab, 'tax'), { timeout: LIMIT_MS, interval: 200 }).toBe(false)
      console.log(`cut off ${Date.now() - since} ms after the revocation came into force`)
    },
    before: async (lab) => {
      for (const party of PARTIES) {
        const { home } = lab.homes.parties[party] as LabMember
        const stored = async () =>
          JSON.parse(await readFile(join(home, 'jobs', lab.job, 'job.json'), 'utf8')) as unknown
        await expect.poll(stored, { timeout: LIMIT_MS }).toMatchObject(failed)
      }
      // it dials again and again, and is not let in
      await sleep(3000)
      expect(await isConnected(lab, 'tax')).toBe(false)
      expect(await isConnected(lab, 'bank')).toBe(true)
    },
  })
  expect(result).toMatchObject(failed)
})
