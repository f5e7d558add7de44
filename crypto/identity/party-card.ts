// What a party hands out: its names, its root and its signing key, signed by that key. Everything in it is public.
import Type from 'typebox'
import Compile from 'typebox/compile'
import { PlatformError } from '#runtime/errors.ts'
import { verifySignature } from './signing.ts'

export interface PartyCard {
  readonly federation: string
  readonly party: string
  readonly rootPem: string
  /** base64 of the Ed25519 public key */
  readonly signingKey: string
  /** base64; by the signing key over the other fields: whoever hands in a card holds the key it names */
  readonly signature: string
}

const CONTEXT = 'party-card'
const MAX_CARD_CHARS = 16_384

const PartyCardSchema = Type.Object(
  {
    federation: Type.String({ maxLength: 64 }),
    party: Type.String({ maxLength: 64 }),
    rootPem: Type.String({ maxLength: 8192 }),
    signingKey: Type.String({ maxLength: 64 }),
    signature: Type.String({ maxLength: 128 }),
  },
  { additionalProperties: false },
)
const validator = Compile(PartyCardSchema)

export function signCard(
  signer: { readonly publicKey: Uint8Array; sign(context: string, bytes: Uint8Array): Uint8Array },
  facts: { readonly federation: string; readonly party: string; readonly rootPem: string },
): PartyCard {
  const unsigned = { ...facts, signingKey: Buffer.from(signer.publicKey).toString('base64') }
  const signature = Buffer.from(signer.sign(CONTEXT, cardBytes(unsigned))).toString('base64')
  return { ...unsigned, signature }
}

/** True when the card is signed by the signing key that it names. */
export function isCardSigned(card: PartyCard): boolean {
  return verifySignature(
    Buffer.from(card.signingKey, 'base64'),
    CONTEXT,
    cardBytes(card),
    Buffer.from(card.signature, 'base64'),
  )
}

/** Reads card.json. The signature is checked by makeTrustBundle. @throws PlatformError config.invalid */
export function parsePartyCard(text: string): PartyCard {
  if (text.length > MAX_CARD_CHARS) throw new PlatformError('config.invalid', { problems: ['card: too long'] })
  let value: unknown
  try {
    value = JSON.parse(text)
  } catch (cause) {
    throw new PlatformError('config.invalid', { problems: ['card: not JSON'] }, cause)
  }
  if (validator.Check(value)) return value
  const problems = validator.Errors(value).map((error) => `${error.instancePath || 'card'}: ${error.message}`)
  throw new PlatformError('config.invalid', { problems: problems.slice(0, 20) })
}

/** JSON of an array of strings: one encoding for each card. */
function cardBytes(card: Omit<PartyCard, 'signature'>): Uint8Array {
  return Buffer.from(JSON.stringify([card.federation, card.party, card.rootPem, card.signingKey]))
}
