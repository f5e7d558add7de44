// The main job on real data: UCI default of credit card clients, as FATE splits it. Reference values in the README of
// ../shared/data (scikit-learn) and from our own fit in the clear.
import { describe, expect, test } from 'vitest'
import { testContext } from '#cli/test-context.ts'
import { runLab } from '../lab/lab.ts'
import { parseLab } from '../lab/lab-file.ts'
import type { LabResult } from '../lab/lab-result.ts'
import { type CentralFit, fitCentrally } from './centralised.ts'
import { columnById, hasSharedData, project, readSharedTable, type Table, TableFolder } from './fixtures.ts'

const AUC = { bankOnly: 0.66146, joint: 0.728777 }
const KS = 0.388502
const HOSTS = {
  tax: ['x0', 'x1', 'x2'],
  social: ['x3', 'x4', 'x5'],
  property: ['x6', 'x7'],
  parks: ['x8', 'x9'],
} as const

interface Data {
  readonly guest: Table
  readonly host: Table
  readonly guestColumns: readonly string[]
  readonly hostColumns: readonly string[]
}

async function readData(): Promise<Data> {
  const guest = await readSharedTable('default_credit_hetero_guest.csv')
  const host = await readSharedTable('default_credit_hetero_host.csv')
  return { guest, host, guestColumns: guest.header.slice(2), hostColumns: host.header.slice(1) }
}

/** The same model on rows that one process holds. */
function fitInTheClear({ guest, host, guestColumns, hostColumns }: Data): CentralFit {
  const ids = project(guest, ['id'])
    .rows.map(([id = '']) => id)
    .filter((id) => Number(id) % 5 !== 0)
  const valuesOf = (table: Table, column: string): number[] => {
    const byId = columnById(table, column)
    return ids.map((id) => byId.get(id) ?? Number.NaN)
  }
  const columns = [
    ...guestColumns.map((column) => valuesOf(guest, column)),
    ...hostColumns.map((column) => valuesOf(host, column)),
  ]
  return fitCentrally(columns, valuesOf(guest, 'y'), 1)
}

async function runJob(data: Data, hosts: Readonly<Record<string, readonly string[]>>): Promise<LabResult> {
  await using folder = await TableFolder.open()
  await folder.write('bank.csv', data.guest)
  const ids = { column: 'id', kind: 'plain' }
  const parties: Record<string, unknown> = {
    bank: { dataset: 'loans', source: { csv: 'bank.csv' }, ids, label: { column: 'y' } },
  }
  for (const [party, columns] of Object.entries(hosts)) {
    await folder.write(`${party}.csv`, project(data.host, ['id', ...columns]))
    parties[party] = { dataset: 'columns', source: { csv: `${party}.csv` }, ids }
  }
  const job = {
    name: 'default credit',
    guest: { party: 'bank', dataset: 'loans' },
    hosts: Object.keys(hosts).map((party) => ({ party, dataset: 'columns' })),
    split: { kind: 'id-modulo', divisor: 5, remainder: 0 },
    train: { l2: 1, rounds: 60 },
  }
  return await runLab(parseLab(JSON.stringify({ parties, job }), folder.path), { cli: testContext(), quiet: true })
}

function expectReferenceModel(result: LabResult, data: Data, central: CentralFit): void {
  expect(result).toMatchObject({
    state: 'succeeded',
    metrics: { rows: { training: 24_000, holdout: 6_000 }, converged: true },
  })
  const { bankOnly, joint } = result.metrics as NonNullable<LabResult['metrics']>
  expect(Math.abs(bankOnly.auc.value - AUC.bankOnly)).toBeLessThan(0.001)
  expect(Math.abs(joint.auc.value - AUC.joint)).toBeLessThan(0.001)
  expect(Math.abs(joint.ks.value - KS)).toBeLessThan(0.003)
  const coefficients = new Map<string, number>()
  for (const [party, model] of Object.entries(result.models)) {
    const side = party === 'bank' ? 'guest' : 'host'
    for (const { name, coefficient } of model.features) coefficients.set(`${side} ${name}`, coefficient)
  }
  const names = [...data.guestColumns.map((name) => `guest ${name}`), ...data.hostColumns.map((name) => `host ${name}`)]
  expect([...coefficients.keys()].toSorted()).toEqual(names.toSorted())
  const differences = names.map((name, j) =>
    Math.abs((coefficients.get(name) ?? Number.NaN) - (central.weights[j] ?? 0)),
  )
  expect(Math.max(...differences)).toBeLessThan(0.01)
  expect(Math.abs((result.models['bank']?.intercept ?? Number.NaN) - central.intercept)).toBeLessThan(0.01)
}

describe.runIf(hasSharedData())('default credit', () => {
  test('a bank and one partner train the model that one process would', async () => {
    const data = await readData()
    const result = await runJob(data, { tax: data.hostColumns })
    expectReferenceModel(result, data, fitInTheClear(data))
  })

  test('so do a bank and four partners', async () => {
    const data = await readData()
    expectReferenceModel(await runJob(data, HOSTS), data, fitInTheClear(data))
  })
})
