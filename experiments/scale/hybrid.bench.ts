// A bank, three partners and three parks as a group, against the same with one host that has the rows of all parks.
// `node experiments/scale/hybrid.bench.ts [--json] [--applications n] [--seed s]` prints hold-out AUC of the bank alone, the
// scorecard and the trees, and of both where one process has the rows of all parks (on the same rows: each job draws a
// hold-out set of its own); then seconds and bytes of this job, and of the one with the pooled host.
import { rm } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { testContext } from '#cli/test-context.ts'
import { readJson } from '#party-agent/results/stored.ts'
import { SPLITS_FILE, type StoredSplits } from '#party-agent/results/tree-facts.ts'
import type { OwnedSplit } from '#protocols/secureboost/params.ts'
import { runHybridDemo } from '../lab/hybrid-demo.ts'
import type { RunningLab } from '../lab/lab.ts'
import { clearRows, pooledAucs } from '../whole-job/hybrid-in-the-clear.ts'
import { dirOf } from '../whole-job/trees-in-the-clear.ts'

function option(name: string, otherwise: number): number {
  const at = process.argv.indexOf(`--${name}`)
  return at < 0 ? otherwise : Number(process.argv[at + 1])
}

const made = { applications: option('applications', 10_000), seed: option('seed', 20_220_101) }
const figures: object[] = []
for (const parks of ['group', 'pooled'] as const) {
  const asked = { size: 'S', quiet: true, pooled: parks === 'pooled', ...made } as const
  let pooled: Awaited<ReturnType<typeof pooledAucs>> | undefined
  const before = async (lab: RunningLab) => {
    if (parks === 'group') pooled = await inOnePlace(lab)
  }
  const { state, failure, metrics, sent, seconds, evidence } = await runHybridDemo({
    cli: testContext(),
    ...asked,
    before,
  })
  if (metrics === undefined) throw new Error(`${parks}: ${state} ${failure?.code} at ${failure?.party}`)
  const bytes = Object.values(sent).flatMap((byKind) => Object.values(byKind))
  const say = (name: string, unit: string, value: number) => {
    const parameters = { parks, rows: metrics.rows.training, ...made }
    figures.push({ name: `hybrid/${name}`, parameters, unit, median: value, p90: value, n: 1 })
    if (!process.argv.includes('--json'))
      console.log(`${parks.padEnd(7)} ${name.padEnd(24)} ${value.toFixed(unit === 'AUC' ? 4 : 1)} ${unit}`)
  }
  say('bank alone', 'AUC', metrics.bankOnly.auc.value)
  say('scorecard', 'AUC', metrics.joint.auc.value)
  say('trees', 'AUC', metrics.challenger?.joint.auc.value ?? Number.NaN)
  if (pooled !== undefined) say('scorecard, in one place', 'AUC', pooled.scorecard)
  if (pooled !== undefined) say('trees, in one place', 'AUC', pooled.trees)
  say('sent', 'MB', bytes.reduce((a, b) => a + b, 0) / 1e6)
  for (const [task, value] of Object.entries(seconds.tasks)) say(task, 's', value)
  if (evidence !== undefined) await rm(dirname(evidence.bundle), { recursive: true, force: true })
}
if (process.argv.includes('--json')) console.log(JSON.stringify(figures))

async function inOnePlace(lab: RunningLab): Promise<Awaited<ReturnType<typeof pooledAucs>>> {
  const { job: spec } = lab.plan
  const splits: Record<string, readonly OwnedSplit[]> = {}
  for (const { party } of spec.hosts)
    splits[party] = (await readJson<StoredSplits>(join(dirOf(lab, party, lab.job), SPLITS_FILE)))?.splits ?? []
  return await pooledAucs(lab, spec, await clearRows(lab, spec), splits)
}
