// The wide job of the benchmarks: a guest and one host with many columns. Speed matters here, not the distribution.
import { once } from 'node:events'
import { createWriteStream } from 'node:fs'
import { join } from 'node:path'
import { finished } from 'node:stream/promises'
import { type LabPlan, parseLab } from '../lab/lab-file.ts'

export interface WideSize {
  readonly rows: number
  /** columns */
  readonly guest: number
  readonly host: number
}

/** guest.csv and host.csv in the folder. */
export async function writeWideTables(folder: string, { rows, guest, host }: WideSize): Promise<void> {
  await writeTable(join(folder, 'guest.csv'), { rows, columns: guest, seed: 1, label: true })
  await writeTable(join(folder, 'host.csv'), { rows, columns: host, seed: 2, label: false })
}

/** Columns of a small linear congruential generator. */
async function writeTable(
  file: string,
  table: { readonly rows: number; readonly columns: number; readonly seed: number; readonly label: boolean },
): Promise<void> {
  const { rows, columns, seed, label } = table
  const out = createWriteStream(file)
  let state = seed
  const uniform = () => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0
    return state / 2 ** 32
  }
  const names = Array.from({ length: columns }, (_, j) => `x${j}`)
  out.write(`id,${label ? 'y,' : ''}${names.join(',')}\n`)
  for (let i = 0; i < rows; i++) {
    const values = names.map(() => (uniform() + uniform() + uniform() - 1.5).toFixed(4))
    const bad = uniform() < 0.2 + 0.2 * Number(values[0]) ? 1 : 0
    const line = `${i},${label ? `${bad},` : ''}${values.join(',')}\n`
    if (!out.write(line)) await once(out, 'drain')
  }
  out.end()
  await finished(out)
}

/** The lab of one job over the tables in the folder. */
export function wideLab(folder: string, rounds: number): LabPlan {
  const ids = { column: 'id', kind: 'plain' }
  const lab = {
    federation: 'wide',
    parties: {
      bank: { dataset: 'loans', source: { csv: 'guest.csv' }, ids, label: { column: 'y' } },
      partner: { dataset: 'features', source: { csv: 'host.csv' }, ids },
    },
    job: {
      name: 'wide job',
      guest: { party: 'bank', dataset: 'loans' },
      hosts: [{ party: 'partner', dataset: 'features' }],
      split: { kind: 'keyed-hash', holdout: 0.05 },
      train: { rounds, tolerance: 1e-8 },
    },
  }
  return parseLab(JSON.stringify(lab), folder)
}
