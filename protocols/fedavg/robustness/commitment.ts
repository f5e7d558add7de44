// What a party says of its update in the round itself, so that it can be held to it in a dispute: a hash that tells
// nothing, because of its salt, and that no other update has.
import { createHash } from 'node:crypto'
import { endianness } from 'node:os'
import type { PartyId } from '#protocols/core/contract.ts'
import { PlatformError } from '#runtime/errors.ts'

const DOMAIN = 'tributary/fedavg/update/v1\0'
const LABEL_BYTES = 32
const SALT_BYTES = 32

/** All that a party shows of one round where a dispute was opened, and its owner agreed. */
export interface UpdateOpening {
  /** of the round, 32 bytes */
  readonly label: Uint8Array
  readonly party: PartyId
  /** 32 secret random bytes, drawn once a round */
  readonly salt: Uint8Array
  /** its training rows: what its change of the model was weighted with */
  readonly rows: number
  /** the integers that it encrypted */
  readonly values: Uint32Array
}

/** SHA-256 over all fields, each of known length or with its length before it. @throws PlatformError he.malformed */
export function commitUpdate({ label, party, salt, rows, values }: UpdateOpening): Uint8Array {
  if (label.length !== LABEL_BYTES || salt.length !== SALT_BYTES)
    throw new PlatformError('he.malformed', { label: label.length, salt: salt.length })
  const name = Buffer.from(party, 'utf8')
  const lengths = Buffer.alloc(16)
  lengths.writeUInt32LE(name.length, 0)
  lengths.writeBigUInt64LE(BigInt(rows), 4)
  lengths.writeUInt32LE(values.length, 12)
  const hash = createHash('sha256').update(DOMAIN).update(label).update(salt).update(lengths).update(name)
  return new Uint8Array(hash.update(littleEndian(values)).digest())
}

function littleEndian(values: Uint32Array): Uint8Array {
  const bytes = Buffer.from(values.buffer, values.byteOffset, values.byteLength)
  return endianness() === 'LE' ? bytes : Buffer.from(bytes).swap32()
}
