// What the catalogues say about the members of a group, before anybody is invited.
import { expect, test } from 'vitest'
import { makeSigningKey, openSigner } from '#crypto/identity/signing.ts'
import type { TrustBundle } from '#crypto/identity/trust.ts'
import { admitJob } from './admission.ts'
import { JOB_SPEC_CONTEXT } from '#protocols/core/job-spec.ts'
import { viewJob } from './views.ts'

const HOSTS = ['tax', 'park-a', 'park-b', 'park-c']
const signer = openSigner(makeSigningKey().privateKey)
const bundle = {
  parties: ['bank', ...HOSTS].map((party) => ({ party, signingKey: Buffer.from(signer.publicKey).toString('base64') })),
} as unknown as TrustBundle

function admit(offered: Readonly<Record<string, readonly string[]>>, columns: 'all' | readonly string[] = 'all') {
  const spec = {
    version: 1,
    name: 'hybrid',
    guest: { party: 'bank', dataset: 'rows' },
    hosts: HOSTS.map((party) => ({ party, dataset: 'rows', ...(party === 'tax' ? {} : { columns }) })),
    groups: [{ name: 'parks', members: HOSTS.slice(1) }],
    align: { mode: 'left' },
    boost: {},
  }
  const specBytes = Buffer.from(JSON.stringify(spec))
  return admitJob(
    'bank',
    { specBytes, signature: signer.sign(JOB_SPEC_CONTEXT, specBytes) },
    {
      bundle,
      now: () => 0,
      catalogOf: (party) => ({
        party,
        software: '',
        datasets: [
          { name: 'rows', idKind: 'uscc', rows: 1000, columns: [...(offered[party] ?? ['rent', 'power'])], label: 'y' },
        ],
      }),
    },
  )
}

test('members that offer the same columns in another order may come in', () => {
  const record = admit({ 'park-b': ['power', 'rent'], tax: ['sales'] })
  expect(record.groups).toEqual([{ name: 'parks', members: HOSTS.slice(1) }])
  const seen = viewJob(record, { progress: new Map(), traffic: [], isConnected: () => true })
  expect(seen.parties?.map(({ group }) => group)).toEqual(['', '', 'parks', 'parks', 'parks'])
})

test('a member that lacks a column is named, with the column', () => {
  expect(() => admit({ 'park-c': ['rent', 'area'] })).toThrow(
    expect.objectContaining({
      code: 'job.group-differs',
      detail: { group: 'parks', party: 'park-c', comparedWith: 'park-a', lacks: ['power'], adds: ['area'] },
    }),
  )
})

test('what a member offers beyond the columns that the job names does not matter', () => {
  expect(admit({ 'park-c': ['rent', 'area'] }, ['rent']).hosts).toEqual(HOSTS)
})
