import { expect, test } from 'vitest'
import { documentItems } from '#credit/report/document.ts'
import { type JobSpec, parseJobSpec } from '#protocols/core/job-spec.ts'
import type { LogRecord } from '#protocols/log/records.ts'
import type { JobLog } from '../log/read-log.ts'
import { factsOfLog } from './document-of-log.ts'

const BYTES = Buffer.from(
  JSON.stringify({
    version: 1,
    name: 'joint credit',
    guest: { party: 'bank', dataset: 'loans' },
    hosts: [{ party: 'tax', dataset: 'filings' }],
  }),
)
const SPEC: JobSpec = parseJobSpec(BYTES)
const JOB = 'job-00000000000000000001'
const [A, B, C] = ['a'.repeat(64), 'b'.repeat(64), 'c'.repeat(64)] as const

function approvalOf(party: string, columns: readonly string[], datasetVersion: string) {
  return {
    kind: 'approval.granted',
    author: party,
    approval: party === 'bank' ? A : B,
    document: {
      id: 'approval-0123456789ab',
      owner: party,
      datasetVersion,
      columns,
      purpose: 'credit',
      legalBasis: 'contract 7',
      validFrom: '2026-01-01T00:00:00.000Z',
      validTo: '2026-12-31T00:00:00.000Z',
      retention: 'P30D',
      runs: 3,
    },
    signers: [
      { person: 'Li Wei', role: 'steward', keyid: '0'.repeat(16), time: '2026-01-01T09:00:00.000Z' },
      { person: 'Wang Fang', role: 'compliance', keyid: '1'.repeat(16), time: '2026-01-01T10:00:00.000Z' },
    ],
  } as unknown as JobLog['approvals'][number]
}

const record = (fields: object): { number: number; record: LogRecord } => ({
  number: 1,
  record: { job: JOB, ...fields } as unknown as LogRecord,
})
const released = (author: string, task: string, check: 'passed' | 'refused') =>
  record({ kind: 'cell.released', author, task, check, what: 'bins' })
const done = (author: string) => [
  record({ kind: 'model.digest', author, task: 'train', digest: author === 'bank' ? C : B }),
  record({ kind: 'job.closed', author, state: 'succeeded' }),
]

const LOG: JobLog = {
  collaboration: 'c-00000000000000000000',
  parties: ['bank', 'tax'],
  size: 90,
  sealedSize: 88,
  sealedRoot: C,
  incidents: [],
  approvals: [approvalOf('bank', ['b_cv'], 'schema-0123456789abcdef'), approvalOf('tax', ['t_gap', 't_yoy'], '*')],
  records: [
    record({ kind: 'job.proposed', author: 'bank', specDigest: A, spec: BYTES.toString('base64') }),
    released('bank', 'bin', 'passed'),
    released('bank', 'bin', 'passed'),
    released('tax', 'bin', 'refused'),
    record({ kind: 'metric.released', author: 'bank', name: 'joint auc', value: '0.7560' }),
    ...done('bank'),
    ...done('tax'),
  ],
}

const english = (log: JobLog, id: string): string => {
  const fact = factsOfLog(log, SPEC, JOB)[id]
  if (typeof fact !== 'object') throw new Error(`${id} is not stated in two languages`)
  expect(fact.zh).toMatch(/\p{Script=Han}/u)
  return fact.en
}

test('every fact answers an item of the document', () => {
  const asked = documentItems().map(({ id }) => id)
  expect(asked).toEqual(expect.arrayContaining(Object.keys(factsOfLog(LOG, SPEC, JOB))))
})

test('an approval is named with its purpose, term, signers and digest; versions and columns are those that it names', () => {
  const approvals = english(LOG, 'partners.approvals')
  for (const part of ['approval-0123456789ab', 'contract 7', 'P30D', 'Li Wei (steward', 'Wang Fang (compliance', A, B])
    expect(approvals).toContain(part)
  expect(english(LOG, 'partners.list')).toContain('tax (host): filings, 2 columns approved')
  expect(english(LOG, 'data.versions')).toBe(
    `bank/loans: schema-0123456789abcdef\ntax/filings: —\nSHA-256 of the job file: ${A}`,
  )
  expect(english(LOG, 'selection.allowed')).toContain('tax: t_gap, t_yoy')
})

test('an owner without an approval is said to have asked nobody, and then no columns are named as approved', () => {
  const log = { ...LOG, approvals: [] }
  expect(english(log, 'partners.approvals')).toContain('tax: asked none of its people')
  expect(factsOfLog(log, SPEC, JOB)['selection.allowed']).toBeUndefined()
  const any = { ...LOG, approvals: [approvalOf('bank', ['*'], '*'), approvalOf('tax', ['t_gap'], '*')] }
  expect(factsOfLog(any, SPEC, JOB)['selection.allowed']).toBeUndefined()
})

test('releases are counted, the parts are bound by one digest, and the root says how it is checked', () => {
  expect(english(LOG, 'security.released')).toBe(
    'bank: released bin 2; refused 0\ntax: released 0; refused 1\nmeasures: joint auc 0.7560',
  )
  expect(english(LOG, 'annex.digest')).toMatch(/^model [0-9a-f]{64}\nbinds the parts \(SHA-256\):\nbank: c+\ntax: b+$/)
  const root = english(LOG, 'annex.roundLog')
  expect(root).toContain(`88 are cosigned by bank, tax, root ${C}`)
  expect(root).toContain(`tributary log export ${JOB}`)
})

test('a job that is not closed everywhere has no digest of its model', () => {
  const log = { ...LOG, records: LOG.records.slice(0, -1) }
  expect(factsOfLog(log, SPEC, JOB)['annex.digest']).toBeUndefined()
})
