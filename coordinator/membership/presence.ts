// Which agents are or were connected since this process started: since when, with which software and certificate. In
// memory only, for the operator's page; nothing is decided by it.

export interface Seen {
  readonly connected: boolean
  /** ms since 1970 of the last change between connected and not */
  readonly sinceMs: number
  readonly lastSeenMs: number
  readonly software: string
  /** DER; undefined where the connection showed none */
  readonly certificate: Uint8Array | undefined
}

export class Presence {
  readonly #now: () => number
  readonly #seen = new Map<string, Seen>()

  constructor(now: () => number) {
    this.#now = now
  }

  connected(party: string, software: string, certificate: Uint8Array | undefined): void {
    const now = this.#now()
    this.#seen.set(party, { connected: true, sinceMs: now, lastSeenMs: now, software, certificate })
  }

  /** The agent showed that it is there. */
  showed(party: string): void {
    const seen = this.#seen.get(party)
    if (seen !== undefined) this.#seen.set(party, { ...seen, lastSeenMs: this.#now() })
  }

  disconnected(party: string): void {
    const seen = this.#seen.get(party)
    const now = this.#now()
    if (seen !== undefined) this.#seen.set(party, { ...seen, connected: false, sinceMs: now, lastSeenMs: now })
  }

  /** Undefined when it never was since the start. */
  of(party: string): Seen | undefined {
    return this.#seen.get(party)
  }
}
