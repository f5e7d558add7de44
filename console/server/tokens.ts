// Facts that go out to a browser and come back: sealed under a key of this process, for a while, and good for one use.
// Nothing is kept here until one comes back, so asking for many costs no memory and pushes nobody else's out.
import { createCipheriv, createDecipheriv, randomBytes } from 'node:crypto'

const NONCE_BYTES = 12
const TAG_BYTES = 16

export class Tokens {
  readonly #key = randomBytes(32)
  readonly #now: () => number
  /** nonces that came back, until their tokens end by themselves */
  readonly #spent = new Map<string, number>()

  constructor(now: () => number = Date.now) {
    this.#now = now
  }

  /** @param kind what it is for: it opens as nothing else. @returns base64url */
  seal(kind: string, facts: Readonly<Record<string, string>>, seconds: number): string {
    const nonce = randomBytes(NONCE_BYTES)
    const cipher = createCipheriv('aes-256-gcm', this.#key, nonce).setAAD(Buffer.from(kind))
    const plain = JSON.stringify({ facts, until: this.#now() + seconds * 1000 })
    const sealed = Buffer.concat([cipher.update(plain, 'utf8'), cipher.final()])
    return Buffer.concat([nonce, cipher.getAuthTag(), sealed]).toString('base64url')
  }

  /** The facts, the first time and in time; undefined for anything else. */
  spend(kind: string, token: string): Readonly<Record<string, string>> | undefined {
    const bytes = Buffer.from(token, 'base64url')
    if (bytes.length <= NONCE_BYTES + TAG_BYTES) return undefined
    const nonce = bytes.subarray(0, NONCE_BYTES)
    const decipher = createDecipheriv('aes-256-gcm', this.#key, nonce, { authTagLength: TAG_BYTES })
    decipher.setAAD(Buffer.from(kind)).setAuthTag(bytes.subarray(NONCE_BYTES, NONCE_BYTES + TAG_BYTES))
    let plain: string
    try {
      plain = decipher.update(bytes.subarray(NONCE_BYTES + TAG_BYTES), undefined, 'utf8') + decipher.final('utf8')
    } catch {
      return undefined
    }
    const { facts, until } = JSON.parse(plain) as { facts: Record<string, string>; until: number }
    const now = this.#now()
    for (const [old, end] of this.#spent) if (end <= now) this.#spent.delete(old)
    const id = nonce.toString('base64url')
    if (now >= until || this.#spent.has(id)) return undefined
    this.#spent.set(id, until)
    return facts
  }
}
