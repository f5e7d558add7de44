// Every step tampered with, and the exact code with which the other side refuses.
import { describe, expect, test } from 'vitest'
import { POINT_BYTES, pointOfU, SMALL_ORDER_U } from '#crypto/psi/points.ts'
import { MemoryNetwork, type Tap, type WireMessage } from '#protocols/core/memory.ts'
import type { Codec } from '#protocols/core/schedule.ts'
import { type Intersection, intersection, points, positions, receipt, terms, commitment } from './bodies.ts'
import { align, idsFrom, inputOf } from './in-memory.ts'
import { LEAST_INTERSECTION, type PsiInput } from './params.ts'

const GUEST = inputOf(idsFrom('c', 0, 100))
const HOST = inputOf(idsFrom('c', 20, 130))

/** Changes the first part of a step. */
function changing<Body>(step: string, codec: Codec<Body>, change: (body: Body) => Body): Tap {
  return (message) =>
    message.step === step && message.part === 0 ? [codec.encode(change(codec.decode(message.bytes)))] : [message.bytes]
}

const run = (tap: Tap, inputs: readonly PsiInput[] = [GUEST, HOST]) => align(inputs, new MemoryNetwork(tap))

function withPoint(at: number, point: Uint8Array): (set: Uint8Array) => Uint8Array {
  return (set) => {
    const changed = Uint8Array.from(set)
    changed.set(point, at * POINT_BYTES)
    return changed
  }
}

const P = 2n ** 255n - 19n

describe('points', () => {
  test.each(['guest-points', 'host-points', 'raised-points'])(
    '%s: a point not below the prime is refused',
    async (step) => {
      for (const u of [P, P + 9n, P + 18n, 2n ** 255n + 7n]) {
        const refused = run(changing(step, points, withPoint(3, pointOfU(u))))
        await expect(refused).rejects.toMatchObject({ code: 'psi.bad-point', detail: { position: 3 } })
      }
    },
  )

  test.each(['guest-points', 'host-points', 'raised-points'])('%s: a point of small order is refused', async (step) => {
    for (const u of SMALL_ORDER_U) {
      await expect(run(changing(step, points, withPoint(5, pointOfU(u))))).rejects.toMatchObject({
        code: 'psi.bad-point',
      })
    }
  })

  test.each(['guest-points', 'host-points', 'raised-points'])('%s: a point twice is refused', async (step) => {
    const twice = (set: Uint8Array) => withPoint(7, set.slice(0, POINT_BYTES))(set)
    const detail = { first: 0, second: 7 }
    await expect(run(changing(step, points, twice))).rejects.toMatchObject({ code: 'psi.duplicate-point', detail })
  })

  test.each(['guest-points', 'host-points', 'raised-points'])(
    '%s: one point fewer or more is refused',
    async (step) => {
      const fewer = (set: Uint8Array) => set.subarray(POINT_BYTES)
      const more = (set: Uint8Array) => new Uint8Array(Buffer.concat([set, pointOfU(9n)]))
      for (const change of [fewer, more]) {
        await expect(run(changing(step, points, change))).rejects.toMatchObject({ code: 'psi.count' })
      }
    },
  )

  test.each(['guest-points', 'host-points', 'raised-points'])('%s: half a point is refused', async (step) => {
    const half = (set: Uint8Array) => set.subarray(16)
    await expect(run(changing(step, points, half))).rejects.toMatchObject({ code: 'protocol.malformed' })
  })

  test.each(['guest-points', 'host-points'])('%s: a set that is not the one committed to is refused', async (step) => {
    const other = changing(step, points, withPoint(2, pointOfU(9n)))
    await expect(run(other)).rejects.toMatchObject({ code: 'psi.commitment' })
    const swapped = (set: Uint8Array) => withPoint(0, set.slice(32, 64))(withPoint(1, set.slice(0, 32))(set))
    await expect(run(changing(step, points, swapped))).rejects.toMatchObject({ code: 'psi.commitment' })
  })
})

describe('commitments', () => {
  test.each(['guest-commitment', 'host-commitment'])(
    '%s: a count that is no multiple of the bucket is refused',
    async (step) => {
      for (const count of [0, 63, 129, 2 ** 24 + 64]) {
        const tap = changing(step, commitment, (body) => ({ ...body, count }))
        await expect(run(tap)).rejects.toMatchObject({ code: 'psi.count' })
      }
    },
  )

  test('a copy of the commitment of the other side is none', async () => {
    let first: Uint8Array | undefined
    const tap: Tap = (message) => [message.step.endsWith('-commitment') ? (first ??= message.bytes) : message.bytes]
    await expect(run(tap)).rejects.toMatchObject({ code: 'psi.commitment' })
  })

  test('a digest of another length is refused', async () => {
    const short = changing('host-commitment', commitment, (body) => ({ ...body, sha256: body.sha256.subarray(1) }))
    await expect(run(short)).rejects.toMatchObject({ code: 'protocol.malformed' })
  })
})

describe('the intersection', () => {
  const released = (change: (body: Intersection & { tooSmall: false }) => Intersection) =>
    changing('intersection', intersection, (body) => (body.tooSmall ? body : change(body)))

  test('the host refuses fewer rows than its minimum, whatever the guest says', async () => {
    const tap = released((body) => ({ ...body, count: LEAST_INTERSECTION - 1 }))
    await expect(run(tap)).rejects.toMatchObject({ code: 'psi.too-small' })
  })

  test('the host refuses more rows than it has', async () => {
    await expect(run(released((body) => ({ ...body, count: 111 })))).rejects.toMatchObject({ code: 'psi.count' })
  })

  test('the host refuses another number of positions than announced', async () => {
    await expect(run(released((body) => ({ ...body, count: 79 })))).rejects.toMatchObject({ code: 'psi.count' })
    const fewer = changing('positions', positions, (body) => body.subarray(1))
    await expect(run(fewer)).rejects.toMatchObject({ code: 'psi.count' })
  })

  test('the host refuses a position twice, outside its set, or on its padding', async () => {
    const all = new Set(Array.from({ length: 128 }, (_, i) => i))
    const twice = (body: Uint32Array) => body.map((position, i) => (i === 1 ? (body[0] as number) : position))
    const outside = (body: Uint32Array) => body.map((position, i) => (i === 1 ? 128 : position))
    // 110 of 128 positions are ids: 79 further positions name padding for sure
    const padding = (body: Uint32Array) => {
      const unnamed = [...all].filter((position) => !body.includes(position))
      return Uint32Array.from([...unnamed, ...body].slice(0, body.length))
    }
    for (const change of [twice, outside, padding]) {
      const refused = run(changing('positions', positions, change))
      await expect(refused).rejects.toMatchObject({ code: 'protocol.malformed', detail: { step: 'positions' } })
    }
  })

  test('a row key of another length is refused', async () => {
    const tap = released((body) => ({ ...body, rowKey: body.rowKey.subarray(1) }))
    await expect(run(tap)).rejects.toMatchObject({ code: 'protocol.malformed' })
  })

  test('the guest refuses a receipt for another list', async () => {
    const count = changing('receipt', receipt, (body) => ({ ...body, count: body.count - 1 }))
    await expect(run(count)).rejects.toMatchObject({ code: 'psi.count' })
    const digest = changing('receipt', receipt, (body) => ({ ...body, sha256: new Uint8Array(32) }))
    await expect(run(digest)).rejects.toMatchObject({ code: 'psi.count' })
    const key = released((body) => ({ ...body, rowKey: new Uint8Array(32) }))
    await expect(run(key)).rejects.toMatchObject({ code: 'psi.count' })
  })
})

describe('the order of steps', () => {
  const later = (message: WireMessage) => message.round === 1 && message.part === 0
  test.each(['guest-commitment', 'host-points', 'raised-points', 'guest-points'])(
    '%s twice is out of order',
    async (step) => {
      const tap: Tap = (message) =>
        later(message) && message.step === step ? [message.bytes, message.bytes] : [message.bytes]
      await expect(run(tap)).rejects.toMatchObject({ code: 'protocol.out-of-order' })
    },
  )

  test('a step left out is out of order', async () => {
    const tap: Tap = (message) => (message.step === 'guest-commitment' ? [] : [message.bytes])
    await expect(run(tap)).rejects.toMatchObject({
      code: 'protocol.out-of-order',
      detail: { expected: '1/guest-commitment/0 (control)', got: '1/guest-points/0 (psi-points)' },
    })
  })
})

describe('the agreement', () => {
  test.each([
    ['idKind', { idKind: 'uscc' }, 'idKind: plain here, uscc at tax'],
    ['minIntersection', { minIntersection: 60 }, 'minIntersection: 50 here, 60 at tax'],
    ['bucket', { bucket: 128 }, 'bucket: 64 here, 128 at tax'],
  ] as const)('another %s is refused with both values', async (_name, changes, difference) => {
    const refused = align([GUEST, { ...HOST, ...changes }])
    await expect(refused).rejects.toMatchObject({ code: 'task.params-differ', detail: { differences: [difference] } })
  })

  test.each(['protocolVersion', 'normalisationVersion', 'group'] as const)('another %s is refused', async (name) => {
    const tap = changing('host-terms', terms, (body) => ({ ...body, [name]: name === 'group' ? 'other' : 99 }))
    await expect(run(tap)).rejects.toMatchObject({
      code: 'task.params-differ',
      detail: { differences: [expect.stringContaining(`${name}: `)] },
    })
  })

  test('a shape that could be an id is refused', async () => {
    const refused = (pattern: string) =>
      changing('guest-terms', terms, (body) => ({ ...body, profile: { validPct: 1, shapes: [{ pattern, pct: 3 }] } }))
    for (const pattern of ['91110108', '', 'A'.repeat(65), '9{15} x']) {
      await expect(run(refused(pattern))).rejects.toMatchObject({ code: 'protocol.malformed' })
    }
  })

  test('bytes that do not decode are refused at every step', async () => {
    const steps = ['guest-terms', 'host-commitment', 'guest-points', 'intersection', 'positions', 'receipt']
    for (const step of steps) {
      const garbage: Tap = (message) => [message.step === step ? Uint8Array.of(0xff, 0xff, 0xff) : message.bytes]
      await expect(run(garbage), step).rejects.toMatchObject({ code: 'protocol.malformed' })
    }
  })
})

describe('the own input', () => {
  test.each([
    ['a minimum below 50', { minIntersection: 49 }, 'job.invalid'],
    ['a bucket of 63', { bucket: 63 }, 'job.invalid'],
    ['an id twice', { ids: ['a', 'b', 'a'] }, 'data.duplicate-id'],
  ] as const)('%s is refused', async (_title, changes, code) => {
    await expect(align([{ ...GUEST, ...changes }, HOST])).rejects.toMatchObject({ code })
  })
})
