// The adder of one task among parties of one process: what the coordinator does with the updates of a round, without a
// network. For tests and experiments.
import { createHash } from 'node:crypto'
import { ADDER, type MessageHeader, type PartyId } from '#protocols/core/contract.ts'
import { MemoryNetwork, type MemoryParty, runInMemory } from '#protocols/core/memory.ts'
import { decodeUpdate, UpdateSum } from './adder.ts'
import type { UpdateBody } from './bodies.ts'

/** Adds up round after round, until the network ends. @param first round with a sum @param takingPart in a round */
export async function addInMemory(
  network: MemoryNetwork,
  parties: readonly PartyId[],
  first: number,
  takingPart: (round: number) => readonly PartyId[] | undefined = () => undefined,
): Promise<void> {
  for (let round = first; ; round++) {
    const update: MessageHeader = { round, step: 'update', kind: 'ciphertext', part: 0 }
    let sum: UpdateSum | undefined
    for (const party of takingPart(round) ?? parties) {
      const payload = await network.channel(ADDER, party).receive(update)
      const body: UpdateBody = decodeUpdate(payload)
      sum ??= new UpdateSum(body)
      sum.add(party, body, createHash('sha256').update(payload).digest())
    }
    const { header } = sum as UpdateSum
    const told = { ...update, step: 'sum', keyId: Buffer.from(header.label).toString('hex') }
    await network.channel(ADDER, header.opener).send(told, async () => (sum as UpdateSum).payload())
  }
}

/**
 * Runs one task with all its parties and the adder in this process. The first party is the guest.
 * @param firstSum round of the first sum: 0 for averaging, 1 for statistics
 */
export async function runWithAdder(
  parties: readonly MemoryParty[],
  firstSum: 0 | 1,
  network = new MemoryNetwork(),
  overrides: Parameters<typeof runInMemory>[2] = {},
): Promise<Map<PartyId, unknown>> {
  const ended = new Error('the task is over')
  const adder = addInMemory(
    network,
    parties.map(({ id }) => id),
    firstSum,
    overrides.takingPart,
  ).catch((error: unknown) => {
    if (error !== ended) network.fail(error)
  })
  try {
    return await runInMemory(parties, network, overrides)
  } finally {
    network.fail(ended)
    await adder
  }
}
