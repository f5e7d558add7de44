import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { HePool } from '#crypto/he/pool.ts'
import { MemoryNetwork, type MemoryParty, runInMemory, type Tap, type WireMessage } from '#protocols/core/memory.ts'
import { openGuest } from './guest.ts'
import { openHost } from './host.ts'
import { partyInputs, SAMPLE_PARAMS, sampleTables } from './sample.ts'

let pool: HePool
beforeAll(async () => {
  pool = await HePool.open({ workers: 2 })
})
afterAll(() => pool[Symbol.asyncDispose]())

const ROWS = 600
const params = { ...SAMPLE_PARAMS, rounds: 2 }
const { tables, labels } = sampleTables([2, 2, 1], ROWS)

/** The code a job of a bank and two hosts ends with when `tap` sits on the wire. */
async function codeOf(tap: Tap, change: (parties: MemoryParty[]) => void = () => undefined): Promise<string> {
  const { guest, hosts } = partyInputs(tables, labels, 480, params)
  const parties: MemoryParty[] = [
    { id: 'bank', program: openGuest(pool) as never, input: guest },
    { id: 'pivot', program: openHost(pool) as never, input: hosts[0] },
    { id: 'dealer', program: openHost(pool) as never, input: hosts[1] },
  ]
  change(parties)
  try {
    await runInMemory(parties, new MemoryNetwork(tap))
    return 'finished'
  } catch (error) {
    return (error as { code?: string }).code ?? String(error)
  }
}

/** One round of training, then that of the information matrix. */
function withErrors(parties: MemoryParty[]): void {
  for (const [i, party] of parties.entries()) {
    const input = party.input as { params: object }
    parties[i] = { ...party, input: { ...input, params: { ...input.params, rounds: 1, standardErrors: true } } }
  }
}

/** Changes the first message of a step, and lets all others through. */
function onStep(step: string, change: (message: WireMessage) => readonly Uint8Array[]): Tap {
  let done = false
  return (message) => {
    if (done || message.step !== step) return [message.bytes]
    done = true
    return change(message)
  }
}

const flipped = ({ bytes }: WireMessage, at: number): readonly Uint8Array[] => {
  const copy = Uint8Array.from(bytes)
  copy[at < 0 ? copy.length + at : at]! ^= 0x55
  return [copy]
}

test('an untouched job finishes', async () => {
  expect(await codeOf((message) => [message.bytes])).toBe('finished')
})

describe('terms', () => {
  test.each([
    ['l2', { l2: 2 }],
    ['rounds', { rounds: 3 }],
    ['harmonics', { harmonics: 5 }],
    ['kind of columns', { columns: 'woe' }],
    ['bound', { nonNegative: true }],
    ['wish for standard errors', { standardErrors: true }],
  ])('a host with another %s is refused', async (_name, other) => {
    const change = (parties: MemoryParty[]) => {
      const input = parties[1]!.input as { params: object }
      parties[1] = { ...parties[1]!, input: { ...input, params: { ...input.params, ...other } } }
    }
    expect(await codeOf((message) => [message.bytes], change)).toBe('task.params-differ')
  })

  test('a host with other rows is refused', async () => {
    const change = (parties: MemoryParty[]) => {
      parties[2] = { ...parties[2]!, input: { ...(parties[2]!.input as object), trainRows: 479, holdoutRows: 121 } }
    }
    expect(await codeOf((message) => [message.bytes], change)).toBe('task.params-differ')
  })

  test('a host that would score other rows is refused', async () => {
    const change = (parties: MemoryParty[]) => {
      parties[1] = { ...parties[1]!, input: { ...(parties[1]!.input as object), scored: [{ from: 0, to: 600 }] } }
    }
    expect(await codeOf((message) => [message.bytes], change)).toBe('task.params-differ')
  })

  test('more columns than rows can give an information matrix for are refused', async () => {
    const wide = sampleTables([4, 4, 2], ROWS)
    const { guest, hosts } = partyInputs(wide.tables, wide.labels, 480, { ...params, standardErrors: true })
    // 11 with the intercept: 66 entries are more than a tenth of 480 rows.
    const change = (parties: MemoryParty[]) => {
      for (const [i, input] of [guest, ...hosts].entries()) parties[i] = { ...parties[i]!, input }
    }
    expect(await codeOf((message) => [message.bytes], change)).toBe('lr.too-few-rows')
  })

  test.each([
    ['weights that are neither 0 nor 1', { weights: new Uint8Array(ROWS).fill(2) }],
    ['weights that are all 0', { weights: new Uint8Array(ROWS) }],
    ['weights of other rows', { weights: new Uint8Array(5).fill(1) }],
    ['too few weights to start from', { start: [0, 0] }],
  ])('%s are refused', async (_name, other) => {
    const change = (parties: MemoryParty[]) => {
      parties[0] = { ...parties[0]!, input: { ...(parties[0]!.input as object), ...other } }
    }
    expect(await codeOf((message) => [message.bytes], change)).toBe('internal.unexpected')
  })

  test('columns × rounds above a tenth of the rows are refused', async () => {
    const change = (parties: MemoryParty[]) => {
      for (const [i, party] of parties.entries()) {
        const input = party.input as { params: object }
        parties[i] = { ...party, input: { ...input, params: { ...input.params, rounds: 25 } } }
      }
    }
    expect(await codeOf((message) => [message.bytes], change)).toBe('lr.too-few-rows')
  })
})

describe('messages', () => {
  test.each([
    ['a key', 'pivot-score-key'],
    ['characters', 'characters'],
    ['a masked residual', 'masked-residual'],
    ['a masked gradient', 'host-gradient'],
  ])('%s of half its length is refused', async (_name, step) => {
    const code = await codeOf(onStep(step, ({ bytes }) => [bytes.subarray(0, bytes.length >> 1)]))
    expect(['protocol.malformed', 'he.malformed', 'he.parameters']).toContain(code)
  })

  test.each([
    ['an encrypted factor', 'factor-share'],
    ['a masked product', 'masked-products'],
    ['a block of the information matrix', 'information-block'],
  ])('%s of half its length is refused', async (_name, step) => {
    const code = await codeOf(
      onStep(step, ({ bytes }) => [bytes.subarray(0, bytes.length >> 1)]),
      withErrors,
    )
    expect(['protocol.malformed', 'he.malformed', 'he.parameters']).toContain(code)
  })

  test('characters in the place of a masked residual are out of order', async () => {
    let characters: Uint8Array | undefined
    const tap: Tap = (message) => {
      if (message.step === 'characters') characters ??= message.bytes
      return [message.step === 'masked-residual' ? characters! : message.bytes]
    }
    // Eight fresh ciphertexts where one answer is expected: refused before any is opened.
    expect(['protocol.malformed', 'he.malformed']).toContain(await codeOf(tap))
  })

  test('a step sent twice is out of order', async () => {
    expect(await codeOf(onStep('score-range', ({ bytes }) => [bytes, bytes]))).toBe('protocol.out-of-order')
  })

  test('an answer under another key is refused', async () => {
    const other = await pool.generateKey('gradient')
    const tap = onStep('guest-residual', ({ bytes }) => [bytes])
    const swapped: Tap = (message) =>
      message.step === 'guest-gradient-key' && message.to === 'pivot'
        ? tap({ ...message, step: 'guest-residual', bytes: wrapKey(other.publicKey.wire) })
        : [message.bytes]
    expect(await codeOf(swapped)).toBe('he.wrong-key')
  })

  test('a share vector of another length is refused', async () => {
    expect(await codeOf(onStep('score-share', ({ bytes }) => [shorterShares(bytes)]))).toBe('protocol.malformed')
  })

  test('a flipped byte in a header of a ciphertext is refused', async () => {
    expect(['he.malformed', 'he.parameters', 'he.wrong-key', 'protocol.malformed']).toContain(
      await codeOf(onStep('characters', (message) => flipped(message, 12))),
    )
  })
})

/** LrKey { key } by hand: field 1, wire type 2, length, bytes. */
function wrapKey(key: Uint8Array): Uint8Array {
  const length: number[] = []
  for (let rest = key.length; ; rest >>>= 7) {
    length.push(rest > 127 ? (rest & 127) | 128 : rest)
    if (rest <= 127) break
  }
  return Uint8Array.from([0x0a, ...length, ...key])
}

/** LrShares with one share fewer: 480 shares are 960 bytes, a two-byte length. */
function shorterShares(bytes: Uint8Array): Uint8Array {
  const shares = bytes.subarray(3, bytes.length - 2)
  return Uint8Array.from([0x0a, (shares.length & 127) | 128, shares.length >> 7, ...shares])
}
