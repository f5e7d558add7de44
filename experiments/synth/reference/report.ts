// The centralised reference of a federation's files, for its oracle folder: columns with their information values,
// coefficients with standard errors, AUC and KS of every coalition. A federated model on the same rows is held to it.
import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { ALL_PARTIES, COALITIONS, type CoalitionResult, fitCoalition, selectColumns } from './coalitions.ts'
import { sampleFromFiles } from './sample.ts'

export const REFERENCE_PATH = 'oracle/reference.json'

/** Reads the files (CSV, all parties of the design's table) and writes oracle/reference.json. Whole tables in memory. */
export async function writeReference(folder: string): Promise<void> {
  const sample = await sampleFromFiles(folder)
  const { all, kept } = selectColumns(sample)
  const present = new Set(
    sample.columns.filter(({ values }) => values.some((x) => !Number.isNaN(x))).map(({ party }) => party),
  )
  const coalitions = COALITIONS.filter((parties) => parties.every((party) => present.has(party)))
  const results = coalitions.map((parties) => fitCoalition(sample, kept, parties))
  const full = results.find(({ parties }) => parties.length === ALL_PARTIES.length)
  const content = {
    method:
      'WOE over ten quantile bins of the training rows, L2 1, Newton; left join as the consents allow; parks pooled',
    split: 'training and hold-out by SHA-256 of the code, 70 : 30, before 2023-04; out of time 2023-04 … 2023-09',
    informationValues: Object.fromEntries(all.map(({ code, iv }) => [code, rounded(iv)])),
    coalitions: results.map(summary),
    ...(full === undefined ? {} : { model: modelOf(full) }),
  }
  await writeFile(join(folder, REFERENCE_PATH), `${JSON.stringify(content, null, 2)}\n`)
}

function summary({ parties, columns, holdout, oot }: CoalitionResult): object {
  const of = ({ rows, bad, auc, ks }: CoalitionResult['holdout']) => ({ rows, bad, auc: rounded(auc), ks: rounded(ks) })
  return { parties, columns: columns.length, holdout: of(holdout), oot: of(oot) }
}

function modelOf({ columns, model }: CoalitionResult): object {
  const { coefficients, standardErrors } = model
  const features = columns.map((code, j) => ({
    code,
    coefficient: coefficients[j + 1],
    standardError: standardErrors[j + 1],
  }))
  return { intercept: coefficients[0], interceptStandardError: standardErrors[0], features }
}

const rounded = (value: number) => Number(value.toFixed(6))
