// The synthetic federation as a folder: a folder for each party with its tables and a declaration for its agent, the
// manifest, and the oracle, which no agent may read.
import { availableParallelism } from 'node:os'
import { mkdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { declarationText } from './declaration.ts'
import { writeFiles } from './files.ts'
import { type FederationManifest, manifestOf } from './manifest.ts'
import { plantedDefects } from './planted.ts'
import { toParquet } from './parquet.ts'
import { tablePath } from './parties.ts'
import { type FederationOptions, planFederation, SYNTH_SIZES } from './plan.ts'
import { writeReference } from './reference/report.ts'

export interface WriteFederationOptions extends FederationOptions {
  readonly directory: string
  /** threads, default one a processor; 0 makes everything on the calling thread. The files are the same */
  readonly workers?: number
  readonly onProgress?: (share: number) => void
  /** oracle/reference.json, which needs all tables in memory; default up to S, CSV only */
  readonly reference?: boolean
}

export const MANIFEST_FILE = 'manifest.json'
/** Fewer applications have too few bad loans for a model of fifty columns. */
const LEAST_FOR_REFERENCE = 2000

/**
 * Writes <party>/<data set>.csv or .parquet and <party>/dataset.yaml for each party, bank/consent.csv,
 * <party>/raw/*.csv where asked, manifest.json and oracle/. Memory does not grow with the number of applications.
 * @throws PlatformError config.invalid naming an option that is out of range
 */
export async function writeSyntheticFederation(options: WriteFederationOptions): Promise<FederationManifest> {
  const { directory } = options
  const plan = planFederation(options)
  await mkdir(join(directory, 'oracle'), { recursive: true })
  const { counts } = await writeFiles(directory, plan, {
    workers: options.workers ?? availableParallelism(),
    ...(options.onProgress === undefined ? {} : { onProgress: options.onProgress }),
  })
  const manifest = manifestOf(plan, counts)
  await writeFile(join(directory, MANIFEST_FILE), json(manifest))
  await writeFile(join(directory, 'oracle', 'defects.json'), json(plantedDefects(plan)))
  await writeFile(join(directory, 'oracle', 'counts.json'), json(counts))
  for (const party of plan.parties) {
    if (plan.format === 'parquet')
      await toParquet(join(directory, tablePath(party)), join(directory, tablePath(party, 'parquet')))
    await writeFile(join(directory, party, 'dataset.yaml'), declarationText(plan, party))
  }
  const reference =
    options.reference ?? (plan.applications <= SYNTH_SIZES.S && plan.applications >= LEAST_FOR_REFERENCE)
  if (reference && plan.format === 'csv') await writeReference(directory)
  return manifest
}

function json(value: unknown): string {
  return `${JSON.stringify(value, null, 2)}\n`
}
