// The demo: a joint scorecard of a bank and three partners, on the synthetic federation, as a lab.
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { CliContext } from '#cli/context.ts'
import { monthText } from '../synth/calendar.ts'
import { LOAN_PURPOSE } from '../synth/consent.ts'
import { bankDataset, hostDataset } from '../synth/declaration.ts'
import { writeSyntheticFederation } from '../synth/federation.ts'
import { type FileParty, PARTY_FILES, VINTAGE } from '../synth/parties.ts'
import { SYNTH_SIZES } from '../synth/plan.ts'
import { FIRST_OUT_OF_TIME_MONTH, FIRST_RECENT_MONTH } from '../synth/world.ts'
import { type LabOptions, runLab } from './lab.ts'
import { parseLab } from './lab-file.ts'
import type { LabResult } from './lab-result.ts'

export interface DemoOptions extends Pick<LabOptions, 'cli' | 'keep' | 'quiet' | 'console' | 'before' | 'split'> {
  readonly size: 'S' | 'M'
  /** where the evidence and the report go; a new folder for temporary files unless said */
  readonly evidence?: string
  /** applications, instead of those of the size */
  readonly applications?: number
}

const SEED = 20220101
const HOSTS = ['tax', 'social', 'property'] as const
const PARTIES: readonly FileParty[] = ['bank', ...HOSTS]
/** Coarser than the default: seven models are trained, and in AUC the difference is in the fourth digit. */
const TOLERANCE = 5e-3
const ROUNDS = 15

/** Writes the synthetic files, runs the lab, and leaves evidence and report behind, and nothing else unless asked. */
export async function runDemo(options: DemoOptions): Promise<LabResult> {
  const { cli } = options
  const directory = await mkdtemp(join(tmpdir(), 'tributary-demo-'))
  try {
    cli.note(cli.t('making the synthetic files …', '正在生成合成数据 …'))
    await writeSyntheticFederation({
      directory,
      seed: SEED,
      applications: options.applications ?? SYNTH_SIZES[options.size],
      parties: PARTIES,
      raw: false,
      reference: false,
    })
    const plan = parseLab(JSON.stringify(demoLab(cli)), directory)
    const evidence = options.evidence ?? (await mkdtemp(join(tmpdir(), 'tributary-evidence-')))
    return await runLab(plan, { ...options, evidence })
  } finally {
    if (!options.keep) await rm(directory, { recursive: true, force: true })
  }
}

function demoLab(cli: CliContext): object {
  const files = { format: 'csv', parties: PARTIES } as const
  const host = (party: (typeof HOSTS)[number]) => hostDataset(files, party, 'federation')
  const declared = {
    bank: bankDataset(files, 'federation'),
    tax: host('tax'),
    social: host('social'),
    property: host('property'),
  }
  const take = (party: FileParty) => ({ party, dataset: PARTY_FILES[party].dataset })
  return {
    federation: 'demo',
    parties: Object.fromEntries(
      Object.entries(declared).map(([party, body]) => [
        party,
        { dataset: PARTY_FILES[party as FileParty].dataset, ...body },
      ]),
    ),
    job: {
      name: cli.t('small-business scorecard', '小微企业联合评分卡'),
      purpose: LOAN_PURPOSE,
      guest: take('bank'),
      hosts: HOSTS.map(take),
      align: { mode: 'left', minIntersection: 500 },
      split: {
        kind: 'keyed-hash',
        holdout: 0.3,
        outOfTime: { column: VINTAGE, from: monthText(FIRST_OUT_OF_TIME_MONTH), recent: monthText(FIRST_RECENT_MONTH) },
      },
      // the owners tell names and expected signs of their columns, which the report then shows beside the aliases
      profile: {},
      bin: { method: 'quantile', bins: 10, minimumShare: 0.02 },
      // a column moves more from month to month in 4,000 rows than in the 100,000 that the usual 0.1 is made for
      select: { maximumColumns: 22, maximumStability: 0.5 },
      train: { columns: 'woe', rounds: ROUNDS, tolerance: TOLERANCE, nonNegative: true, standardErrors: true },
      scorecard: {},
      value: {},
    },
  }
}
