import { expect, test } from 'vitest'
import { differentSettings, settingsOf } from './settings.ts'

const job = (over: object) => ({
  version: 1,
  name: 'credit',
  nonce: 'ab',
  hosts: [
    { party: 'tax', dataset: 'filings', columns: ['a', 'b'] },
    { party: 'social', dataset: 'months', columns: 'all' },
  ],
  statistics: {},
  train: { rounds: 25, nonNegative: true },
  ...over,
})

test('settings are paths with texts; parties go by their names, and what only names the job is none', () => {
  expect(settingsOf(job({})).map(({ setting, value }) => `${setting}=${value}`)).toEqual([
    'hosts.tax.party=tax',
    'hosts.tax.dataset=filings',
    'hosts.tax.columns=a, b',
    'hosts.social.party=social',
    'hosts.social.dataset=months',
    'hosts.social.columns=all',
    'statistics=✓',
    'train.rounds=25',
    'train.nonNegative=true',
  ])
})

test('only what is not the same in all jobs, and nothing where a job has no such setting', () => {
  const { train: _, ...without } = job({ name: 'other', nonce: 'cd' })
  const turned = job({ hosts: [...job({}).hosts].reverse(), train: { rounds: 40, nonNegative: true } })
  expect(differentSettings([job({}), turned, without])).toEqual([
    { setting: 'train.rounds', values: ['25', '40', ''] },
    { setting: 'train.nonNegative', values: ['true', 'true', ''] },
  ])
  expect(differentSettings([job({}), job({ name: 'again', nonce: 'ef' })])).toEqual([])
})

test('a long value is cut', () => {
  const [long] = settingsOf({ model: 'x'.repeat(1000) })
  expect(long?.value.length).toBeLessThan(410)
})
