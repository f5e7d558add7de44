// An authenticator in software, for tests: it makes passkeys and signs with them as a device would (W3C Web
// Authentication level 3, sections 6.1 and 6.5), and does what it is told wrong.
import { createHash, generateKeyPairSync, randomBytes, sign } from 'node:crypto'
import type {
  AuthenticationResponseJSON,
  PublicKeyCredentialCreationOptionsJSON,
  PublicKeyCredentialRequestOptionsJSON,
  RegistrationResponseJSON,
} from '@simplewebauthn/browser'

const [PRESENT, VERIFIED, CAN_SYNC, SYNCED, WITH_KEY] = [0x01, 0x04, 0x08, 0x10, 0x40]

/** What a test wants otherwise. */
export interface Deviation {
  readonly rpId?: string
  readonly challenge?: string
  readonly counter?: number
  readonly isVerified?: boolean
  readonly canSync?: boolean
  readonly userHandle?: string
  readonly type?: string
}

export class SoftwareAuthenticator {
  readonly #keys = generateKeyPairSync('ec', { namedCurve: 'P-256' })
  readonly #credential = randomBytes(16)
  readonly #canSync: boolean
  #userHandle = ''
  #counter = 0

  constructor(canSync = false) {
    this.#canSync = canSync
  }

  create(
    { challenge, rp, user }: PublicKeyCredentialCreationOptionsJSON,
    origin: string,
    deviation: Deviation = {},
  ): RegistrationResponseJSON {
    this.#userHandle = user.id
    const clientData = clientDataOf(deviation.type ?? 'webauthn.create', deviation.challenge ?? challenge, origin)
    const length = Buffer.from([0, this.#credential.length])
    const attested = Buffer.concat([Buffer.alloc(16), length, this.#credential, this.#coseKey()])
    const data = Buffer.concat([this.#head(rp.id ?? '', deviation, WITH_KEY), attested])
    // {"fmt": "none", "attStmt": {}, "authData": data} in CBOR
    const head = Buffer.concat([Buffer.of(0xa3), text('fmt'), text('none'), text('attStmt'), Buffer.of(0xa0)])
    const attestationObject = Buffer.concat([head, text('authData'), bytes(data)]).toString('base64url')
    const id = this.#credential.toString('base64url')
    const response = { clientDataJSON: clientData.toString('base64url'), attestationObject, transports: ['internal'] }
    return { id, rawId: id, type: 'public-key', clientExtensionResults: {}, response } as RegistrationResponseJSON
  }

  get(
    { challenge, rpId }: PublicKeyCredentialRequestOptionsJSON,
    origin: string,
    deviation: Deviation = {},
  ): AuthenticationResponseJSON {
    this.#counter += 1
    const clientData = clientDataOf(deviation.type ?? 'webauthn.get', deviation.challenge ?? challenge, origin)
    const data = this.#head(rpId ?? '', { counter: this.#counter, ...deviation })
    const signed = Buffer.concat([data, createHash('sha256').update(clientData).digest()])
    const id = this.#credential.toString('base64url')
    const response = {
      clientDataJSON: clientData.toString('base64url'),
      authenticatorData: data.toString('base64url'),
      signature: sign('sha256', signed, this.#keys.privateKey).toString('base64url'),
      userHandle: deviation.userHandle ?? this.#userHandle,
    }
    return { id, rawId: id, type: 'public-key', clientExtensionResults: {}, response }
  }

  #head(rpId: string, deviation: Deviation, more = 0): Buffer {
    const { isVerified = true, canSync = this.#canSync, counter = 0 } = deviation
    const flags = PRESENT | (isVerified ? VERIFIED : 0) | (canSync ? CAN_SYNC | SYNCED : 0) | more
    const count = Buffer.alloc(4)
    count.writeUInt32BE(counter)
    const rpHash = createHash('sha256')
      .update(deviation.rpId ?? rpId)
      .digest()
    return Buffer.concat([rpHash, Buffer.of(flags), count])
  }

  /** {1: 2, 3: -7, -1: 1, -2: x, -3: y} in CBOR */
  #coseKey(): Buffer {
    const { x = '', y = '' } = this.#keys.publicKey.export({ format: 'jwk' })
    const [left, right] = [x, y].map((half) => bytes(Buffer.from(half, 'base64url')))
    return Buffer.concat([
      Buffer.from('a5010203262001', 'hex'),
      Buffer.of(0x21),
      left ?? Buffer.alloc(0),
      Buffer.of(0x22),
      right ?? Buffer.alloc(0),
    ])
  }
}

function clientDataOf(type: string, challenge: string, origin: string): Buffer {
  return Buffer.from(JSON.stringify({ type, challenge, origin, crossOrigin: false }))
}

function text(value: string): Buffer {
  return Buffer.concat([Buffer.of(0x60 + value.length), Buffer.from(value)])
}

function bytes(value: Buffer): Buffer {
  return Buffer.concat([Buffer.of(0x58, value.length), value])
}
