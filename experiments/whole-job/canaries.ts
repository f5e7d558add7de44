// For tests: planted values, every spelling in which one could cross a wire, and how often bytes hold them.

/** A spelling of a canary. Short ones occur in random bytes by chance, so they count from the third time on. */
interface Spelling {
  readonly name: string
  readonly bytes: Buffer
}

const CHANCE_BYTES = 5

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
  return spellings.filter((spelling) => occurrences(bytes, spelling.bytes) >= needed(spelling)).map(({ name }) => name)
}

function needed({ bytes }: Spelling): number {
  return bytes.length > CHANCE_BYTES ? 1 : 3
}

function occurrences(bytes: Buffer, wanted: Buffer): number {
  let count = 0
  for (let at = bytes.indexOf(wanted); at >= 0 && count < 3; at = bytes.indexOf(wanted, at + 1)) count++
  return count
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
