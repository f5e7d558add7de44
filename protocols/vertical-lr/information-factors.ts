// Shares of v·x for the columns x of one party: each holder of a share of v sends it encrypted, slot by slot, the owner
// of the columns multiplies and masks.
import { SLOTS, T } from '#crypto/he/params.ts'
import { expandUniform } from '#crypto/prg.ts'
import { mul, sub } from '#crypto/ring.ts'
import { openRound } from '#protocols/core/channel.ts'
import { refuseUnless } from '#protocols/core/codec.ts'
import { INFORMATION } from './information-messages.ts'
import type { InformationParty } from './information.ts'
import { receiveParts, sendParts } from './parts.ts'
import { ownKey } from './training.ts'

/** @returns this party's share of v·x for each column x of party `a` (without an intercept), if it gets one */
export async function shareOwnColumns(at: InformationParty, a: number): Promise<Float64Array[] | undefined> {
  const { plan, self, share, columns } = at
  const count = plan.widths[a]! - (a === 0 ? 1 : 0)
  let own: Float64Array[] | undefined
  if (self === a) {
    // What it can multiply in the clear, less the masks of what the holders get.
    own = columns.map((column) => (share === undefined ? new Float64Array(plan.rows) : mul(asResidues(column), share)))
  }
  for (const holder of [0, 1]) {
    if (holder === a) continue
    if (self === holder) own = await receiveFactors(at, a, count)
    else if (self === a) {
      const masks = await answerFactors(at, holder, count)
      own = own!.map((vector, j) => sub(vector, masks[j]!))
    }
  }
  return own
}

function asResidues(column: Int32Array): Float64Array {
  return Float64Array.from(column, (value) => (value < 0 ? value + T : value))
}

/** The holder's side, a key for as many columns as its flooding covers. */
async function receiveFactors(at: InformationParty, a: number, count: number): Promise<Float64Array[]> {
  const { task, pool, plan, self } = at
  const share = at.share!
  const channel = openRound(INFORMATION, 'holder', 'owner', task.channel(at.parties[a]!), at.round)
  const vectors: Float64Array[] = []
  for (let first = 0; first < count; first += plan.columnsPerKey) {
    const some = Math.min(plan.columnsPerKey, count - first)
    const part = at.numbers.take('factor-key', self, a)
    const key = await ownKey(task, pool, 'score', `information/${a}/${part}`)
    const keyId = key.publicKey.id
    await channel.send('factor-key', () => key.publicKey.wire, { part, keyId })
    for (let from = 0; from < plan.blocks; from++) {
      const rows = share.subarray(from * SLOTS, (from + 1) * SLOTS)
      const number = at.numbers.take('factor-share', self, a)
      await channel.send('factor-share', async () => [await pool.encryptSlots(key, rows)], { part: number, keyId })
    }
    const opened = Array.from({ length: some }, () => new Float64Array(plan.rows))
    for (let block = 0; block < plan.blocks; block++) {
      const answers = await receiveParts(some, () =>
        channel.receive('masked-factor', { part: at.numbers.take('masked-factor', a, self) }),
      )
      const rows = Math.min(SLOTS, plan.rows - block * SLOTS)
      const values = await Promise.all(answers.map((answer) => pool.decryptSlots(key, answer)))
      for (const [j, slots] of values.entries()) opened[j]!.set(slots.subarray(0, rows), block * SLOTS)
    }
    vectors.push(...opened)
  }
  return vectors
}

/** The owner's side. @returns its masks, one vector a column */
async function answerFactors(at: InformationParty, holder: number, count: number): Promise<Float64Array[]> {
  const { task, pool, plan, self } = at
  const channel = openRound(INFORMATION, 'owner', 'holder', task.channel(at.parties[holder]!), at.round)
  const masks = at.columns.map((_, j) => expandUniform(at.seed, `factors/${holder}/${j}`, plan.rows))
  for (let first = 0; first < count; first += plan.columnsPerKey) {
    const last = Math.min(count, first + plan.columnsPerKey)
    const wire = await channel.receive('factor-key', { part: at.numbers.take('factor-key', holder, self) })
    const key = await pool.readPublicKey('score', wire)
    for (let block = 0; block < plan.blocks; block++) {
      const part = at.numbers.take('factor-share', holder, self)
      const encrypted = await channel.receive('factor-share', { part })
      refuseUnless(encrypted.length === 1, 'one ciphertext')
      const rows = [block * SLOTS, Math.min(plan.rows, (block + 1) * SLOTS)] as const
      const factors = at.columns.slice(first, last).map((column) => [asResidues(column.subarray(...rows))])
      const products = await pool.multiplySlots(key, encrypted, factors)
      const answers = await Promise.all(
        products.map((product, j) => pool.protectSlots(key, [product], masks[first + j]!.subarray(...rows))),
      )
      await sendParts(answers.length, (_part, some) =>
        channel.send('masked-factor', () => answers.slice(...some), {
          part: at.numbers.take('masked-factor', self, holder),
          keyId: key.id,
        }),
      )
    }
  }
  return masks
}
