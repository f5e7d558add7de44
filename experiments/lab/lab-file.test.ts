import { expect, test } from 'vitest'
import { PlatformError } from '#runtime/errors.ts'
import { parseLab } from './lab-file.ts'

const PARTIES = `federation: lab
parties:
  bank: { dataset: loans, source: { csv: guest.csv }, ids: { column: id, kind: plain }, label: { column: y } }
  tax: { dataset: filings, source: { csv: host.csv }, ids: { column: id, kind: plain } }
`

test('a lab is parties with their files and a job', () => {
  const plan = parseLab(
    `${PARTIES}job: { name: x, guest: { party: bank, dataset: loans }, hosts: [{ party: tax, dataset: filings }] }\n`,
    '/data',
  )
  expect(plan.job).toMatchObject({ version: 1, guest: { columns: 'all' }, train: { protocol: 'vertical-lr' } })
  expect(plan.approvals).toBe('lab')
  expect(plan.parties['tax']).toMatchObject({
    dataset: 'filings',
    declaration: { ids: { column: 'id', kind: 'plain' } },
  })
})

function refusal(text: string): PlatformError {
  try {
    parseLab(text, '/data')
  } catch (thrown) {
    if (thrown instanceof PlatformError) return thrown
  }
  return expect.unreachable('accepted')
}

test('problems of parties and of the job point at line and column', () => {
  const job = 'job: { name: x, guest: { party: bank, dataset: loans }, hosts: [] }\n'
  expect(refusal(PARTIES.replace('kind: plain }, label', 'kind: plane }, label') + job)).toMatchObject({
    code: 'config.invalid',
    detail: { problems: [expect.stringMatching(/^lab:3:\d+ parties\.bank\.ids\.kind: .*"plane"/)] },
  })
  expect(refusal(PARTIES + job)).toMatchObject({
    code: 'job.invalid',
    detail: { problems: [expect.stringMatching(/^lab:5:\d+ job\.hosts: /)] },
  })
})

test('a job may name parties of the lab only', () => {
  const job = 'job: { name: x, guest: { party: bank, dataset: loans }, hosts: [{ party: parks, dataset: d }] }\n'
  expect(refusal(PARTIES + job)).toMatchObject({ code: 'job.unknown-party', detail: { missing: ['parks'] } })
})
