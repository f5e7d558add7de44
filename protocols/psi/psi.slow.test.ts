// Sets that need several parts of points and of positions, and many chunks of the pool.
import { expect, test } from 'vitest'
import { MemoryNetwork } from '#protocols/core/memory.ts'
import { align, idsFrom, inputOf } from './in-memory.ts'
import { POSITIONS_PER_PART } from './params.ts'

test('40,000 ids against 40,000 with 33,000 in common', async () => {
  const guest = idsFrom('c', 0, 40_000)
  const host = idsFrom('c', 7_000, 47_000)
  const network = new MemoryNetwork()
  const [ofGuest, ofHost] = await align(
    [guest, host].map((ids) => inputOf(ids, { bucket: 4096 })),
    network,
  )
  const rows = Array.from(ofGuest?.order ?? [], (i) => guest[i] as string)
  expect(Array.from(ofHost?.order ?? [], (i) => host[i] as string)).toEqual(rows)
  expect(rows.toSorted()).toEqual(guest.slice(7_000).toSorted())
  expect(rows.length).toBeGreaterThan(POSITIONS_PER_PART)
  expect(network.transcript.filter((message) => message.step === 'positions').map((message) => message.part)).toEqual([
    0, 1,
  ])
})
