// For tests: planted values, every spelling in which one could cross a wire, and how often bytes hold them.

/** A spelling of a canary. Short ones occur in random bytes by chance, so they count when they are more than that. */
interface Spelling {
  readonly name: string
  readonly bytes: Buffer
}

const CHANCE_BYTES = 5
/** how often one short spelling may be found in random bytes; a planted value is in a column a hundred times and more */
const FALSE_ALARMS = 1e-9

/** Every spelling of a number: text, floating point, integers, varint, and hex and base64 of them. */
export function spellingsOf(value: number): readonly Spelling[] {
  const spellings: Spelling[] = [{ name: 'text', bytes: Buffer.from(String(value)) }]
  const add = (name: string, size: number, write: (bytes: Buffer) => void) => {
    const bytes = Buffer.alloc(size)
    write(bytes)
    spellings.push({ name, bytes })
  }
  add('f64 LE', 8, (bytes) => bytes.writeDoubleLE(value))
  add('f64 BE', 8, (bytes) => bytes.writeDoubleBE(value))
  add('f32 LE', 4, (bytes) => bytes.writeFloatLE(value))
  add('f32 BE', 4, (bytes) => bytes.writeFloatBE(value))
  if (Number.isSafeInteger(value)) {
    add('i64 LE', 8, (bytes) => bytes.writeBigInt64LE(BigInt(value)))
    add('i64 BE', 8, (bytes) => bytes.writeBigInt64BE(BigInt(value)))
    if (value < 2 ** 31) {
      add('i32 LE', 4, (bytes) => bytes.writeInt32LE(value))
      add('i32 BE', 4, (bytes) => bytes.writeInt32BE(value))
    }
    spellings.push({ name: 'varint', bytes: varint(value) })
  }
  return [...spellings, ...spellings.filter(({ bytes }) => bytes.length > CHANCE_BYTES).flatMap(wrapped)]
}

/** Every spelling of a text. */
export function spellingsOfText(text: string): readonly Spelling[] {
  const plain = { name: 'text', bytes: Buffer.from(text) }
  return [plain, { name: 'UTF-16', bytes: Buffer.from(text, 'utf16le') }, ...wrapped(plain)]
}

/** Names of the spellings that the bytes hold. */
export function spellingsIn(bytes: Buffer, spellings: readonly Spelling[]): string[] {
  const counts = occurrences(bytes, spellings)
  return spellings.filter((spelling, i) => (counts[i] ?? 0) >= needed(spelling, bytes.length)).map(({ name }) => name)
}

/** Of random bytes, the number of places with a short spelling is Poisson: P(k and more) ≤ expected^k / k!. */
function needed({ bytes: { length } }: Spelling, among: number): number {
  if (length > CHANCE_BYTES) return 1
  const expected = among / 256 ** length
  let count = 0
  for (let chance = 1; count < 3 || chance > FALSE_ALARMS; chance *= expected / count) count++
  return count
}

/** One pass for all spellings, of two bytes and more: places where some spelling may begin are looked at closer. */
function occurrences(bytes: Buffer, spellings: readonly Spelling[]): Uint32Array {
  const begins = new Uint8Array(2 ** 16)
  for (const spelling of spellings) begins[spelling.bytes.readUInt16LE(0)] = 1
  const byBegin = Map.groupBy(spellings.keys(), (i) => spellings[i]?.bytes.readUInt16LE(0))
  const counts = new Uint32Array(spellings.length)
  for (let at = 0; at + 1 < bytes.length; at++) {
    const begin = (bytes[at] as number) | ((bytes[at + 1] as number) << 8)
    if (begins[begin] === 0) continue
    for (const i of byBegin.get(begin) ?? []) {
      const { bytes: wanted } = spellings[i] as Spelling
      const end = at + wanted.length
      if (end <= bytes.length && wanted.compare(bytes, at, end) === 0) (counts[i] as number)++
    }
  }
  return counts
}

/** Hex in both cases, and the part of each base64 alignment that does not depend on the neighbours. */
function wrapped({ name, bytes }: Spelling): Spelling[] {
  const hex = bytes.toString('hex')
  const base64 = [0, 1, 2].map((shift) => {
    const text = Buffer.concat([Buffer.alloc(shift), bytes])
      .toString('base64')
      .replaceAll('=', '')
    return text.slice(shift === 0 ? 0 : shift + 1, text.length - 1)
  })
  return [
    { name: `${name} as hex`, bytes: Buffer.from(hex) },
    { name: `${name} as HEX`, bytes: Buffer.from(hex.toUpperCase()) },
    ...base64.map((text, shift) => ({ name: `${name} as base64 (${shift})`, bytes: Buffer.from(text) })),
  ]
}

function varint(value: number): Buffer {
  const bytes: number[] = []
  let rest = BigInt(value)
  do {
    const low = Number(rest & 127n)
    rest >>= 7n
    bytes.push(rest > 0n ? low | 128 : low)
  } while (rest > 0n)
  return Buffer.from(bytes)
}
