// What hosts answer on a level: opened at the guest, put together over the members of a group, checked, and given to the
// growing tree.
import type { Gradients } from '#credit/trees/objective.ts'
import { type Quantised, readSums } from '#credit/trees/quantise.ts'
import type { GradientSum } from '#credit/trees/split.ts'
import { refuseUnless } from '#protocols/core/codec.ts'
import { PlatformError } from '#runtime/errors.ts'
import { streamTotals, sumMembers } from './guest-groups.ts'
import type { LevelRun, NodePass, TreeHost } from './guest-level.ts'
import { type AnswerUnit, answerParts, bundlesOf, shownCells } from './layout.ts'

/** The sums of a host, or of all members of a group, over one pass. @throws PlatformError boost.overlap, protocol.malformed */
export async function receiveSums(
  run: LevelRun,
  pass: NodePass,
  { channels, columns, counters, owner, name }: TreeHost,
): Promise<void> {
  const { task, pool, quantised, growth } = run
  const key = run.keyOf(pass)
  const { set } = key.publicKey
  const kinds = pass.streams / pass.nodes.length
  const bundles = bundlesOf(columns, pass)
  const opened = new Map<string, Float64Array[]>()
  const residues = new Map(
    pass.nodes.flatMap((node) => (node === undefined ? [] : [[node, streamTotals(quantised, growth.rowsOf(node))]])),
  )
  /** answers: of each member */
  const open = async (unit: AnswerUnit, answers: readonly (readonly Uint8Array[])[]) => {
    const node = pass.nodes[Math.floor(unit.stream / kinds)]
    if (node === undefined) return
    const members = await Promise.all(answers.map((some) => pool.decryptSums(key, some, pass.windows, unit.cells)))
    const bundle = bundles[unit.bundle]!
    const ofBundle = columns.slice(bundle.first, bundle.first + bundle.columns)
    const sums = sumMembers(set, members, ofBundle, residues.get(node)![unit.stream % kinds]!)
    let cell = 0
    for (let column = bundle.first; column < bundle.first + bundle.columns; column++) {
      const place = `${node}/${column}`
      const bothKinds = opened.get(place) ?? []
      bothKinds[unit.stream % kinds] = sums.slice(cell, (cell += shownCells(columns[column]!)))
      opened.set(place, bothKinds)
    }
  }
  for (const part of answerParts(pass, columns)) {
    task.signal.throwIfAborted()
    const address = { part: counters.sums++, keyId: key.publicKey.id }
    const answers = await Promise.all(channels.map((channel) => channel.receive('cell-sums', address)))
    const expected = part.reduce((sum, unit) => sum + unit.answers, 0)
    refuseUnless(
      answers.every(({ length }) => length === expected),
      'the answers of the part',
    )
    let at = 0
    const ofUnit = ({ answers: count }: AnswerUnit) => {
      at += count
      return answers.map((some) => some.slice(at - count, at))
    }
    await Promise.all(part.map((unit) => open(unit, ofUnit(unit))))
  }
  for (const node of pass.nodes) {
    if (node === undefined) continue
    const totals = totalsOf(quantised, growth.rowsOf(node))
    for (const [column, { missing, constrained }] of columns.entries()) {
      const sums = readSums(quantised.code, opened.get(`${node}/${column}`)!)
      refuseOverlap(sums, totals, name, column)
      growth.addSums(node, { owner, column, ...sums, missing, sign: constrained ? 1 : 0 })
    }
  }
}

/** Steps of g and h over these rows: exact integers. */
function totalsOf({ g, h }: Quantised, rows: Uint32Array): GradientSum {
  let [sumG, sumH] = [0, 0]
  for (const row of rows) {
    sumG += g[row]!
    sumH += h[row]!
  }
  return { g: sumG, h: sumH }
}

/**
 * Each row of a node is in one cell of each column: otherwise the sums are not those of a partition.
 * @throws PlatformError boost.overlap
 */
function refuseOverlap({ g, h }: Gradients, totals: GradientSum, peer: string, column: number): void {
  const sum = (values: Float64Array) => values.reduce((total, value) => total + value, 0)
  if (sum(g) !== totals.g || sum(h) !== totals.h || h.some((value) => value < 0))
    throw new PlatformError('boost.overlap', { peer, column })
}
