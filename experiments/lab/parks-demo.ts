// The second demo: three parks with the same columns of different firms train one model, as a lab.
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { CliContext } from '#cli/context.ts'
import { LOAN_PURPOSE } from '../synth/consent.ts'
import { SYNTH_SIZES } from '../synth/plan.ts'
import type { DemoOptions } from './demo.ts'
import { runLab } from './lab.ts'
import { parseLab } from './lab-file.ts'
import type { LabResult } from './lab-result.ts'
import { PARK_DATASET, PARKS, type ParkLoans, writeParkLoans } from './park-loans.ts'

const SEED = 20220101

/** Writes the synthetic files, runs the lab, and leaves evidence and report behind, and nothing else unless asked. */
export async function runParksDemo(options: DemoOptions): Promise<LabResult> {
  const { cli } = options
  const directory = await mkdtemp(join(tmpdir(), 'tributary-parks-'))
  try {
    cli.note(cli.t('making the synthetic files …', '正在生成合成数据 …'))
    const applications = options.applications ?? SYNTH_SIZES[options.size]
    const loans = await writeParkLoans({ directory, seed: SEED, applications })
    const plan = parseLab(JSON.stringify({ federation: 'parks', ...parksLab(loans, parksJob(cli)) }), directory)
    const evidence = options.evidence ?? (await mkdtemp(join(tmpdir(), 'tributary-evidence-')))
    return await runLab(plan, { ...options, evidence })
  } finally {
    if (!options.keep) await rm(directory, { recursive: true, force: true })
  }
}

/** Parties and job of a lab file. @param job its sections beside who takes part */
export function parksLab({ declarations }: ParkLoans, job: Readonly<Record<string, unknown>>) {
  const [guest, ...hosts] = PARKS.map((party) => ({ party, dataset: PARK_DATASET }))
  return {
    parties: Object.fromEntries(PARKS.map((park) => [park, { dataset: PARK_DATASET, ...declarations[park] }])),
    job: { ...job, guest, hosts },
  }
}

function parksJob(cli: CliContext) {
  return {
    name: cli.t('one model of three parks', '三园区联合模型'),
    purpose: LOAN_PURPOSE,
    split: { kind: 'keyed-hash', holdout: 0.3 },
    average: {
      model: { kind: 'logistic' },
      rounds: 25,
      localEpochs: 2,
      batchRows: 128,
      learningRate: 0.05,
      decay: 0.01,
      earlyStopping: { rounds: 5 },
      personalise: {},
      alone: true,
    },
  }
}
