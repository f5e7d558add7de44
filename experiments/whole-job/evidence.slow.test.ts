// The log of a real job, every party a process of its own: its evidence bundle, exported by each party, is verified by
// both verifiers, and says what the parties' own ledgers say.
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { expect, test } from 'vitest'
import { openPeople } from '#cli/approval-home.ts'
import { readEvidence } from '#party-agent/dossier/read-evidence.ts'
import { readLocalJob } from '#party-agent/results/local-job.ts'
import { buildProgram } from '#cli/program.ts'
import { testContext } from '#cli/test-context.ts'
import { exportLog } from '#party-agent/log/export.ts'
import { readJobLog } from '#party-agent/log/read-log.ts'
import type { LabMember } from '../lab/homes.ts'
import { type RunningLab, runLab } from '../lab/lab.ts'
import { bothVerdicts } from '../log/two-verifiers.ts'
import { TableFolder } from './fixtures.ts'
import { planSmallJob } from './small-job.ts'

const PEOPLE = [
  ['Li Wei', 'steward'],
  ['Wang Fang', 'compliance'],
] as const

async function tributary(member: LabMember, words: readonly string[]): Promise<void> {
  const environment = { TRIBUTARY_PASSPHRASE: member.passphrase, TRIBUTARY_PERSON_PASSPHRASE: 'plum blossom' }
  await buildProgram(testContext({ environment })).parseAsync([...words], { from: 'user' })
}

/** Both people of a party get keys, wait for the job, and sign. */
async function approve(lab: RunningLab, party: string): Promise<void> {
  const member = lab.homes.parties[party] as LabMember
  for (const [name, role] of PEOPLE)
    await tributary(member, ['keys', 'person', 'add', '--name', name, '--role', role, '--home', member.home])
  const { store } = await openPeople(member.home)
  while (!(await store.requests()).some(({ job }) => job === lab.job)) await sleep(100)
  for (const person of ['li-wei', 'wang-fang'])
    await tributary(member, ['approve', lab.job, '--as', person, '--config', member.config])
}

/** The last cosignatures may arrive after the job's end. */
async function exportAll(lab: RunningLab, party: string): Promise<string> {
  const { home } = lab.homes.parties[party] as LabMember
  const out = join(lab.homes.folder, `${party}.tar`)
  for (;;) {
    const { trustBundle } = lab.homes
    const { unsealed } = await exportLog({ home, trustBundle, job: lab.job, out, now: new Date() })
    const { evidence } = await readEvidence(out)
    if (unsealed === 0 && evidence.jobs[0]?.closed.length === Object.keys(lab.homes.parties).length) return out
    await sleep(100)
  }
}

/** The agent takes it from the access log of its party into the round log. */
async function readIsStated(lab: RunningLab): Promise<void> {
  const { home } = lab.homes.parties['tax'] as LabMember
  for (;;) {
    const { records, size, sealedSize } = readJobLog(home, lab.job)
    if (records.some(({ record }) => record.kind === 'access') && size === sealedSize) return
    await sleep(100)
  }
}

test('the evidence of a whole job verifies, and agrees with the ledgers of the parties', async () => {
  await using folder = await TableFolder.open()
  const plan = await planSmallJob(folder, { rounds: 3, hosts: ['tax', 'social'] })
  const parties = ['bank', 'tax', 'social']
  const result = await runLab(plan, {
    cli: testContext(),
    quiet: true,
    people: 'meanwhile',
    meanwhile: async (lab) => {
      for (const party of parties) await approve(lab, party)
    },
    before: async (lab) => {
      const tax = lab.homes.parties['tax'] as LabMember
      await tributary(tax, ['log', 'show', lab.job, '--as', 'wang-fang', '--config', tax.config])
      await readIsStated(lab)
      const roots = new Set<string>()
      for (const party of parties) {
        const bundle = await exportAll(lab, party)
        expect(await bothVerdicts(await readFile(bundle))).toEqual({
          own: { ok: true, codes: [] },
          page: { ok: true, codes: [] },
        })
        const { report, evidence } = await readEvidence(bundle, lab.homes.trustBundle)
        expect(report.problems).toEqual([])
        expect(report.facts.kinds).toMatchObject({ 'metric.released': 3, access: 1 })
        roots.add(report.facts.root)
        expect(evidence.approvals.map(({ owner }) => owner).toSorted()).toEqual(parties.toSorted())
        const { home } = lab.homes.parties[party] as LabMember
        const { ledger } = await readLocalJob(home, lab.job)
        const ofLedger = (name: string) => ledger.filter((line) => line.class === name)
        expect(evidence.sent.filter((sent) => sent.party === party).length).toBeGreaterThan(2)
        for (const sum of evidence.sent.filter((sent) => sent.party === party)) {
          const bytes = ofLedger(sum.class).reduce((total, line) => total + line.bytes, 0)
          expect(`${party} ${sum.class} ${sum.bytes}`).toBe(`${party} ${sum.class} ${bytes}`)
        }
      }
      expect(roots.size).toBe(1)
    },
  })
  expect(result.state).toBe('succeeded')
})
