// A guest that sends powers of two in the place of gradients: what it reads, and how it is found.
import { afterAll, beforeAll, expect, test } from 'vitest'
import { HePool } from '#crypto/he/pool.ts'
import { MemoryNetwork, type MemoryParty, memoryVault, runInMemory, type WireMessage } from '#protocols/core/memory.ts'
import type { TaskVault } from '#protocols/core/contract.ts'
import { auditTree, type TreeClaim, type TreeEvidence } from './audit.ts'
import { ciphertexts, layout } from './bodies.ts'
import { growTree } from './guest-tree.ts'
import { openGuest } from './guest.ts'
import type { GuestState } from './guest-state.ts'
import { rowsPerBlock, setOf, shownCells } from './layout.ts'
import { offerColumns, ownedColumns } from './owner-columns.ts'
import type { GuestInput, GuestOutput } from './params.ts'
import { makeSample, partiesOf, type SampleOptions, seedOf } from './sample.ts'
import { keysOfTree } from './tree-keys.ts'

let pool: HePool
beforeAll(async () => {
  pool = await HePool.open({ workers: 2 })
})
afterAll(() => pool[Symbol.asyncDispose]())

const ROWS = 1500
const SMALL: SampleOptions = {
  sets: [{ name: 'train', rows: ROWS }],
  widths: [1, 2],
  boost: { depth: 3, trees: 1, bins: 4 },
}
/** Rows that the guest wants to know the cells of. */
const BITS = 50
const TARGETS = Array.from({ length: BITS }, (_, i) => 7 + 20 * i)
/** So few columns are summed four cells at a time. */
const PER_BLOCK = rowsPerBlock({ windows: 4 })

/** A pool that puts other values into the ciphertexts of rows, and keeps what it opens. */
function dishonestPool(change: (values: Float64Array) => Float64Array, opened: Float64Array[]): HePool {
  return new Proxy(pool, {
    get: (target, name) => {
      if (name === 'encryptRows') {
        return (key: Parameters<HePool['encryptRows']>[0], values: Float64Array) =>
          target.encryptRows(key, change(values))
      }
      if (name === 'decryptSums') {
        return async (...rest: Parameters<HePool['decryptSums']>) => {
          const place = opened.push(new Float64Array()) - 1 // as asked for: answers open side by side, in any order
          opened[place] = await target.decryptSums(...rest)
          return opened[place]
        }
      }
      const known = Reflect.get(target, name, target)
      return typeof known === 'function' ? known.bind(target) : known
    },
  })
}

/** One run with a guest of this pool. @returns what the host received, and the vault of the guest */
async function runWith(guestPool: HePool): Promise<{ said: WireMessage[]; vault: TaskVault; output?: GuestOutput }> {
  const sample = makeSample(SMALL)
  const [guest, ...hosts] = partiesOf(pool, sample)
  const vault = { ...memoryVault(), seed: async () => seedOf(0) }
  const network = new MemoryNetwork()
  const parties: MemoryParty[] = [{ ...guest!, program: openGuest(guestPool) as never, vault }, ...hosts]
  // the dishonest guest's own check of its sums fails: it has what it wanted by then
  const outputs = await runInMemory(parties, network).catch(() => undefined)
  const output = outputs?.get('bank') as GuestOutput | undefined
  return { said: network.transcript, vault, ...(output !== undefined && { output }) }
}

async function claimOf(
  { vault }: { vault: TaskVault },
  grown: Pick<TreeClaim, 'grown' | 'sidesOf'>,
): Promise<TreeClaim> {
  const { guest } = makeSample(SMALL)
  const keys = await keysOfTree({ pool, vault, tree: 0 }, guest)
  const margins = new Float64Array(ROWS).fill(startOf(guest))
  return { input: guest, keys, seed: seedOf(0), tree: 0, margins, ...grown }
}

function startOf({ labels }: GuestInput): number {
  const mean = labels.reduce((sum, label) => sum + label, 0) / labels.length
  return Math.log(mean / (1 - mean))
}

function evidenceOf(said: readonly WireMessage[]): TreeEvidence {
  const bodies = <Body>(step: string, codec: { decode(bytes: Uint8Array): Body }) =>
    said.filter((message) => message.step === step && message.to === 'tax').map(({ bytes }) => codec.decode(bytes))
  return { rows: bodies('rows', ciphertexts), layouts: bodies('layout', layout) }
}

/** The honest tree of the sample, with the sides that the audit needs. */
async function honestTree() {
  const sample = makeSample(SMALL)
  const network = new MemoryNetwork()
  const parties = partiesOf(pool, sample)
  const vault = { ...memoryVault(), seed: async () => seedOf(0) }
  let grown: Awaited<ReturnType<typeof growTree>> | undefined
  const guest = openGuest(pool)
  const watched = {
    ...guest,
    round: async (...[task, input, state, round]: Parameters<typeof guest.round>) => {
      const columns = ownedColumns({ ...input, known: () => true, counts: () => true })
      const seed = await task.vault.seed('trees')
      grown = await growTree({ task, pool, input, columns, state: state as GuestState, seed, round })
      throw new Error('seen')
    },
  }
  await runInMemory([{ ...parties[0]!, program: watched as never, vault }, ...parties.slice(1)], network).catch(() => 0)
  return { grown: { grown: grown!.tree, sidesOf: grown!.sidesOf }, said: network.transcript, vault }
}

test('the rows of an honest guest are what its model and labels give; one changed row is found', async () => {
  const { grown, said, vault } = await honestTree()
  const claim = await claimOf({ vault }, grown)
  const honest = await auditTree(pool, evidenceOf(said), claim)
  expect(honest).toEqual({ streams: 1 + 1 + 2, rows: 4 * ROWS, findings: [] })
  // another label at one row: all that this row carries is wrong
  const labels = claim.input.labels.slice()
  labels[5] = 1 - labels[5]!
  const lied = await auditTree(pool, evidenceOf(said), { ...claim, input: { ...claim.input, labels } })
  expect(lied.findings.length).toBeGreaterThan(0)
})

test('powers of two tell the cells of 50 rows and of no more, and the audit finds them', async () => {
  const opened: Float64Array[] = []
  let blocks = 0
  const crafted = (values: Float64Array) => {
    const first = blocks++ * PER_BLOCK
    return values.map((_, i) => 2 ** TARGETS.indexOf(first + i)).map((value) => (value < 1 ? 0 : value))
  }
  const { said, vault } = await runWith(dishonestPool(crafted, opened))
  expect(evidenceOf(said).layouts[0]).toEqual([4])
  // the sums of the root over the first column: each target's bit is in the cell of the target
  const [sums] = opened
  const { cells, shown } = offerColumns(hostColumns(), makeSample(SMALL).guest, seedOf(1), 0)[0]!
  for (const [bit, row] of TARGETS.entries()) {
    const heard = [...sums!.subarray(0, shownCells(shown))].map((sum) => Math.floor(sum / 2 ** bit) % 2)
    expect(heard.map((one, cell) => (one === 1 ? cell : -1)).filter((cell) => cell >= 0)).toEqual([cells[row]])
  }
  // and there is no room for another bit
  const [key] = await keysOfTree({ pool, vault, tree: 0 }, makeSample(SMALL).guest)
  expect(setOf(makeSample(SMALL).guest.sets).modulus).toBe(2 ** BITS)
  await expect(pool.encryptRows(key!, Float64Array.of(2 ** BITS))).rejects.toMatchObject({ code: 'he.range' })

  const { grown } = await honestTree()
  const claim = await claimOf({ vault }, grown)
  const report = await auditTree(pool, evidenceOf(said), { ...claim, input: rootOnly() })
  expect(report.findings).toHaveLength(1)
  expect(report.findings[0]!.rows).toEqual(expect.arrayContaining(TARGETS))
})

function hostColumns() {
  return ownedColumns({ ...makeSample(SMALL).hosts[0]!, known: () => true, counts: () => true })
}

/** The dishonest run ends after the root: only that much was sent. */
function rootOnly(): GuestInput {
  const { guest } = makeSample(SMALL)
  return { ...guest, params: { ...guest.params, boost: { ...guest.params.boost, depth: 1 } } }
}

test('a single row that carries one step more than its gradient is found', async () => {
  let block = 0
  const shifted = (values: Float64Array) =>
    block++ === 0 ? values.map((value, row) => value + Number(row === 11)) : values
  const { said, vault } = await runWith(dishonestPool(shifted, []))
  const { grown } = await honestTree()
  const report = await auditTree(pool, evidenceOf(said), { ...(await claimOf({ vault }, grown)), input: rootOnly() })
  expect(report.findings).toEqual([{ level: 0, stream: 0, rows: [11], strays: 0 }])
})

test('what stands behind the rows of a ciphertext is found', async () => {
  const { said, vault, grown } = await honestTree()
  const claim = await claimOf({ vault }, grown)
  const evidence = evidenceOf(said)
  const values = new Float64Array(8192)
  values[PER_BLOCK + 3] = 1
  const strayed = await pool.encryptRows(claim.keys[0]!, values)
  const rows = evidence.rows.map((part, i) => (i === 0 ? [strayed, ...part.slice(1)] : part))
  const report = await auditTree(pool, { ...evidence, rows }, claim)
  expect(report.findings).toMatchObject([{ level: 0, stream: 0, strays: 1 }])
})
