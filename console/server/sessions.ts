// Sessions live in memory and end with the process: the key that signs what a person reads is in them, and nothing of it
// goes to disk. A cookie's value is known here only by its hash.
import { createHash, randomBytes, timingSafeEqual } from 'node:crypto'
import { PlatformError } from '#runtime/errors.ts'
import type { Visitor } from './visitor.ts'

export interface SessionLimits {
  /** without a call for so long, a session ends */
  readonly idleMs: number
  /** however busy, it ends */
  readonly absoluteMs: number
  readonly perPerson: number
}
const LIMITS: SessionLimits = { idleMs: 30 * 60_000, absoluteMs: 10 * 3_600_000, perPerson: 10 }

const SWEEP_MS = 30_000

export interface OpenSession {
  /** names it to its owner; opens nothing */
  readonly id: string
  readonly visitor: Visitor
  readonly csrf: string
  readonly startedAt: number
  readonly endsAt: number
  /** of the browser, as it calls itself */
  readonly agent: string
  /** that it was opened from */
  readonly address: string
  lastSeen: number
  /** streams of events that are open */
  streams: number
  readonly ended: AbortController
}

export class Sessions implements Disposable {
  readonly #byHash = new Map<string, OpenSession>()
  readonly #limits: SessionLimits
  readonly #now: () => number

  /** also when nobody calls: a stream of events that is open makes no call */
  readonly #sweeping = setInterval(() => this.#sweep(), SWEEP_MS).unref()

  constructor(now: () => number = Date.now, limits: Partial<SessionLimits> = {}) {
    this.#now = now
    this.#limits = { ...LIMITS, ...limits }
  }

  /** Always under a new secret: one that was known before a sign-in opens nothing after it. */
  open(visitor: Visitor, agent: string, address: string): { readonly secret: string; readonly session: OpenSession } {
    this.#sweep()
    const own = this.of(visitor.person.id)
    for (const old of own.slice(0, Math.max(0, own.length + 1 - this.#limits.perPerson))) this.end(old.id)
    const secret = randomBytes(32).toString('base64url')
    const now = this.#now()
    const session: OpenSession = {
      id: randomBytes(9).toString('base64url'),
      visitor,
      csrf: randomBytes(24).toString('base64url'),
      startedAt: now,
      endsAt: now + this.#limits.absoluteMs,
      agent: agent.slice(0, 200),
      address,
      lastSeen: now,
      streams: 0,
      ended: new AbortController(),
    }
    this.#byHash.set(hashOf(secret), session)
    return { secret, session }
  }

  /** Seen once more; undefined for a secret that opens nothing. */
  find(secret: string | undefined): OpenSession | undefined {
    this.#sweep()
    const session = secret === undefined ? undefined : this.#byHash.get(hashOf(secret))
    if (session !== undefined) session.lastSeen = this.#now()
    return session
  }

  /** @throws PlatformError console.signed-out */
  byId(id: string): OpenSession {
    for (const session of this.#byHash.values()) if (session.id === id) return session
    throw new PlatformError('console.signed-out')
  }

  /** Of one person, the oldest first. */
  of(person: string): OpenSession[] {
    return [...this.#byHash.values()].filter((session) => session.visitor.person.id === person)
  }

  end(id: string): void {
    for (const [hash, session] of this.#byHash) if (session.id === id) this.#end(hash, session)
  }

  [Symbol.dispose](): void {
    clearInterval(this.#sweeping)
    for (const [hash, session] of this.#byHash) this.#end(hash, session)
  }

  #sweep(): void {
    const now = this.#now()
    for (const [hash, session] of this.#byHash) {
      if (now >= session.endsAt || now - session.lastSeen >= this.#limits.idleMs) this.#end(hash, session)
    }
  }

  #end(hash: string, session: OpenSession): void {
    this.#byHash.delete(hash)
    session.ended.abort()
    session.visitor.reader[Symbol.dispose]()
  }
}

/** @throws PlatformError console.origin */
export function requireCsrf(session: OpenSession, given: string | undefined): void {
  const [a, b] = [Buffer.from(session.csrf), Buffer.from(given ?? '')]
  if (a.length !== b.length || !timingSafeEqual(a, b)) throw new PlatformError('console.origin', { header: 'x-csrf' })
}

function hashOf(secret: string): string {
  return createHash('sha256').update(secret).digest('base64url')
}
