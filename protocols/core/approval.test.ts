import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import {
  type Approval,
  type AskedOfOwner,
  type CardDigests,
  checkApproval,
  covers,
  isAbout,
  treeCells,
} from './approval.ts'
import { boostOf, type JobSpec, parseJobSpec, trainOf } from './job-spec.ts'

const NOW = new Date('2026-06-01T00:00:00.000Z')
const release = (step: string, digits: number) => ({
  schedule: 'TRAINING',
  step,
  from: 'host',
  arity: 'one' as const,
  digits,
})
const CARDS: CardDigests = new Map([
  ['psi', { version: '1', card: 'a'.repeat(64), releases: [release('intersection', 0)] }],
  ['binning-iv', { version: '1', card: 'd'.repeat(64), releases: [] }],
  [
    'vertical-lr',
    {
      version: '1',
      card: 'b'.repeat(64),
      releases: [
        release('loss', 4),
        { ...release('scores', 9), from: 'lone-host' },
        { ...release('errors', 9), schedule: 'INFORMATION' },
      ],
    },
  ],
])
const spec: JobSpec = parseJobSpec(
  Buffer.from(
    JSON.stringify({
      version: 1,
      name: 'joint credit',
      guest: { party: 'bank', dataset: 'loans' },
      hosts: [
        { party: 'tax', dataset: 'filings', columns: ['sales', 'late'] },
        { party: 'land', dataset: 'titles' },
      ],
      bin: { minimumRows: 100 },
    }),
  ),
)
const asked: AskedOfOwner = {
  self: 'tax',
  dataset: 'filings',
  datasetVersion: 'schema-0123456789abcdef',
  columns: ['sales', 'late'],
}
const exact: Approval = {
  v: 1,
  id: 'approval-0123456789ab',
  owner: 'tax',
  dataset: 'filings',
  datasetVersion: asked.datasetVersion,
  columns: ['sales', 'late'],
  purpose: 'credit model',
  legalBasis: 'contract 17',
  guest: 'bank',
  counterparties: ['land'],
  protocols: [
    { name: 'psi', version: '1', card: 'a'.repeat(64) },
    { name: 'vertical-lr', version: '1', card: 'b'.repeat(64) },
    { name: 'binning-iv', version: '1', card: 'd'.repeat(64) },
  ],
  floors: {
    minIntersection: 1000,
    minBinRows: 100,
    minLeafRows: 50,
    minDifference: 10,
    maxDigits: 4,
    maxRounds: 26,
    maxReleasedCells: 100,
  },
  receivers: ['bank'],
  validFrom: '2026-01-01T00:00:00.000Z',
  validTo: '2026-12-31T00:00:00.000Z',
  runs: 3,
  retention: 'P180D',
}
const missing = (change: Partial<Approval>, now = NOW) => covers({ ...exact, ...change }, spec, asked, CARDS, now)

test('an approval of exactly what is asked covers it', () => {
  expect(checkApproval(exact)).toEqual(exact)
  expect(missing({})).toEqual([])
  expect(isAbout(exact, spec, asked)).toBe(true)
})

const floors = (change: Partial<Approval['floors']>) => ({ floors: { ...exact.floors, ...change } })
const psi = exact.protocols[0] as Approval['protocols'][0]
const lr = exact.protocols[1] as Approval['protocols'][0]
const bin = exact.protocols[2] as Approval['protocols'][0]
const NARROWER: readonly (readonly [string, Partial<Approval>, string])[] = [
  ['another owner', { owner: 'land' }, 'owner: the approval is of land'],
  ['another data set', { dataset: 'other' }, 'tax approved other, the job uses filings'],
  ['another version of the data', { datasetVersion: 'schema-ffffffffffffffff' }, 'its columns changed'],
  ['a column less', { columns: ['sales'] }, 'column late of filings: not approved by tax'],
  ['another purpose', { purpose: 'marketing' }, 'purpose: tax approved "marketing"'],
  ['another guest', { guest: 'shop' }, 'guest: tax approved shop'],
  ['a counterparty less', { counterparties: [] }, 'counterparty land: not approved by tax'],
  ['a protocol less', { protocols: [psi, bin] }, 'protocol vertical-lr: not approved by tax'],
  ['an older protocol', { protocols: [psi, bin, { ...lr, version: '0' }] }, 'vertical-lr: version 1 is not approved'],
  ['another card', { protocols: [psi, bin, { ...lr, card: 'c'.repeat(64) }] }, 'what it reveals changed'],
  ['a larger intersection', floors({ minIntersection: 1001 }), 'asked is 1000, tax wants at least 1001'],
  ['larger bins', floors({ minBinRows: 101 }), 'minBinRows: asked is 100, tax wants at least 101'],
  ['fewer digits', floors({ maxDigits: 3 }), 'loss of vertical-lr has 4 significant digits, tax approved at most 3'],
  ['fewer rounds', floors({ maxRounds: 25 }), 'task train asks for 26, tax approved at most 25'],
  ['other receivers', { receivers: ['tax'] }, 'receiver bank'],
  ['a later begin', { validFrom: '2026-06-01T00:00:00.001Z' }, 'begins at'],
  ['an earlier end', { validTo: '2026-06-01T00:00:00.000Z' }, 'ended at'],
]

test.each(NARROWER)('with %s it does not, and says so', (_, change, said) => {
  const found = missing(change)
  expect(found).toHaveLength(1)
  expect(found[0]).toContain(said)
})

describe('for any change', () => {
  const wider = fc.oneof<fc.Arbitrary<Partial<Approval>>[]>(
    fc.constant<Partial<Approval>>({ columns: ['*'] }),
    fc.constant<Partial<Approval>>({ columns: ['late', 'sales', 'more'] }),
    fc.constant({ datasetVersion: '*' }),
    fc.constant<Partial<Approval>>({ counterparties: ['shop', 'land'] }),
    fc.constant<Partial<Approval>>({ receivers: ['bank', 'tax'] }),
    fc.integer({ min: 1, max: 1000 }).map((minIntersection) => floors({ minIntersection })),
    fc.integer({ min: 26, max: 1000 }).map((maxRounds) => floors({ maxRounds })),
    fc.integer({ min: 1, max: 1_000_000 }).map((runs) => ({ runs })),
  )

  test('anything wider still covers the job', () => {
    fc.assert(fc.property(wider, (change) => missing(change).length === 0))
  })

  test('whatever is wider elsewhere, one thing narrower refuses', () => {
    const narrower = fc.constantFrom(...NARROWER.map(([, change]) => change))
    fc.assert(fc.property(wider, narrower, (wide, narrow) => missing({ ...wide, ...narrow }).length > 0))
  })

  test('any set of columns that leaves one out refuses, naming each that it leaves out', () => {
    const all = ['sales', 'late', 'tax', 'staff', 'area', 'debt']
    fc.assert(
      fc.property(fc.subarray(all, { minLength: 1 }), fc.subarray(all, { minLength: 1 }), (columns, wanted) => {
        const found = covers({ ...exact, columns }, spec, { ...asked, columns: wanted }, CARDS, NOW)
        const left = wanted.filter((name) => !columns.includes(name))
        expect(found).toEqual(left.map((name) => `column ${name} of filings: not approved by tax`))
      }),
    )
  })
})

test.each([
  ['a field that nobody knows', { ...exact, extra: 1 }],
  ['no columns', { ...exact, columns: [] }],
  ['every column and one more', { ...exact, columns: ['*', 'sales'] }],
  ['an end before its begin', { ...exact, validTo: '2025-01-01T00:00:00.000Z' }],
  ['a day that is not there', { ...exact, validTo: '2026-02-31T00:00:00.000Z' }],
  ['no runs', { ...exact, runs: 0 }],
  ['half a run', { ...exact, runs: 1.5 }],
  ['no floor for leaves', { ...exact, floors: { ...exact.floors, minLeafRows: undefined } }],
  ['jobs that may differ by nine rows', { ...exact, floors: { ...exact.floors, minDifference: 9 } }],
  ['more digits than a number has', { ...exact, floors: { ...exact.floors, maxDigits: 18 } }],
  ['a short digest of a card', { ...exact, protocols: [{ ...psi, card: 'a' }] }],
])('a document with %s is refused', (_, document) => {
  expect(() => checkApproval(document)).toThrow(expect.objectContaining({ code: 'approval.invalid' }))
})

test('a step that only some jobs have counts in these jobs only', () => {
  const oneHost = { ...spec, hosts: spec.hosts.slice(0, 1) }
  const withErrors = { ...spec, train: { ...trainOf(spec), standardErrors: true } }
  const found = (job: JobSpec) => covers(exact, job, asked, CARDS, NOW).filter((line) => line.startsWith('maxDigits'))
  expect(found(spec)).toEqual([])
  expect(found(oneHost)).toEqual([expect.stringContaining('scores of vertical-lr has 9')])
  expect(found(withErrors)).toEqual([expect.stringContaining('errors of vertical-lr has 9')])
})

describe('trees', () => {
  const boosted = parseJobSpec(Buffer.from(JSON.stringify({ ...spec, boost: { trees: 10, depth: 3, bins: 31 } })))
  const card = { name: 'secureboost', version: '1', card: 'e'.repeat(64) }
  const cards = new Map([...CARDS, ['secureboost', { version: '1', card: card.card, releases: [] }]])
  const trees = { membership: 'hidden', maxDepth: 3, maxCells: treeCells(boosted, asked.columns.length) } as const
  const approved = { ...exact, protocols: [...exact.protocols, card], trees }
  const missing = (approval: Approval, job: JobSpec) => covers(approval, job, asked, cards, NOW)
  const changed = (boost: object) => ({ ...boosted, boost: { ...boostOf(boosted), ...boost } })

  test('sums are counted at half of the nodes of each level', () => {
    expect(treeCells(boosted, 5)).toBe(10 * 4 * 5 * 32)
    expect(treeCells(spec, 5)).toBe(0)
  })

  test('an approval of what is asked covers it; one without trees does not', () => {
    expect(missing(checkApproval(approved), boosted)).toEqual([])
    const { trees: _, ...without } = approved
    expect(missing(without, boosted)).toEqual([`trees: ${exact.owner} approved none`])
  })

  test.each([
    ['visible membership', { membership: 'visible' as const }, 'which rows are in which node'],
    ['another level', { depth: 4 }, 'asked are 4 levels'],
    ['more trees', { trees: 11 }, 'sums'],
  ])('%s is more than was approved', (_, boost, problem) => {
    expect(missing(approved, changed(boost))).toContainEqual(expect.stringContaining(problem))
  })

  test('rows may be scored where trees are approved, and an approval of scoring grows none', () => {
    const { train: _, ...rest } = spec
    const scoring: JobSpec = { ...rest, score: { protocol: 'secureboost', job: `job-${'1'.repeat(20)}` } }
    expect(missing(approved, scoring)).toEqual([])
    const { trees: __, ...without } = approved
    expect(missing(without, scoring)).toEqual([`trees: ${exact.owner} approved none`])
    // as party-agent/approvals/draft.ts writes it
    const draft = { membership: 'hidden', maxDepth: 1, maxCells: 1 } as const
    expect(missing({ ...approved, trees: draft }, scoring)).toEqual([])
    expect(missing({ ...approved, trees: draft }, boosted)).not.toEqual([])
  })

  test('smaller leaves than were approved are refused', () => {
    const stricter = { ...approved, floors: { ...approved.floors, minLeafRows: 60 } }
    expect(missing(stricter, boosted)).toEqual([`minLeafRows: asked is 50, ${exact.owner} wants at least 60`])
  })
})
