// The finger print of a party, for comparing a card by telephone. The card is signed by the key that it covers.
import { createHash } from 'node:crypto'

/** Short enough to be read aloud: 80 bits of SHA-256 in groups of four. @param signingKey base64 of the Ed25519 key */
export function fingerprint(signingKey: string): string {
  const digest = createHash('sha256').update(Buffer.from(signingKey, 'base64')).digest('hex').slice(0, 20)
  return digest.replace(/(....)(?=.)/g, '$1-')
}
