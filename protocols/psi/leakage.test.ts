// What each role's transcript contains, with positive controls that leak on purpose and are caught.
import { createHash } from 'node:crypto'
import { describe, expect, test } from 'vitest'
import { domainTag, hashToPoints, POINT_BYTES } from '#crypto/psi/points.ts'
import { NORMALISATION_VERSION } from '#protocols/core/ids.ts'
import { MemoryNetwork, type WireMessage } from '#protocols/core/memory.ts'
import { points, positions } from './bodies.ts'
import { align, HOSTS, idsFrom, inputOf } from './in-memory.ts'

async function transcriptOf(sets: readonly (readonly string[])[]): Promise<readonly WireMessage[]> {
  const network = new MemoryNetwork()
  await align(
    sets.map((ids) => inputOf(ids)),
    network,
  )
  return network.transcript
}

const seenBy = (party: string, transcript: readonly WireMessage[]) =>
  transcript.filter((message) => message.to === party)
/** After the agreement, which tells in whole percents how the ids of a side are spelled. */
const shapeOfView = (view: readonly WireMessage[]) =>
  view
    .filter((message) => message.round > 0)
    .map(({ from, step, part, bytes }) => `${from} ${step} ${part} ${bytes.length}`)

/** Ids that a dictionary finds in these messages: as text, as a plain digest, or as a point under no exponent. */
function dictionaryHits(view: readonly WireMessage[], dictionary: readonly string[]): string[] {
  const text = Buffer.concat(view.map((message) => message.bytes)).toString('latin1')
  const tag = domainTag(['id', 'memory-job', 'memory-task', String(NORMALISATION_VERSION), 'plain'])
  const plain = hashToPoints(tag, dictionary)
  return dictionary.filter((id, i) =>
    [
      Buffer.from(id),
      createHash('sha256').update(id).digest(),
      plain.subarray(i * POINT_BYTES, (i + 1) * POINT_BYTES),
    ].some((trace) => text.includes(Buffer.from(trace).toString('latin1'))),
  )
}

const COMMON = idsFrom('common', 0, 70)
const GUEST = [...COMMON, ...idsFrom('guest-only', 0, 40)]
const HOST = [...COMMON, ...idsFrom('host-only', 0, 30)]

describe('no message holds an id', () => {
  test('as text, digest or bare point', async () => {
    const transcript = await transcriptOf([GUEST, HOST])
    expect(dictionaryHits(transcript, [...new Set([...GUEST, ...HOST])])).toEqual([])
  })

  test.each(['text', 'digest', 'point'])('and the check finds one that leaks as %s', async (leak) => {
    const id = 'guest-only-7'
    const tag = domainTag(['id', 'memory-job', 'memory-task', String(NORMALISATION_VERSION), 'plain'])
    const traces: Record<string, Uint8Array> = {
      text: Buffer.from(id),
      digest: createHash('sha256').update(id).digest(),
      point: points.encode(hashToPoints(tag, ['x', id])),
    }
    const transcript = await transcriptOf([GUEST, HOST])
    const leaked = { ...(transcript[3] as WireMessage), bytes: traces[leak] as Uint8Array }
    expect(dictionaryHits([...transcript, leaked], GUEST)).toEqual([id])
  })
})

describe("a host's view", () => {
  test('has the same shape whatever else the guest has, within a bucket', async () => {
    const others = [...COMMON, ...idsFrom('someone-else', 0, 57)]
    const one = seenBy('tax', await transcriptOf([GUEST, HOST]))
    const two = seenBy('tax', await transcriptOf([others, HOST]))
    expect(shapeOfView(one)).toEqual(shapeOfView(two))
  })

  test('and the check sees a guest whose set is not padded to the same size', async () => {
    const more = [...COMMON, ...idsFrom('someone-else', 0, 70)]
    const one = seenBy('tax', await transcriptOf([GUEST, HOST]))
    const two = seenBy('tax', await transcriptOf([more, HOST]))
    expect(shapeOfView(one)).not.toEqual(shapeOfView(two))
  })

  test('tells what all parties have, not what the guest and this host have', async () => {
    const social = [...idsFrom('common', 10, 70), ...idsFrom('social-only', 0, 20)]
    const transcript = await transcriptOf([GUEST, HOST, social])
    for (const host of HOSTS.slice(0, 2)) {
      const released = seenBy(host, transcript).filter((message) => message.step === 'positions')
      expect(released.map((message) => positions.decode(message.bytes).length)).toEqual([60])
    }
  })

  test('has nothing to link across hosts: the guest masks its ids anew for each', async () => {
    const transcript = await transcriptOf([GUEST, HOST, HOST])
    const sent = transcript.filter((message) => message.step === 'guest-points').map((m) => points.decode(m.bytes))
    const seen = sent.flatMap((set) =>
      Array.from({ length: set.length / POINT_BYTES }, (_, i) =>
        Buffer.from(set.subarray(i * 32, i * 32 + 32)).toString('hex'),
      ),
    )
    expect(new Set(seen).size).toBe(seen.length)
  })

  test('holds no message from another host', async () => {
    const transcript = await transcriptOf([GUEST, HOST, HOST])
    for (const host of HOSTS.slice(0, 2)) {
      expect(new Set(seenBy(host, transcript).map((message) => message.from))).toEqual(new Set(['bank']))
    }
  })
})

describe("the guest's view", () => {
  test('has the same shape whatever else the host has, within a bucket', async () => {
    const other = [...COMMON, ...idsFrom('x', 0, 58)]
    const one = seenBy('bank', await transcriptOf([GUEST, HOST]))
    const two = seenBy('bank', await transcriptOf([GUEST, other]))
    expect(shapeOfView(one)).toEqual(shapeOfView(two))
  })
})

describe('two tasks over the same sets', () => {
  test('have no point in common', async () => {
    const pointsOf = (transcript: readonly WireMessage[]) =>
      transcript.filter((message) => message.kind === 'psi-points').map((m) => Buffer.from(m.bytes).toString('hex'))
    const [one, two] = [await transcriptOf([GUEST, HOST]), await transcriptOf([GUEST, HOST])]
    const chunks = (hex: string) => hex.slice(-POINT_BYTES * 128).match(/.{64}/g) ?? []
    const seen = new Set(pointsOf(one).flatMap(chunks))
    expect(
      pointsOf(two)
        .flatMap(chunks)
        .filter((point) => seen.has(point)),
    ).toEqual([])
  })
})

test('positions come in an order that does not follow the ids of the host', async () => {
  const network = new MemoryNetwork()
  const [, host] = await align([inputOf(GUEST), inputOf(HOST)], network)
  const order = [...(host?.order ?? [])]
  const ascents = order.filter((row, i) => i > 0 && row > (order[i - 1] as number)).length
  // 69 neighbours: a sorted list has 69 ascents, a random one 34.5 ± 2.4
  expect(ascents).toBeGreaterThan(34.5 - 8 * 2.4)
  expect(ascents).toBeLessThan(34.5 + 8 * 2.4)
})
