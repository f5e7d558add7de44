import { expect, test } from 'vitest'
import { ERROR_CODES } from '#runtime/error-catalogue.ts'
import type { JobView } from '#party-agent/link/coordinator-client.ts'
import { failureLines, headline, liveLines, plainLines } from './job-progress.ts'
import { jobLines } from './job-report.ts'
import { testContext } from './test-context.ts'

const cli = testContext()
const START = Date.parse('2026-01-01T00:00:00Z')

function view(round: number, changes: Partial<JobView> = {}): JobView {
  const party = {
    connected: true,
    task: 'train',
    round,
    phase: 'encrypting',
    done: 3,
    total: 8,
    unit: 'blocks',
    group: '',
  }
  return {
    job: 'job-1',
    name: 'first try',
    guest: 'bank',
    hosts: ['tax'],
    state: 'running',
    submitted_at: '2026-01-01T00:00:00Z',
    started_at: '2026-01-01T00:00:01Z',
    ended_at: '',
    tasks: [
      {
        task: 'align',
        protocol: 'psi',
        state: 'succeeded',
        round: 1,
        max_rounds: 1,
        started_at: '2026-01-01T00:00:01Z',
        ended_at: '2026-01-01T00:00:10Z',
      },
      {
        task: 'train',
        protocol: 'vertical-lr',
        state: 'running',
        round,
        max_rounds: 21,
        started_at: '2026-01-01T00:00:10Z',
        ended_at: '',
      },
    ],
    failure_code: '',
    failure_party: '',
    failure_detail: {},
    parties: [
      { ...party, party: 'bank', sent_bytes: 2048, received_bytes: 1024 },
      { ...party, party: 'tax', sent_bytes: 1024, received_bytes: 2048 },
    ],
    ...changes,
  }
}

test('the headline tells round, loss, elapsed time and time to go', () => {
  expect(headline(cli, view(6), { now: START + 60_000, loss: 0.5 })).toBe(
    'first try  running  train (vertical-lr), round 6/21  loss 0.50000  1:00  at most 2:40 to go',
  )
})

test('live lines show each party with phase and bytes', () => {
  expect(liveLines(cli, view(2), { now: START }).slice(1)).toEqual([
    '  ●  bank  train 2  encrypting 3/8 blocks  ↑ 2.0 KiB  ↓ 1.0 KiB',
    '  ●  tax   train 2  encrypting 3/8 blocks  ↑ 1.0 KiB  ↓ 2.0 KiB',
  ])
})

test('plain lines appear when something changed, and name who went away', () => {
  const facts = { now: START }
  expect(plainLines(cli, undefined, view(1), facts)).toHaveLength(1)
  expect(plainLines(cli, view(1), view(1), facts)).toEqual([])
  expect(plainLines(cli, view(1), view(2), facts)).toHaveLength(1)
  const [bank, tax] = view(1).parties
  const away = view(1, { parties: [bank, { ...tax, connected: false }] as JobView['parties'] })
  expect(plainLines(cli, view(1), away, facts)).toEqual(['tax: away'])
})

test('a party that rounds go on without is shown with the reason', () => {
  const [bank, tax] = view(1).parties
  const shown = (unit: string) => {
    const left = { ...tax, phase: 'left out', unit, done: 0, total: 0 }
    return liveLines(cli, view(1, { parties: [bank, left] as JobView['parties'] }), { now: START }).join('\n')
  }
  expect(shown('away')).toContain('left out: away')
  expect(shown('late')).toContain('left out: did not answer in time')
  expect(shown('behind')).toContain('left out: is back, catches up')
})

test('a failure names code, party and facts, and what to do', () => {
  const failed = view(3, {
    state: 'failed',
    failure_code: 'peer.timeout',
    failure_party: 'tax',
    failure_detail: { seconds: '5' },
  })
  const [first, ...rest] = failureLines(cli, failed)
  expect(first).toBe('peer.timeout at tax (seconds: 5)')
  expect(rest.join('\n')).toContain(ERROR_CODES['peer.timeout'].mend)
})

test('whoever must act is named while the job waits: people who sign, and a party that is away', () => {
  const [bank, tax] = view(0).parties as [JobView['parties'][number], JobView['parties'][number]]
  const idle = { task: '', round: 0, phase: '', done: 0, total: 0, unit: '', sent_bytes: 0, received_bytes: 0 }
  const waiting = { ...tax, ...idle, phase: 'awaiting approval', done: 1, total: 2, unit: 'compliance' }
  const land = { ...idle, party: 'land', connected: false, group: '' }
  const parties = [{ ...bank, ...idle, phase: 'accepted' }, waiting, land]
  const inviting = view(0, { state: 'inviting', tasks: [], parties })
  const said = liveLines(cli, inviting, { now: START }).join('\n')
  expect(said).toContain('waiting for approval by tax: compliance (1 of 2 signed)')
  expect(said).toMatch(/bank +accepted/)
  expect(said).toMatch(/land +away: has no invitation yet/)
  const plain = plainLines(cli, undefined, inviting, { now: START })
  expect(plain).toContain('waiting for approval by tax: compliance')
  expect(plain).toContain('land: away')
  expect(plainLines(cli, inviting, inviting, { now: START })).toEqual([])
})

test('a member of a group is shown with its group, and the groups of a job once', () => {
  const [bank, tax] = view(3).parties as [JobView['parties'][number], JobView['parties'][number]]
  const parks = ['park-a', 'park-b', 'park-c']
  const hybrid = view(3, {
    hosts: ['tax', ...parks],
    parties: [bank, tax, ...parks.map((party) => ({ ...tax, party, group: 'parks' }))],
  })
  expect(liveLines(cli, hybrid, { now: START }).join('\n')).toContain('park-b (parks)')
  expect(jobLines(cli, hybrid).join('\n')).toMatch(/bank \(guest\), tax, parks \(park-a, park-b, park-c\)$/m)
})
