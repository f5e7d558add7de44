// The third demo: a bank and its partners build a scorecard and trees, and three parks take part as one host.
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { CliContext } from '#cli/context.ts'
import { SYNTH_SIZES } from '../synth/plan.ts'
import type { DemoOptions } from './demo.ts'
import { hybridLab, poolParks, writeHybridFederation } from './hybrid.ts'
import { runLab } from './lab.ts'
import { parseLab } from './lab-file.ts'
import type { LabResult } from './lab-result.ts'

const SEED = 20220101

export interface HybridDemoOptions extends DemoOptions {
  /** one host with the rows of all parks in the place of the group: what the group is measured against */
  readonly pooled?: boolean
  readonly seed?: number
}

/** Writes the synthetic files, runs the lab, and leaves evidence and report behind, and nothing else unless asked. */
export async function runHybridDemo(options: HybridDemoOptions): Promise<LabResult> {
  const { cli, pooled = false, seed = SEED } = options
  const directory = await mkdtemp(join(tmpdir(), 'tributary-hybrid-'))
  try {
    cli.note(cli.t('making the synthetic files …', '正在生成合成数据 …'))
    await writeHybridFederation(directory, { seed, applications: options.applications ?? SYNTH_SIZES[options.size] })
    if (pooled) await poolParks(directory)
    const lab = { federation: 'hybrid', ...hybridLab(hybridJob(cli), { pooled }) }
    const plan = parseLab(JSON.stringify(lab), directory)
    const evidence = options.evidence ?? (await mkdtemp(join(tmpdir(), 'tributary-evidence-')))
    return await runLab(plan, { ...options, evidence })
  } finally {
    if (!options.keep) await rm(directory, { recursive: true, force: true })
  }
}

function hybridJob(cli: CliContext) {
  return {
    name: cli.t('scorecard with three parks as one partner', '三园区合为一方的联合评分卡'),
    // decoys of members stand in different rows: at this size they would be most of the rows
    align: { mode: 'left', minIntersection: 100, decoys: 0 },
    split: { kind: 'keyed-hash', holdout: 0.3 },
    bin: { method: 'quantile', bins: 8, minimumShare: 0.02 },
    train: { columns: 'woe', rounds: 15, tolerance: 2e-3 },
    scorecard: {},
    boost: { trees: 10, depth: 3, bins: 16 },
  }
}
