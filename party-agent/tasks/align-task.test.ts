// From data sets to alignment files: consents, several loans, two kinds of ids, statuses, weights and sets of rows.
import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { isRow, NO_CONSENT, NO_ROW, rangeOf, STATUS } from '#protocols/core/aligned-rows.ts'
import { checkJobSpec, type JobSpec } from '#protocols/core/job-spec.ts'
import { idCardCheckCharacter, usccCheckCharacter } from '#protocols/core/ids.ts'
import { MemoryNetwork, runInMemory } from '#protocols/core/memory.ts'
import type { LeftGuestInput } from '#protocols/psi/left-params.ts'
import { silentLogger } from '#runtime/log.ts'
import { Secret } from '#runtime/secret.ts'
import type { DatasetConfig } from '../config.ts'
import { openDataset } from '../data/dataset.ts'
import { DatasetFolder, plainDataset } from '../data/dataset-fixtures.ts'
import { DifferencingGuard } from '../ledger/guard.ts'
import { bindAlignment } from './align-task.ts'
import { type Alignment, loadAlignment } from './alignment.ts'
import type { TaskBinding } from './binding.ts'

let folder: DatasetFolder
let home: string
beforeAll(async () => {
  folder = await DatasetFolder.open()
  home = await mkdtemp(join(tmpdir(), 'tributary-align-'))
})
afterAll(async () => {
  await folder[Symbol.asyncDispose]()
  await rm(home, { recursive: true })
})

const uscc = (i: number) => {
  const body = `91320594MA${String(i).padStart(7, '0')}`
  return body + usccCheckCharacter(body)
}
const person = (i: number) => {
  const body = `99900119800101${String(i).padStart(3, '0')}`
  return body + idCardCheckCharacter(body)
}

let jobs = 0

interface Run {
  readonly alignments: ReadonlyMap<string, Alignment>
  readonly bindings: ReadonlyMap<string, TaskBinding>
}

async function align(datasets: Readonly<Record<string, DatasetConfig>>, changes: object): Promise<Run> {
  const hosts = Object.keys(datasets).filter((party) => party !== 'bank')
  const { spec, problems } = checkJobSpec({
    version: 1,
    name: 'test',
    guest: { party: 'bank', dataset: 'rows' },
    hosts: hosts.map((party) => ({ party, dataset: 'rows' })),
    ...changes,
  })
  expect(problems).toEqual([])
  const jobId = `job-${(jobs++).toString(16).padStart(20, '0')}`
  const bindings = new Map<string, TaskBinding>()
  for (const party of ['bank', ...hosts]) {
    await using dataset = await openDataset('rows', datasets[party] as DatasetConfig)
    const jobDir = await mkdtemp(join(home, `${party}-`))
    const guard = new DifferencingGuard(jobDir, new Secret('storage', new Uint8Array(32)))
    const seedOf = async (label: string) => new Secret(label, new Uint8Array(32).fill(7))
    const job = { jobId, spec: spec as JobSpec, self: party, jobDir, log: silentLogger, seedOf }
    bindings.set(party, { ...(await bindAlignment(job, dataset, guard, 64)), model: jobDir })
  }
  const parties = [...bindings].map(([id, { program, input }]) => ({ id, program, input }))
  const outputs = await runInMemory(parties, new MemoryNetwork())
  const alignments = new Map<string, Alignment>()
  for (const [party, binding] of bindings) {
    await binding.onOutput(outputs.get(party))
    alignments.set(party, await loadAlignment(binding.model as string))
  }
  return { alignments, bindings }
}

const inputOf = <T>(bindings: Run['bindings']) => (bindings.get('bank') as TaskBinding).input as T

const LEFT = { align: { mode: 'left', minIntersection: 50, decoys: 1 } }

/** Loans of 200 firms: every fifth firm has two; firm i is led by person i. */
async function bankOfLoans(extra: Partial<DatasetConfig> = {}): Promise<DatasetConfig> {
  const loans = Array.from({ length: 240 }, (_, n) => {
    const firm = n < 200 ? n : 5 * (n - 200)
    const month = n % 4 === 3 ? '2023-06-11' : '2022-03-05'
    const label = n % 30 === 0 ? '' : n % 7 === 0 ? '1' : '0'
    return [`L${n}`, uscc(firm), person(firm), month, label, String(n)].join(',')
  })
  const source = await folder.csv('bank.csv', `loan,firm,rep,day,y,x\n${loans.join('\n')}\n`)
  return plainDataset(source, {
    ids: {
      column: 'firm',
      kind: 'uscc',
      duplicates: 'reject',
      sampleId: 'loan',
      second: { column: 'rep', kind: 'id-card' },
    },
    label: { column: 'y', indeterminate: [''] },
    columns: ['x'],
    ...extra,
  })
}

const firmOf = (n: number) => (n < 200 ? n : 5 * (n - 200))

async function taxOf(firms: readonly number[], name = 'tax'): Promise<DatasetConfig> {
  const source = await folder.csv(`${name}.csv`, `id,v\n${firms.map((i) => `${uscc(i)},${i}`).join('\n')}\n`)
  return plainDataset(source, { ids: { column: 'id', kind: 'uscc', duplicates: 'reject' } })
}

const range = (from: number, to: number) => Array.from({ length: to - from }, (_, i) => from + i)

describe('left mode', () => {
  test('every loan is a row; hosts with one kind and with two; files of all parties agree', async () => {
    const owners = range(0, 160).map((i) => (i < 60 ? `${uscc(i)},FIRM` : `${person(i)},PERSON`))
    const registry = await folder.csv('registry.csv', `owner,kind,w\n${owners.map((o, i) => `${o},${i}`).join('\n')}\n`)
    const datasets = {
      bank: await bankOfLoans(),
      tax: await taxOf(range(100, 400)),
      registry: plainDataset(registry, {
        ids: {
          column: 'owner',
          kind: 'uscc',
          duplicates: 'reject',
          kindColumn: 'kind',
          kinds: { FIRM: 'uscc', PERSON: 'id-card' },
        },
        coverage: 'complete',
      }),
    }
    const split = { kind: 'keyed-hash', holdout: 0.5, outOfTime: { column: 'day', from: '2023-01' } }
    const { alignments } = await align(datasets, { ...LEFT, split })
    const [bank, tax, owner] = ['bank', 'tax', 'registry'].map((party) => alignments.get(party) as Alignment) as [
      Alignment,
      Alignment,
      Alignment,
    ]
    expect(bank.sets.map((set) => set.name)).toEqual(['train', 'holdout', 'oot'])
    for (const other of [tax, owner]) expect([other.sets, other.rows.length]).toEqual([bank.sets, bank.rows.length])
    expect(bank.rows.filter(isRow).toSorted()).toEqual(Uint32Array.from(range(0, 240)))
    const oot = rangeOf(bank, 'oot')
    for (const [i, loan] of bank.rows.entries()) {
      const status = (host: string) => bank.statuses?.[host]?.[i]
      if (loan === NO_ROW) {
        expect([status('tax'), status('registry'), bank.weights?.[i]]).toEqual([STATUS.decoy, STATUS.decoy, 0])
        continue
      }
      const firm = firmOf(loan)
      expect(bank.weights?.[i]).toBe(loan % 30 === 0 ? 0 : 1)
      expect(i >= oot.from && i < oot.to).toBe(loan % 4 === 3)
      expect([tax.rows[i], status('tax')]).toEqual(
        firm >= 100 ? [firm - 100, STATUS.present] : [NO_ROW, STATUS.notCovered],
      )
      expect([owner.rows[i], status('registry')]).toEqual(firm < 160 ? [firm, STATUS.present] : [NO_ROW, STATUS.absent])
    }
    const report = bank.report as { hosts: { host: string; byKind: object }[] }
    expect(report.hosts[1]).toMatchObject({ host: 'registry', byKind: { uscc: 72, 'id-card': 120 } })
  })

  test('rows without a label column are aligned for a job that scores, and each counts', async () => {
    const { label: _, ...unlabelled } = await bankOfLoans()
    const { alignments } = await align(
      { bank: unlabelled, tax: await taxOf(range(100, 400)) },
      { ...LEFT, score: { job: `job-${'1'.repeat(20)}` } },
    )
    const bank = alignments.get('bank') as Alignment
    expect(bank.rows.filter(isRow)).toHaveLength(240)
    for (const [i, row] of bank.rows.entries()) expect(bank.weights?.[i]).toBe(isRow(row) ? 1 : 0)
  })

  test('the differencing guard of a host keeps the rows of its own data, decoys among them', async () => {
    const { alignments, bindings } = await align({ bank: await bankOfLoans(), tax: await taxOf(range(0, 300)) }, LEFT)
    const { rows, sets } = alignments.get('tax') as Alignment
    const guard = new DifferencingGuard(bindings.get('tax')?.model ?? '', new Secret('storage', new Uint8Array(32)))
    const released = await guard.released('rows')
    const different = (some: Uint32Array) => new Set(some.filter(isRow)).size
    expect(released.map(({ what, count, total }) => [what, count, total])).toEqual([
      ['aligned', different(rows), 300],
      ['training', different(rows.subarray(0, sets[0]?.rows)), 300],
      ['hold-out', different(rows.subarray(sets[0]?.rows)), 300],
    ])
    expect(different(rows)).toBeGreaterThan(200)
  })

  test('loans of one firm that are not out of time are in one set', async () => {
    const { alignments } = await align({ bank: await bankOfLoans(), tax: await taxOf(range(0, 300)) }, LEFT)
    const bank = alignments.get('bank') as Alignment
    const { to } = rangeOf(bank, 'train')
    const sets = new Map<number, Set<boolean>>()
    for (const [i, loan] of bank.rows.entries()) {
      if (isRow(loan)) sets.set(firmOf(loan), (sets.get(firmOf(loan)) ?? new Set()).add(i < to))
    }
    expect(sets.size).toBe(200)
    for (const [firm, found] of sets) expect(found.size, `firm ${firm}`).toBe(1)
  })

  test('columns read where rows repeat and are absent: values of the rows, NaN elsewhere', async () => {
    const config = await taxOf(range(0, 4), 'small')
    await using dataset = await openDataset('rows', config)
    const rows = Uint32Array.of(2, NO_ROW, 0, 2, NO_CONSENT)
    for await (const { values } of dataset.columns(['v'], rows))
      expect([...values]).toEqual([2, Number.NaN, 0, 2, Number.NaN])
  })
})

describe('consents', () => {
  const HEADER = 'firm,scope,purpose,signed,expires,withdrawn'
  const GOOD = ['TAX|SS', '贷前审批', '2021-01-01', '2024-01-01', '']
  /** What is wrong with the consent of firm 10 + i. */
  const FLAWS: readonly (readonly [string, readonly string[] | undefined])[] = [
    ['another scope', ['SS', ...GOOD.slice(1)]],
    ['a scope that only begins alike', ['TAXI', ...GOOD.slice(1)]],
    ['another purpose', ['TAX', '营销', ...GOOD.slice(2)]],
    ['signed after the day', ['TAX', '贷前审批', '2023-12-01', '2024-12-01', '']],
    ['ended before the day', ['TAX', '贷前审批', '2019-01-01', '2021-01-01', '']],
    ['withdrawn', [...GOOD.slice(0, 4), '2023-12-31']],
    ['no end', ['TAX', '贷前审批', '2021-01-01', '', '']],
    ['no consent at all', undefined],
  ]
  async function bankWithConsents(ids?: DatasetConfig['ids']): Promise<DatasetConfig> {
    const lines = range(0, 200).flatMap((firm) => {
      const flaw = FLAWS[firm - 10]
      if (flaw === undefined) return [[uscc(firm), ...GOOD].join(',')]
      return flaw[1] === undefined ? [] : [[uscc(firm), ...flaw[1]].join(',')]
    })
    const source = (await folder.csv('consent.csv', `${HEADER}\n${lines.join('\n')}\n`)) as {
      kind: 'csv'
      path: string
    }
    const consent = {
      source,
      id: 'firm',
      scope: 'scope',
      purpose: 'purpose',
      purposes: ['贷前审批'],
      signedAt: 'signed',
      expiresAt: 'expires',
      withdrawnAt: 'withdrawn',
      observedAt: 'day',
      scopes: { tax: 'TAX', social: 'SS' },
    }
    return bankOfLoans({ consent, ...(ids === undefined ? {} : { ids }) })
  }
  const flawed = new Set(FLAWS.map((_, i) => 10 + i))

  test('a row without one is not asked about, for each reason; with one it is', async () => {
    const { alignments } = await align({ bank: await bankWithConsents(), tax: await taxOf(range(0, 300)) }, LEFT)
    const [bank, tax] = [alignments.get('bank') as Alignment, alignments.get('tax') as Alignment]
    for (const [i, loan] of bank.rows.entries()) {
      if (!isRow(loan)) continue
      const refused = flawed.has(firmOf(loan))
      expect([bank.statuses?.['tax']?.[i], tax.rows[i] === NO_CONSENT], FLAWS[firmOf(loan) - 10]?.[0]).toEqual([
        refused ? STATUS.noConsent : STATUS.present,
        refused,
      ])
    }
    expect(bank.report).toMatchObject({
      consentPolicyId: expect.stringMatching(/^[0-9a-f]{16}$/),
      hosts: [{ noConsent: 10, idsAsked: 192 }],
    })
  })

  test('no id without a consent is among those that the role may use for the host', async () => {
    const asked: string[][] = []
    const { bindings } = await align({ bank: await bankWithConsents(), tax: await taxOf(range(0, 300)) }, LEFT)
    const { keys, idOfRow, consents } = inputOf<LeftGuestInput>(bindings)
    // What the role may use for this host: ids of rows with a 1.
    const texts = keys.flatMap((key) => key.ids)
    for (const ids of idOfRow)
      asked.push([...ids].filter((id, row) => id >= 0 && consents['tax']?.[row] === 1).map((id) => texts[id] as string))
    const all = new Set(asked.flat())
    for (const firm of flawed) expect([all.has(uscc(firm)), all.has(person(firm))]).toEqual([false, false])
    expect(all.size).toBe(2 * 192)
  })

  test('inner mode asks about those whom all hosts may be asked about', async () => {
    const ids = { column: 'firm', kind: 'uscc', duplicates: 'first' } as const
    const datasets = {
      bank: await bankWithConsents(ids),
      tax: await taxOf(range(0, 300)),
      social: await taxOf(range(0, 300), 'social'),
    }
    const { alignments, bindings } = await align(datasets, { align: { minIntersection: 50 } })
    expect(new Set(inputOf<{ ids: string[] }>(bindings).ids)).toEqual(
      new Set(
        range(0, 200)
          .filter((firm) => !flawed.has(firm))
          .map(uscc),
      ),
    )
    const bank = alignments.get('bank') as Alignment
    expect(bank.rows).toHaveLength(192)
    // Controls: another host whose scope the flawed consents have; a weight of 0 for a label that is neither good nor bad.
    expect(bank.rows.filter((_, i) => bank.weights?.[i] === 0).toSorted()).toEqual(
      Uint32Array.of(0, 30, 60, 90, 120, 150, 180),
    )
  })

  test('a host without a word in consent.scopes is named', async () => {
    const datasets = { bank: await bankWithConsents(), park: await taxOf(range(0, 300), 'park') }
    await expect(align(datasets, LEFT)).rejects.toMatchObject({
      code: 'data.no-consent-scope',
      detail: { hosts: ['park'] },
    })
  })
})

describe('what a guest cannot bring', () => {
  test('a sample id twice, a month that is none, and an id twice without sample ids are named', async () => {
    const bank = await bankOfLoans()
    const tax = await taxOf(range(0, 300))
    const ids = (changes: object) => ({
      ...bank,
      ids: { column: 'firm', kind: 'uscc', duplicates: 'reject', ...changes } as never,
    })
    await expect(align({ bank: ids({ sampleId: 'rep' }), tax }, LEFT)).rejects.toMatchObject({
      code: 'data.duplicate-id',
      detail: { column: 'rep', count: 40, rows: expect.arrayContaining(['201']) },
    })
    await expect(align({ bank: ids({}), tax }, LEFT)).rejects.toMatchObject({ code: 'data.duplicate-id' })
    const split = { kind: 'keyed-hash', holdout: 0.3, outOfTime: { column: 'x', from: '2023-01' } }
    await expect(align({ bank, tax }, { ...LEFT, split })).rejects.toMatchObject({
      code: 'data.missing-value',
      detail: { columns: ['x'], count: 240 },
    })
  })
})

test('the files hold no id', async () => {
  const { bindings } = await align({ bank: await bankOfLoans(), tax: await taxOf(range(0, 300)) }, LEFT)
  for (const [, { model }] of bindings) {
    const text = Buffer.concat([
      await readFile(join(model as string, 'alignment.json')),
      await readFile(join(model as string, 'alignment.rows')),
    ]).toString('latin1')
    expect(text).toContain('"mode": "left"')
    expect(text).not.toMatch(/MA0000|9990011980/)
  }
})
