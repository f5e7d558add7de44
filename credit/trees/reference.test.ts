// Whole models in the clear: against XGBoost, however the columns are dealt to parties, and with each setting.
import { expect, test } from 'vitest'
import { falling } from './histogram.ts'
import { type BoostParams, DEFAULT_BOOST, type Objective } from './params.ts'
import { type ReferenceModel, trainReference } from './reference.ts'
import { referenceInput, type TreeSample, treeSample } from './sample.ts'
import { predictMargins, type SplitRef, sidesOf } from './tree.ts'

/** A tree as text: node:column≤cell, over one owner. */
function splitsText(model: ReferenceModel, tree: number): string {
  return model.trees[tree]!.nodes.flatMap(({ node, split }) => {
    const known = split === undefined ? undefined : model.splits[split.owner]![split.split]!
    return known === undefined ? [] : [`${node}:${known.column}≤${known.cell}`]
  }).join(' ')
}

function signed(sample: TreeSample, signs: readonly (-1 | 0 | 1)[]): TreeSample {
  return { ...sample, columns: sample.columns.map((column, j) => ({ ...column, sign: signs[j] ?? 0 })) }
}

// Worked out once by xgboost 3.2.0 (tree_method hist, max_bin 256, on cell numbers, base_score the weighted mean, γ twice
// ours): splits of the fifth tree, margins of the first rows and the sum of all. Signs only on columns without missing
// values: we leave a split of all values against no value free, XGBoost does not.
const XGBOOST: readonly {
  readonly objective: Objective
  readonly params: Partial<BoostParams>
  readonly signs?: readonly (-1 | 0 | 1)[]
  readonly splits: string
  readonly margins: readonly number[]
  readonly sum: number
}[] = [
  {
    objective: 'logistic',
    params: {},
    splits: '0:0≤8 1:1≤6 2:4≤4 3:3≤7 4:3≤7 5:1≤9 6:4≤6',
    margins: [0.70255, -1.32739, 1.20879, 0.86016, 0.74387, 0.18161],
    sum: 57.783,
  },
  {
    objective: 'squared',
    params: {},
    splits: '0:0≤3 1:2≤3 2:1≤6 3:3≤7 4:3≤7 5:2≤3 6:3≤7',
    margins: [1.35544, -0.82889, 1.7771, 1.51016, 1.51016, 0.60222],
    sum: 878.851,
  },
  {
    objective: 'poisson',
    params: { maxDeltaStep: 0.7 },
    splits: '0:1≤6 1:0≤4 2:0≤4 3:5≤3 4:3≤7 5:5≤11 6:3≤10',
    margins: [-0.14858, -0.70435, 0.78715, 0.24049, 0.07209, -0.41776],
    sum: -367.72,
  },
  {
    objective: 'logistic',
    params: {},
    signs: [-1, 0, 1, 0, 1, 0],
    splits: '0:1≤6 1:3≤7 2:3≤1 3:1≤6 4:2≤3 5:2≤8 6:5≤10',
    margins: [0.16499, -0.73282, 1.4354, 0.38773, 0.30176, 0.55378],
    sum: 54.983,
  },
  {
    objective: 'logistic',
    params: { depth: 5, gamma: 1.5, lambda: 0.5, minChildWeight: 8 },
    splits: '0:1≤6 1:0≤8 2:2≤3 4:3≤7 5:5≤8 6:3≤7 11:0≤3 13:3≤2 14:5≤6 27:5≤5 28:0≤8',
    margins: [0.53327, -1.24661, 1.15081, 0.61802, 0.83314, -0.46271],
    sum: 60.208,
  },
]

for (const { objective, params, signs = [], splits, margins, sum } of XGBOOST) {
  test(`XGBoost grows the same trees: ${objective} ${JSON.stringify(params)} ${signs.join('')}`, () => {
    const model = trainReference(referenceInput(signed(treeSample(objective, 1500), signs), params))
    expect(splitsText(model, 4)).toBe(splits)
    for (const [row, margin] of margins.entries()) expect(model.margins[row]).toBeCloseTo(margin, 4)
    expect(model.margins.reduce((all, margin) => all + margin, 0)).toBeCloseTo(sum, 2)
  })
}

test('however the columns are dealt to parties, the model is the same', () => {
  const sample = treeSample('logistic', 800)
  const [one, two, four] = [1, 2, 4].map((owners) => trainReference(referenceInput(sample, {}, owners)))
  expect(two!.margins).toEqual(one!.margins)
  expect(four!.margins).toEqual(one!.margins)
  expect(new Set(four!.trees.flatMap(({ nodes }) => nodes.map(({ split }) => split?.owner)))).toContain(3)
})

for (const objective of ['logistic', 'squared', 'poisson'] as const) {
  test(`exact sums grow the trees of the unrounded ones, quantised sums nearly: ${objective}`, () => {
    const input = referenceInput(treeSample(objective, 1500), { trees: 10 }, 2)
    const [real, exact, quantised] = (['real', 'exact', 'quantised'] as const).map((precision) =>
      trainReference({ ...input, precision }),
    )
    expect(exact!.trees.map((_, tree) => splitsText(exact!, tree))).toEqual(
      real!.trees.map((_, tree) => splitsText(real!, tree)),
    )
    expect(exact!.margins).toEqual(real!.margins)
    const [lossOfReal, lossOfQuantised] = [real!.losses.at(-1)!, quantised!.losses.at(-1)!]
    expect(Math.abs(lossOfQuantised.train - lossOfReal.train)).toBeLessThan(0.01 * Math.abs(lossOfReal.train))
  })
}

test('whichever way round hosts show their cells, the training rows fall into the same leaves', () => {
  const input = referenceInput(treeSample('logistic', 1500), {}, 3, { precision: 'exact' })
  const shown = trainReference({ ...input, falling: (tree, owner, column) => owner > 0 && (tree + column) % 2 === 0 })
  const plain = trainReference(input)
  for (const row of input.trainRows) expect(shown.margins[row]).toBeCloseTo(plain.margins[row]!, 12)
})

test('predicting from the sides of all splits gives the margins of training', () => {
  const input = referenceInput(treeSample('poisson', 600), { maxDeltaStep: 0.7 }, 3)
  const model = trainReference(input)
  const sides = ({ owner, split }: SplitRef) => {
    const known = model.splits[owner]![split]!
    return sidesOf(known, input.columns[owner]![known.column]!)
  }
  expect(predictMargins(model.start, model.trees, 600, sides)).toEqual(model.margins)
})

test('a column with a sign moves the margin one way only, everything else being equal', () => {
  const sample = signed(treeSample('logistic', 1500), [-1, 0, 0, 1, 0, 0]) // the sample's own effect of column 0 is positive
  const input = referenceInput(sample, { trees: 20, depth: 4 })
  const model = trainReference(input)
  const columns = sample.columns.map((column) => ({ ...column, cells: new Uint8Array(12).fill(4) }))
  for (const [j, sign] of [
    [0, -1],
    [3, 1],
  ] as const) {
    const swept = columns.map((column, i) =>
      i === j ? { ...column, cells: Uint8Array.from({ length: 12 }, (_, c) => c) } : column,
    )
    const margins = predictMargins(model.start, model.trees, 12, ({ split }) => {
      const known = model.splits[0]![split]!
      return sidesOf(known, swept[known.column]!)
    })
    for (let cell = 1; cell < 12; cell++) expect(sign * (margins[cell]! - margins[cell - 1]!)).toBeGreaterThanOrEqual(0)
  }
})

test('no leaf has fewer rows than the floor, and the rows of the leaves are those that were trained on', () => {
  const input = referenceInput(treeSample('logistic', 1000), { minLeafRows: 60, depth: 6, minChildWeight: 0 }, 2)
  const model = trainReference(input)
  for (const { nodes } of model.trees) {
    const leaves = nodes.filter(({ split }) => split === undefined)
    expect(Math.min(...leaves.map(({ rows }) => rows))).toBeGreaterThanOrEqual(60)
    expect(leaves.reduce((sum, { rows }) => sum + rows, 0)).toBe(800)
  }
})

test('the first trees split on the columns of the guest only', () => {
  const model = trainReference(referenceInput(treeSample('logistic', 800), { guestFirst: 2, trees: 4 }, 2))
  const owners = model.trees.map(({ nodes }) => Math.max(...nodes.map(({ split }) => split?.owner ?? 0)))
  expect(owners).toEqual([0, 0, 1, 1])
})

test('early stopping keeps the trees up to the least hold-out loss', () => {
  const params = { trees: 200, depth: 5, learningRate: 0.6, earlyStopping: { rounds: 4 } }
  const { trees, losses } = trainReference(referenceInput(treeSample('logistic', 500), params))
  const least = Math.min(...losses.map(({ holdout }) => holdout))
  expect(losses.length).toBeLessThan(200)
  expect(losses.length).toBe(trees.length + 4)
  expect(losses[trees.length - 1]!.holdout).toBe(least)
})

test('samples of rows, of columns and by gradient lose little, and are the same again', () => {
  const sample = treeSample('logistic', 2000)
  const loss = (params: Partial<BoostParams>) => {
    const input = referenceInput(sample, { trees: 15, ...params }, 2)
    const [first, again] = [trainReference(input), trainReference(input)]
    expect(again.margins).toEqual(first.margins)
    return first.losses.at(-1)!.holdout
  }
  const all = loss({})
  for (const params of [{ rowSample: 0.7 }, { columnSample: 0.5 }, { goss: { top: 0.2, other: 0.2 } }] as const) {
    const sampled = loss(params)
    expect(sampled).not.toBe(all)
    expect(Math.abs(sampled - all)).toBeLessThan(0.04)
  }
})

test('a row without weight changes nothing', () => {
  const sample = treeSample('logistic', 600)
  const input = referenceInput(sample)
  const weights = sample.weights.map((weight, row) => (row % 7 === 0 ? 0 : weight))
  const dropped = { ...input, weights, trainRows: input.trainRows.filter((row) => row % 7 !== 0) }
  expect(trainReference({ ...input, weights }).margins).toEqual(trainReference(dropped).margins)
})

test('refuses one class, a cell that is not there, and settings outside their limits', () => {
  const sample = treeSample('logistic', 100)
  const refused = expect.objectContaining({ code: 'boost.invalid' })
  expect(() => trainReference(referenceInput({ ...sample, labels: new Float64Array(100) }))).toThrow(refused)
  expect(() => trainReference(referenceInput({ ...sample, labels: new Float64Array(100).fill(0.5) }))).toThrow(refused)
  const columns = [{ ...sample.columns[0]!, valueCells: 3 }]
  expect(() => trainReference(referenceInput({ ...sample, columns }))).toThrow(refused)
  for (const params of [
    { depth: 7 },
    { bins: 64 },
    { trees: 1.5 },
    { learningRate: Number.NaN },
    { goss: { top: 0.6, other: 0.6 } },
    { goss: { top: 0.1, other: 0.1 }, rowSample: 0.5 },
    { earlyStopping: { rounds: 0 } },
  ])
    expect(() => trainReference(referenceInput(sample, params)), JSON.stringify(params)).toThrow(refused)
  expect(() => trainReference(referenceInput(sample, DEFAULT_BOOST))).not.toThrow()
})

test('showing a column falling twice shows it as it was', () => {
  for (const column of treeSample('logistic', 50).columns)
    expect(falling(falling(column))).toEqual({ ...column, sign: column.sign })
})
