// The demo: a lab on the synthetic federation.
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { CliContext } from '#cli/context.ts'
import { TABLES } from '../synth/record.ts'
import type { SynthParty } from '../synth/tables/table.ts'
import { ID_COLUMN, LABEL_COLUMN, SYNTH_SIZES, writeFederation } from '../synth/write.ts'
import { runLab } from './lab.ts'
import { parseLab } from './lab-file.ts'
import type { LabResult } from './lab-result.ts'

export interface DemoOptions {
  readonly cli: CliContext
  readonly size: 'S' | 'M'
  readonly keep?: boolean
  readonly quiet?: boolean
  /** where the evidence goes; a new folder for temporary files unless said */
  readonly evidence?: string
  /** applications, instead of those of the size */
  readonly applications?: number
  readonly rounds?: number
}

const SEED = 20220101
/** 15 columns and 4,300 training rows at size S allow 28: more answers about so few rows would give rows away */
const ROUNDS = 28
const GUEST: SynthParty = 'bank'
const HOSTS: readonly SynthParty[] = ['tax', 'social', 'property']
const DATASETS: Readonly<Record<SynthParty, string>> = {
  bank: 'loans',
  tax: 'filings',
  social: 'insurance',
  property: 'registry',
  parks: 'tenants',
}

/** Writes the synthetic files, runs the lab, and leaves its evidence behind, and nothing else unless asked. */
export async function runDemo(options: DemoOptions): Promise<LabResult> {
  const { cli } = options
  const directory = await mkdtemp(join(tmpdir(), 'tributary-demo-'))
  try {
    cli.note(cli.t('making the synthetic files …', '正在生成合成数据 …'))
    await writeFederation({
      directory,
      seed: SEED,
      applications: options.applications ?? SYNTH_SIZES[options.size],
      parties: [GUEST, ...HOSTS],
    })
    const plan = parseLab(JSON.stringify(demoLab(options)), directory)
    const evidence = options.evidence ?? (await mkdtemp(join(tmpdir(), 'tributary-evidence-')))
    return await runLab(plan, { cli, evidence, keep: options.keep ?? false, quiet: options.quiet ?? false })
  } finally {
    if (!options.keep) await rm(directory, { recursive: true, force: true })
  }
}

function demoLab(options: DemoOptions): object {
  const declare = (party: SynthParty) => ({
    dataset: DATASETS[party],
    source: { csv: `${party}.csv` },
    ids: { column: ID_COLUMN, kind: 'uscc' },
    ...(party === GUEST ? { label: { column: LABEL_COLUMN } } : {}),
  })
  const take = (party: SynthParty) => ({ party, dataset: DATASETS[party], columns: riskColumns(party) })
  return {
    federation: 'demo',
    parties: Object.fromEntries([GUEST, ...HOSTS].map((party) => [party, declare(party)])),
    job: {
      name: 'small-business credit risk',
      purpose: 'credit risk of small-business loans',
      guest: take(GUEST),
      hosts: HOSTS.map(take),
      align: { minIntersection: 500 },
      train: { l2: 1, rounds: options.rounds ?? ROUNDS, tolerance: 1e-3 },
    },
  }
}

/** Columns that say something about risk; those about demand for credit stay out. */
function riskColumns(party: SynthParty): string[] {
  return TABLES[party].columns
    .filter((column) => 'code' in column)
    .filter((column) => column.risk !== 'none')
    .map((column) => column.code)
}
