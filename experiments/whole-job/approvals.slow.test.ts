// The real protocols under approvals, every party a process of its own, its people at the command line.
import { setTimeout as sleep } from 'node:timers/promises'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { readLocalJob } from '#party-agent/results/local-job.ts'
import { buildProgram } from '#cli/program.ts'
import { testContext } from '#cli/test-context.ts'
import { openPeople } from '#cli/approval-home.ts'
import type { LabMember } from '../lab/homes.ts'
import { type RunningLab, runLab } from '../lab/lab.ts'
import type { LabPlan } from '../lab/lab-file.ts'
import { held } from '../lab/processes.ts'
import { TableFolder } from './fixtures.ts'
import { planSmallJob } from './small-job.ts'

const ROUNDS = 6
let folder: TableFolder
let plan: LabPlan

beforeAll(async () => {
  folder = await TableFolder.open()
  plan = await planSmallJob(folder, { rounds: ROUNDS })
})
afterAll(() => folder[Symbol.asyncDispose]())

async function tributary(member: LabMember, words: readonly string[]): Promise<string> {
  const environment = { TRIBUTARY_PASSPHRASE: member.passphrase, TRIBUTARY_PERSON_PASSPHRASE: 'plum blossom' }
  const cli = testContext({ environment })
  await buildProgram(cli).parseAsync([...words], { from: 'user' })
  return cli.printed.join('\n')
}

const PEOPLE = [
  ['Li Wei', 'steward'],
  ['Wang Fang', 'compliance'],
] as const
const idOf = (name: string) => name.toLowerCase().replace(' ', '-')

/** Both people of a party get keys, wait for the job, and sign. @returns the approval */
async function approve(lab: RunningLab, party: string, narrow: readonly string[] = []): Promise<string> {
  const member = lab.homes.parties[party] as LabMember
  for (const [name, role] of PEOPLE)
    await tributary(member, ['keys', 'person', 'add', '--name', name, '--role', role, '--home', member.home])
  const { store } = await openPeople(member.home)
  while (!(await store.requests()).some(({ job }) => job === lab.job)) await sleep(100)
  let said = ''
  let what = lab.job
  for (const [name] of PEOPLE) {
    const narrower = narrow.length > 0 && what === lab.job ? ['--narrow', ...narrow] : []
    said = await tributary(member, [
      'approve',
      what,
      '--as',
      idOf(name),
      '--config',
      member.config,
      '--json',
      ...narrower,
    ])
    what = (JSON.parse(said) as { id: string }).id
  }
  return what
}

test('a job runs to its end under the approvals of both parties, and nothing it sends is off their cards', async () => {
  const approvals: string[] = []
  const result = await runLab(plan, {
    cli: testContext(),
    quiet: true,
    people: 'meanwhile',
    meanwhile: async (lab) => {
      for (const party of ['bank', 'tax']) approvals.push(await approve(lab, party))
    },
    before: async (lab) => {
      for (const [i, party] of ['bank', 'tax'].entries()) {
        const { home } = lab.homes.parties[party] as LabMember
        const { store } = await openPeople(home)
        const found = await store.intact(approvals[i] as string)
        expect(found.runs).toEqual([lab.job])
        const { record } = await readLocalJob(home, lab.job)
        const released = record.filter(({ direction, kind }) => direction === 'sent' && kind === 'released-aggregate')
        const sent = released.reduce((sum, { messages }) => sum + messages, 0)
        expect(sent).toBeGreaterThan(0)
        expect(sent).toBeLessThanOrEqual(found.document.floors.maxReleasedCells)
      }
    },
  })
  expect(result.state).toBe('succeeded')
})

test('a withdrawal at the host during training ends the job at once, and names it', async () => {
  const result = await runLab(plan, {
    cli: testContext(),
    quiet: true,
    people: 'meanwhile',
    meanwhile: async (lab) => {
      await approve(lab, 'bank')
      const approval = await approve(lab, 'tax')
      const tax = lab.homes.parties['tax'] as LabMember
      const trained = async () => (await readLocalJob(tax.home, lab.job)).record.some(({ task }) => task === 'train')
      while (!(await trained())) await sleep(50)
      const words = ['revoke', approval, '--as', 'li-wei', '--reason', 'contract ended', '--config', tax.config]
      await held(lab.process('bank'), async () => void (await tributary(tax, words)))
    },
  })
  expect(result).toMatchObject({ state: 'failed', failure: { code: 'approval.withdrawn', party: 'tax' } })
})

/** What the bank's modeler sees when tax approves less than the job asks for. */
async function refusalOf(...narrow: readonly string[]) {
  const { state, failure, sent } = await runLab(plan, {
    cli: testContext(),
    quiet: true,
    people: 'meanwhile',
    meanwhile: async (lab) => {
      await approve(lab, 'bank')
      await approve(lab, 'tax', narrow)
    },
  })
  expect(sent).toEqual({ bank: {}, tax: {} })
  expect(state).toBe('rejected')
  return failure
}

test('an approval narrower than the job stops it, and the message names column or limit, and owner', async () => {
  const failure = await refusalOf('columns=d', 'minIntersection=5000', 'maxRounds=2', 'maxDigits=1')
  expect(failure).toMatchObject({ code: 'approval.narrower', party: 'tax' })
  const missing = failure?.detail['missing'] ?? ''
  for (const said of [
    'column e of rows: not approved by tax',
    'column f of rows: not approved by tax',
    'minIntersection: asked is 100, tax wants at least 5000',
    `maxRounds: task train asks for ${ROUNDS + 1}, tax approved at most 2`,
    'significant digits, tax approved at most 1',
  ])
    expect(missing).toContain(said)
})

test('a job that people of one owner did not approve does not start', async () => {
  // many times what the people of the bank take, also on a busy machine
  const hurried = { ...plan, job: { ...plan.job, deadlines: { ...plan.job.deadlines, inviteSeconds: 20 } } }
  const result = await runLab(hurried, {
    cli: testContext(),
    quiet: true,
    people: 'meanwhile',
    meanwhile: async (lab) => void (await approve(lab, 'bank')),
  })
  expect(result).toMatchObject({ state: 'failed', failure: { code: 'peer.timeout', party: 'tax' } })
  expect(result.sent).toEqual({ bank: {}, tax: {} })
})
