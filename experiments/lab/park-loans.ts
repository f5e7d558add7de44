// Three parks that lend to their own tenants: each holds the loans of its firms, with the columns of a bank and of a park
// operator. Made from the tables of the synthetic federation, as one file a park.
import { mkdir, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { bankDataset, hostDataset, offeredColumns } from '../synth/declaration.ts'
import { writeSyntheticFederation } from '../synth/federation.ts'
import { LABEL, SAMPLE_ID, tablePath } from '../synth/parties.ts'
import { readTable, rowsById, type TextTable } from '../synth/read-tables.ts'

export const PARKS = ['park-a', 'park-b', 'park-c'] as const
export type Park = (typeof PARKS)[number]
export const PARK_DATASET = 'tenant_loans'

export interface ParkLoans {
  /** by park: what agent.yaml and a lab file say of the data set, with a source relative to the folder */
  readonly declarations: Readonly<Record<Park, object>>
  readonly rows: Readonly<Record<Park, number>>
}

export interface ParkLoansOptions {
  readonly directory: string
  readonly seed: number
  /** of the whole federation: about a third of them are tenants, half of those of the first park */
  readonly applications: number
  readonly badRate?: number
}

/** Writes <directory>/<park>.csv for each park: its tenants' booked loans with a known outcome. */
export async function writeParkLoans(options: ParkLoansOptions): Promise<ParkLoans> {
  const { directory, seed, applications, badRate } = options
  const source = join(directory, 'synth')
  await writeSyntheticFederation({
    directory: source,
    seed,
    applications,
    parties: ['bank', ...PARKS],
    ...(badRate === undefined ? {} : { badRate }),
    // one kind of file, in which nothing is wrong: what this shows is training, not mending
    noise: false,
    defects: false,
    raw: false,
    reference: false,
  })
  const bank = await readTable(join(source, tablePath('bank')))
  const rows: Record<string, number> = {}
  await mkdir(directory, { recursive: true })
  for (const park of PARKS) {
    const lines = loansOf(bank, await readTable(join(source, tablePath(park))), park)
    rows[park] = lines.length - 1
    await writeFile(join(directory, `${park}.csv`), `${lines.join('\n')}\n`)
  }
  await rm(source, { recursive: true, force: true })
  const declarations = Object.fromEntries(PARKS.map((park) => [park, declarationOf(park)])) as Record<Park, object>
  return { declarations, rows: rows as Record<Park, number> }
}

function loansOf(bank: TextTable, table: TextTable, park: Park): string[] {
  const tenants = rowsById(table, table.rows, 'match_id', 'uscc').byId
  const [ofBank, ofPark] = [columnsOf('bank'), columnsOf(park)]
  const lines = bank.rows.flatMap((loan) => {
    const tenant = tenants.get(bank.cell(loan, 'match_id'))
    const label = bank.cell(loan, LABEL)
    if (tenant === undefined || label === '') return []
    const cells = [SAMPLE_ID, 'match_id', LABEL, ...ofBank].map((column) => bank.cell(loan, column))
    return [[...cells, ...ofPark.map((column) => table.cell(tenant, column))].join(',')]
  })
  return [[SAMPLE_ID, 'match_id', LABEL, ...ofBank, ...ofPark].join(','), ...lines]
}

function columnsOf(party: 'bank' | Park): string[] {
  return offeredColumns(party).map(({ code }) => code)
}

interface Declared {
  readonly missing: object
  readonly features: object
}

function declarationOf(park: Park): object {
  const [bank, tenants] = [
    bankDataset({ format: 'csv', parties: [] }) as Declared,
    hostDataset({ format: 'csv' }, park) as Declared,
  ]
  return {
    source: { csv: `${park}.csv` },
    ids: { column: 'match_id', kind: 'uscc', sampleId: SAMPLE_ID },
    label: { column: LABEL },
    columns: [...columnsOf('bank'), ...columnsOf(park)],
    missing: bank.missing,
    features: { ...bank.features, ...tenants.features },
  }
}
