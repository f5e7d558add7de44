// Whole jobs over real gRPC whose label is no class: an amount with squared error, and a number of claims with the Poisson
// objective. The trees are those of one process with all columns; result, report and command line measure what was asked.
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { labLines } from '#cli/commands/lab.ts'
import type { LocalTargetResult } from '#party-agent/results/local-job.ts'
import { testContext } from '#cli/test-context.ts'
import { type Cell, packTables, type Table } from '#credit/evaluation/pack.ts'
import { linkOf } from '#credit/trees/objective.ts'
import { writeReport } from '#party-agent/results/report.ts'
import { loadScores } from '#party-agent/results/score-store.ts'
import { readJson } from '#party-agent/results/stored.ts'
import type { StoredSplits, StoredTrees } from '#party-agent/results/tree-facts.ts'
import { runLab } from '../lab/lab.ts'
import { type LabPlan, parseLab } from '../lab/lab-file.ts'
import type { LabResult } from '../lab/lab-result.ts'
import { openStream } from '../synth/stream.ts'
import { TableFolder } from './fixtures.ts'
import { dirOf, growInTheClear } from './trees-in-the-clear.ts'

const ROWS = 1500
const SEED = 11
/** An agent that computes with SEAL alone, beside those that have kernels: the trees are the same. */
const WITHOUT_KERNELS = ['social']
const BOOST = { trees: 2, depth: 2, bins: 6, learningRate: 1, precision: 'exact' } as const

let folder: TableFolder
beforeAll(async () => {
  folder = await TableFolder.open()
})
afterAll(() => folder[Symbol.asyncDispose]())

/** Labels whose mean rises with one column of each party; every 40th row has none. */
async function plan(kind: 'number' | 'count', hosts: readonly string[], sections: object): Promise<LabPlan> {
  const risks = Array.from({ length: hosts.length + 1 }, (_, party) =>
    Array.from({ length: ROWS }, (_, row) => openStream(SEED, party, row).uniform()),
  )
  const labels = Array.from({ length: ROWS }, (_, row) => {
    if (row % 40 === 0) return ''
    const mean = risks.reduce((sum, risk) => sum + 1.5 * (risk[row] ?? 0), 0.2)
    const draws = openStream(SEED, 90, row)
    if (kind === 'number') return (100 * (mean - 1.5) + 20 * draws.normal()).toFixed(2)
    let [count, product] = [0, draws.uniform()]
    while (product > Math.exp(-mean)) [count, product] = [count + 1, product * draws.uniform()]
    return String(count)
  })
  const parties: Record<string, unknown> = {}
  for (const [p, party] of ['bank', ...hosts].entries()) {
    const noise = (row: number) =>
      openStream(SEED, 100 + p, row)
        .uniform()
        .toFixed(4)
    const rows = labels.map((label, row) => [
      String(1000 + row),
      ...(p === 0 ? [label] : []),
      (risks[p]?.[row] ?? 0).toFixed(4),
      noise(row),
    ])
    await folder.write(`${kind}-${party}.csv`, { header: ['id', ...(p === 0 ? ['y'] : []), 'a', 'b'], rows })
    parties[party] = {
      dataset: 'rows',
      source: { csv: `${kind}-${party}.csv` },
      ids: { column: 'id', kind: 'plain' },
      ...(p === 0 ? { label: { column: 'y', kind, indeterminate: [''] } } : {}),
    }
  }
  const job = {
    name: kind,
    guest: { party: 'bank', dataset: 'rows' },
    hosts: hosts.map((party) => ({ party, dataset: 'rows' })),
    align: { minIntersection: 100 },
    split: { kind: 'id-modulo', divisor: 5, remainder: 0 },
    ...sections,
  }
  return parseLab(JSON.stringify({ parties, job }), folder.path)
}

interface Seen {
  readonly result: LabResult
  readonly scores: Float64Array
  readonly clear: Awaited<ReturnType<typeof growInTheClear>>
  readonly trees: StoredTrees
  readonly summary: Table | undefined
  readonly pages: readonly string[]
  /** log lines of each agent about its engine */
  readonly engines: Readonly<Record<string, readonly string[]>>
}

async function run(lab: LabPlan): Promise<Seen> {
  let seen: Omit<Seen, 'result'> | undefined
  const hosts = lab.job.hosts.map(({ party }) => party)
  const result = await runLab(lab, {
    cli: testContext(),
    quiet: true,
    withoutKernels: WITHOUT_KERNELS,
    before: async (running, { state, failure }) => {
      if (state !== 'succeeded') throw new Error(`${state}: ${JSON.stringify(failure)}`)
      const bank = dirOf(running, 'bank', running.job)
      const trees = (await readJson<StoredTrees>(join(bank, 'trees.json'))) as StoredTrees
      const ofHost = async (party: string) =>
        (await readJson<StoredSplits>(join(dirOf(running, party, running.job), 'splits.json')))?.splits ?? []
      const splits = Object.fromEntries(await Promise.all(hosts.map(async (party) => [party, await ofHost(party)])))
      const clear = await growInTheClear(running, lab.job, { ...splits, bank: trees.splits })
      const out = join(folder.path, `report-${lab.job.name}`)
      const { pack } = await writeReport(bank, running.job, out)
      const pages = await Promise.all(
        ['zh', 'en'].map((language) => readFile(join(out, `report.${language}.html`), 'utf8')),
      )
      const engines: Record<string, readonly string[]> = {}
      for (const { name, home } of Object.values(running.homes.parties)) {
        const log = await readFile(join(home, 'log.jsonl'), 'utf8')
        engines[name] = log.split('\n').filter((line) => line.includes('he.without-kernels'))
      }
      const scores = (await loadScores(bank, hosts, 'trees'))?.scores ?? new Float64Array()
      seen = { scores, clear, trees, summary: packTables(pack).get('target_summary'), pages, engines }
    },
  })
  return { result, ...(seen as NonNullable<typeof seen>) }
}

function cellsOf(table: Table | undefined): Readonly<Record<string, Cell>>[] {
  return (table?.rows ?? []).map((row) => Object.fromEntries((table?.columns ?? []).map((name, i) => [name, row[i]!])))
}

describe.each([
  ['number', 'squared', ['tax'], {}],
  ['count', 'poisson', ['tax', 'social'], { value: { coalitions: 'partners' } }],
] as const)('a label that is a %s, with the objective %s', (kind, objective, hosts, sections) => {
  let seen: Seen
  let measured: LocalTargetResult
  beforeAll(async () => {
    seen = await run(await plan(kind, hosts, { boost: { ...BOOST, objective }, ...sections }))
    measured = seen.result.targetMetrics as LocalTargetResult
  }, 120_000)

  test('what is stored for each row is the label that the trees of one process expect', () => {
    const { clear, scores, trees } = seen
    expect(trees.objective).toBe(objective)
    expect(trees.trees.flatMap(({ nodes }) => nodes)).toHaveLength(clear.nodes)
    const expected = clear.margins.map((margin) => linkOf(objective, margin))
    expect(scores).toHaveLength(expected.length)
    for (const [row, score] of scores.entries()) expect(Math.abs(score - expected[row]!)).toBeLessThan(1e-6)
  })

  test('an agent without kernels says so once, the others do not', () => {
    expect(Object.keys(seen.engines)).toHaveLength(1 + hosts.length)
    for (const [party, lines] of Object.entries(seen.engines)) {
      expect(lines).toHaveLength(WITHOUT_KERNELS.includes(party) ? 1 : 0)
      for (const line of lines) expect(JSON.parse(line)).toMatchObject({ reason: 'configured' })
    }
  })

  test('the joint model errs less and orders better than the bank alone', () => {
    const { rows, targets } = measured
    expect(targets.kind).toBe(kind)
    // every fifth id is held out, all 38 rows without a label among them
    expect(rows).toEqual({ training: 1200, holdout: 300 - 38 })
    // two small trees: each party's column is as strong as the bank's, and counts have noise of their own
    expect(targets.joint.rmse.value).toBeLessThan(0.98 * targets.bankOnly.rmse.value)
    expect(targets.joint.gini!.low).toBeGreaterThan(targets.bankOnly.gini!.value)
    expect(targets.joint.deviance === null).toBe(kind === 'number')
  })

  test('report and command line say so, and nothing of classes', () => {
    const cells = cellsOf(seen.summary).filter(({ set }) => set === 'holdout')
    const coalitions = kind === 'count' ? ['bank+social+tax', 'bank', 'bank+social', 'bank+tax'] : ['bank+tax', 'bank']
    expect(new Set(cells.map(({ coalition }) => coalition))).toEqual(new Set(coalitions))
    expect(cells).toHaveLength(coalitions.length)
    const joint = cells.find(({ coalition }) => coalition === coalitions[0])
    expect(joint?.['rmse']).toBeCloseTo(measured.targets.joint.rmse.value, 12)
    for (const page of seen.pages) {
      expect(page).toContain('<section id="bands">')
      expect(page).toContain('<section id="trees">')
      expect(page).not.toContain('<section id="discrimination">')
    }
    const lines = labLines(testContext(), seen.result).join('\n')
    expect(lines).toContain(kind === 'count' ? 'Poisson deviance' : 'RMSE')
    expect(lines).not.toContain('AUC')
  })
})
