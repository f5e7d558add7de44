// The round of the information matrix, as every party runs it: the same loops at all, each doing its own part.
// What the parts are is said in information-plan.ts. The shares of v come from information-party.ts.
import { expandUniform } from '#crypto/prg.ts'
import { SLOTS } from '#crypto/he/params.ts'
import type { HeKeyPair, HePool, HePublicKey } from '#crypto/he/pool.ts'
import { add, dotInt, sub } from '#crypto/ring.ts'
import { openRound } from '#protocols/core/channel.ts'
import { refuseUnless } from '#protocols/core/codec.ts'
import type { TaskContext } from '#protocols/core/contract.ts'
import type { Secret } from '#runtime/secret.ts'
import { shareOwnColumns } from './information-factors.ts'
import { INFORMATION } from './information-messages.ts'
import {
  chooseVectorLayout,
  holdersOf,
  type InformationPlan,
  type VectorLayout,
  vectorsIn,
} from './information-plan.ts'
import { receiveParts, sendParts } from './parts.ts'
import { ownKey } from './training.ts'

/** One party in this round. */
export interface InformationParty {
  readonly task: TaskContext
  readonly pool: HePool
  readonly round: number
  readonly plan: InformationPlan
  /** names in job order, guest first */
  readonly parties: readonly string[]
  readonly self: number
  readonly seed: Secret
  /** own columns of the rows of the plan, with COLUMN_BITS; of the guest without its intercept */
  readonly columns: readonly Int32Array[]
  /** products of two own columns, with PRODUCT_BITS: (0,0), (1,0), (1,1), (2,0) …; of the guest with its intercept */
  readonly products: readonly Int32Array[]
  /** own share of v, at guest and pivot */
  readonly share: Float64Array | undefined
  /** numbers the parts of each step to each peer */
  readonly numbers: PartNumbers
  /** the holders' keys of the vectors */
  readonly keys: Map<number, HePublicKey>
}

/** Steps are said several times in the round, in the same order at both ends: their parts are numbered through. */
export class PartNumbers {
  readonly #next = new Map<string, number>()

  take(step: string, from: number, to: number): number {
    const name = `${step} ${from} ${to}`
    const number = this.#next.get(name) ?? 0
    this.#next.set(name, number + 1)
    return number
  }
}

/** Vectors whose shares are known to `holders`, as one party sees them. */
interface Stack {
  readonly count: number
  readonly holders: readonly number[]
  readonly receivers: readonly number[]
  /** own share of each vector, if this party is a holder */
  readonly own: readonly Float64Array[] | undefined
  /** what the receivers multiply with: products of two own columns, or columns */
  readonly kind: 'products' | 'columns'
  readonly layout: VectorLayout
}

/** Called at the guest with each block of sums: `vectors` × `columns` residues, row-major. */
export type Collect = (block: InformationBlock) => void

export interface InformationBlock {
  /** the party whose vectors they are; undefined: v itself */
  readonly vectorsOf: number | undefined
  readonly columnsOf: number
  readonly values: Float64Array
}

/** @param collect at the guest only */
export async function multiplyInformation(at: InformationParty, collect?: Collect): Promise<void> {
  const { parties, plan, share } = at
  const last = parties.length - 1
  const sizes = plan.widths.map((width) => (width * (width + 1)) / 2)
  const everybody = parties.map((_, party) => party)
  await multiplyStack(at, undefined, collect, {
    count: 1,
    holders: [0, 1],
    receivers: everybody,
    own: share === undefined ? undefined : [share],
    kind: 'products',
    layout: chooseVectorLayout(plan.rows, 1, sizes),
  })
  for (let a = 0; a < last; a++) {
    const factors = await shareOwnColumns(at, a)
    const own = a === 0 && share !== undefined && factors !== undefined ? [...factors, share] : factors
    const receivers = everybody.slice(a + 1)
    const widths = receivers.map((party) => plan.widths[party]!)
    const count = plan.widths[a]!
    const layout = chooseVectorLayout(plan.rows, count, widths)
    await multiplyStack(at, a, collect, { count, holders: holdersOf(a), receivers, own, kind: 'columns', layout })
    at.task.progress({ phase: 'information', done: a + 1, total: last, unit: 'blocks' })
  }
}

/** Every holder encrypts its share of the vectors, every receiver multiplies, and the guest gets the sums. */
async function multiplyStack(
  at: InformationParty,
  vectorsOf: number | undefined,
  collect: Collect | undefined,
  stack: Stack,
): Promise<void> {
  const { self } = at
  const received = new Map<number, Vectors>()
  for (const holder of stack.holders) {
    if (holder === self) await sendVectors(at, stack, stack.own!)
    else if (stack.receivers.includes(self)) received.set(holder, await receiveVectors(at, stack, holder))
  }
  for (const receiver of stack.receivers) {
    const sums: Float64Array[] = []
    if (self === receiver) sums.push(await answerHolders(at, stack, received))
    for (const holder of stack.holders) {
      if (holder === receiver) continue
      if (self === holder) {
        const opened = await openAnswers(at, stack, receiver)
        if (self === 0) sums.push(opened)
        else await sendToGuest(at, opened)
      } else if (self === 0) {
        sums.push(await guestReceives(at, holder, 'opened-products', resultSize(at, stack, receiver)))
      }
    }
    if (self === 0 && receiver !== 0)
      sums.push(await guestReceives(at, receiver, 'information-block', resultSize(at, stack, receiver)))
    if (self === 0) collect?.({ vectorsOf, columnsOf: receiver, values: sums.reduce((a, b) => add(a, b)) })
    else if (self === receiver) await releaseBlock(at, sums[0]!)
  }
}

/** The holder's side: its share of all vectors, chunk by chunk, to every receiver but itself. */
async function sendVectors(at: InformationParty, stack: Stack, own: readonly Float64Array[]): Promise<void> {
  const { task, pool, plan, self } = at
  const { layout, count } = stack
  const receivers = stack.receivers.filter((receiver) => receiver !== self)
  if (receivers.length === 0) return
  const key = await vectorKey(at)
  const keyId = key.publicKey.id
  for (const receiver of receivers) {
    if (at.numbers.take('vector-key', self, receiver) > 0) continue
    const channel = openRound(INFORMATION, 'holder', 'owner', task.channel(at.parties[receiver]!), at.round)
    await channel.send('vector-key', () => key.publicKey.wire, { keyId })
  }
  for (let chunk = 0; chunk < layout.chunks; chunk++) {
    const vectors = vectorsIn(layout, count, chunk)
    const some = own.slice(chunk * layout.vectors, chunk * layout.vectors + vectors)
    const stride = layout.rowsPerBlock * Math.floor(SLOTS / (layout.rowsPerBlock * vectors))
    await sendParts(layout.blocks, async (_part, [first, end]) => {
      const encrypted = Promise.all(
        Array.from({ length: end - first }, (_, i) => {
          const from = (first + i) * layout.rowsPerBlock
          return pool.encryptCoefficients(key, packVectors(some, from, plan.rows, layout.rowsPerBlock, stride))
        }),
      )
      for (const receiver of receivers) {
        const channel = openRound(INFORMATION, 'holder', 'owner', task.channel(at.parties[receiver]!), at.round)
        const part = at.numbers.take('vector-share', self, receiver)
        await channel.send('vector-share', () => encrypted, { part, keyId })
      }
      await encrypted
    })
  }
}

/** Rows from … of each vector, vector after vector at `stride`. */
function packVectors(
  vectors: readonly Float64Array[],
  from: number,
  rows: number,
  rowsPerBlock: number,
  stride: number,
): Float64Array {
  const packed = new Float64Array(SLOTS)
  for (const [v, vector] of vectors.entries())
    packed.set(vector.subarray(from, Math.min(rows, from + rowsPerBlock)), v * stride)
  return packed
}

/** A holder's key, and its ciphertexts chunk by chunk. */
interface Vectors {
  readonly key: HePublicKey
  readonly chunks: readonly (readonly Uint8Array[])[]
}

/** The receiver's side of sendVectors. */
async function receiveVectors(at: InformationParty, { layout }: Stack, holder: number): Promise<Vectors> {
  const { task, pool, self } = at
  const channel = openRound(INFORMATION, 'owner', 'holder', task.channel(at.parties[holder]!), at.round)
  const key = at.keys.get(holder) ?? (await pool.readPublicKey('gradient', await channel.receive('vector-key')))
  at.keys.set(holder, key)
  const chunks: Uint8Array[][] = []
  for (let chunk = 0; chunk < layout.chunks; chunk++) {
    chunks.push(
      await receiveParts(layout.blocks, () =>
        channel.receive('vector-share', { part: at.numbers.take('vector-share', holder, self) }),
      ),
    )
  }
  return { key, chunks }
}

/** Products with every holder's share. @returns what the holders' openings lack: products with its own share, less its masks */
async function answerHolders(
  at: InformationParty,
  stack: Stack,
  received: ReadonlyMap<number, Vectors>,
): Promise<Float64Array> {
  const columns = stack.kind === 'products' ? at.products : at.columns
  const { own } = stack
  let lacking = Float64Array.from({ length: stack.count * columns.length }, (_, i) =>
    own === undefined ? 0 : dotInt(columns[i % columns.length]!, own[Math.floor(i / columns.length)]!),
  )
  for (const [holder, vectors] of received)
    lacking = Float64Array.from(sub(lacking, await answerHolder(at, stack, holder, vectors, columns)))
  return lacking
}

/** @returns the masks */
async function answerHolder(
  at: InformationParty,
  { layout, count }: Stack,
  holder: number,
  { key, chunks }: Vectors,
  columns: readonly Int32Array[],
): Promise<Float64Array> {
  const { task, pool, self } = at
  const channel = openRound(INFORMATION, 'owner', 'holder', task.channel(at.parties[holder]!), at.round)
  const masks = new Float64Array(count * columns.length)
  for (const [chunk, ciphertexts] of chunks.entries()) {
    const vectors = vectorsIn(layout, count, chunk)
    const perAnswer = Math.floor(SLOTS / (layout.rowsPerBlock * vectors))
    const windows = vectors === 1 ? columns.length : Math.ceil(columns.length / perAnswer) * perAnswer * vectors
    const number = at.numbers.take('chunk', holder, self)
    const chunkMasks = expandUniform(at.seed, `products/${holder}/${number}`, windows)
    const answers = await pool.innerProducts(key, ciphertexts, columns, layout.rowsPerBlock, chunkMasks, vectors)
    placeWindows(chunkMasks, masks, vectors, perAnswer, columns.length, chunk * layout.vectors)
    await sendParts(answers.length, (_part, some) =>
      channel.send('masked-products', () => answers.slice(...some), {
        part: at.numbers.take('masked-products', self, holder),
        keyId: key.id,
      }),
    )
  }
  return masks
}

/** The holder's side again: opens the receiver's answers. @returns count × columns sums, masked by the receiver */
async function openAnswers(
  at: InformationParty,
  { layout, count, kind }: Stack,
  receiver: number,
): Promise<Float64Array> {
  const { task, pool, self } = at
  const channel = openRound(INFORMATION, 'holder', 'owner', task.channel(at.parties[receiver]!), at.round)
  const columns = columnCount(at, kind, receiver)
  const key = await vectorKey(at)
  const sums = new Float64Array(count * columns)
  for (let chunk = 0; chunk < layout.chunks; chunk++) {
    const vectors = vectorsIn(layout, count, chunk)
    const perAnswer = Math.floor(SLOTS / (layout.rowsPerBlock * vectors))
    const answers = Math.ceil(columns / perAnswer)
    const received = await receiveParts(answers, () =>
      channel.receive('masked-products', { part: at.numbers.take('masked-products', receiver, self) }),
    )
    const opened = await Promise.all(
      received.map((answer, a) => {
        const windows = vectors === 1 ? Math.min(perAnswer, columns - a * perAnswer) : perAnswer * vectors
        return pool.decryptInnerProducts(key, answer, layout.rowsPerBlock, windows)
      }),
    )
    const flat = Float64Array.from(opened.flatMap((values) => [...values]))
    placeWindows(flat, sums, vectors, perAnswer, columns, chunk * layout.vectors)
  }
  return sums
}

/** Windows in the order of the answers into the order vector by column. */
function placeWindows(
  windows: Float64Array,
  into: Float64Array,
  vectors: number,
  perAnswer: number,
  columns: number,
  firstVector: number,
): void {
  for (let v = 0; v < vectors; v++) {
    for (let column = 0; column < columns; column++) {
      const answer = Math.floor(column / perAnswer)
      const window = answer * perAnswer * vectors + v * perAnswer + (column % perAnswer)
      into[(firstVector + v) * columns + column] = windows[window]!
    }
  }
}

async function sendToGuest(at: InformationParty, values: Float64Array): Promise<void> {
  const channel = openRound(INFORMATION, 'holder', 'guest', at.task.channel(at.task.guest), at.round)
  await channel.send('opened-products', () => values, { part: at.numbers.take('opened-products', at.self, 0) })
}

async function releaseBlock(at: InformationParty, values: Float64Array): Promise<void> {
  const channel = openRound(INFORMATION, 'host', 'guest', at.task.channel(at.task.guest), at.round)
  const part = at.numbers.take('information-block', at.self, 0)
  await channel.send('information-block', () => values, { part, rows: at.plan.rows })
}

async function guestReceives(
  at: InformationParty,
  from: number,
  name: 'opened-products' | 'information-block',
  size: number,
): Promise<Float64Array> {
  const channel = at.task.channel(at.parties[from]!)
  const part = at.numbers.take(name, from, 0)
  const values =
    name === 'opened-products'
      ? await openRound(INFORMATION, 'guest', 'holder', channel, at.round).receive(name, { part })
      : await openRound(INFORMATION, 'guest', 'host', channel, at.round).receive(name, { part })
  refuseUnless(values.length === size, `${size} sums`)
  return values
}

function vectorKey({ task, pool }: InformationParty): Promise<HeKeyPair> {
  return ownKey(task, pool, 'gradient', 'information')
}

function columnCount({ plan }: InformationParty, kind: Stack['kind'], party: number): number {
  const width = plan.widths[party]!
  return kind === 'products' ? (width * (width + 1)) / 2 : width
}

function resultSize(at: InformationParty, { count, kind }: Stack, receiver: number): number {
  return count * columnCount(at, kind, receiver)
}
