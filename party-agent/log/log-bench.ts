// For tests: three agents' logs around one hub, and a job of theirs that goes on round by round.
import { mkdtempSync, readdirSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { parseRecord } from '#crypto/log/dsse.ts'
import { jobIdOf, parseJobSpec } from '#protocols/core/job-spec.ts'
import { recordIn } from '#protocols/log/records.ts'
import type { PlatformError } from '#runtime/errors.ts'
import { silentLogger } from '#runtime/log.ts'
import { AgentLog } from './agent-log.ts'
import { LogHub, testParties } from './log-hub.ts'

export const FEDERATION = 'test-federation'
export const NAMES = ['bank', 'land', 'tax'] as const
export type Name = (typeof NAMES)[number]
export const SPEC_BYTES = Buffer.from(
  JSON.stringify({
    version: 1,
    name: 'x',
    guest: { party: 'bank', dataset: 'a' },
    hosts: ['tax', 'land'].map((party) => ({ party, dataset: 'b' })),
  }),
)
export const SPEC = parseJobSpec(SPEC_BYTES)
export const JOB = jobIdOf(SPEC_BYTES)
export const DIGEST = 'ab'.repeat(32)

export const keys = testParties(FEDERATION, NAMES)

export class LogBench implements Disposable {
  readonly folder = mkdtempSync(join(tmpdir(), 'agent-log-'))
  readonly hub = new LogHub(FEDERATION, NAMES, keys.logKey)
  readonly faults = new Map<Name, PlatformError>()
  readonly sealed: Name[] = []
  readonly #logs = new Map<Name, AgentLog>()

  constructor() {
    for (const name of NAMES) this.start(name)
  }

  [Symbol.dispose](): void {
    for (const log of this.#logs.values()) log[Symbol.dispose]()
    rmSync(this.folder, { recursive: true, force: true })
  }

  /** The agent's log, opened anew from its disk. */
  start(name: Name): AgentLog {
    this.#logs.get(name)?.[Symbol.dispose]()
    const identity = keys.parties.find(({ party }) => party === name) as (typeof keys.parties)[0]
    const log = new AgentLog({ home: join(this.folder, name), identity, trust: keys, log: silentLogger })
    const send = async (frame: Parameters<LogHub['hear']>[1]) => {
      this.hub.hear(name, frame)
      return true
    }
    log.listen({
      wire: { send },
      sealed: () => this.sealed.push(name),
      violated: (_, error) => this.faults.set(name, error),
    })
    this.#logs.set(name, log)
    this.hub.attach(name, log)
    return log
  }

  of(name: Name): AgentLog {
    return this.#logs.get(name) as AgentLog
  }

  accept(): void {
    for (const name of NAMES) {
      this.of(name).requireUsable(JOB, SPEC)
      this.of(name).accepted(JOB, SPEC, SPEC_BYTES, undefined)
    }
    this.hub.publish()
  }

  /** Everybody says hello to everybody, and closes the round. */
  async runRound(round: number, bytesHeardBy: Partial<Record<Name, number>> = {}): Promise<void> {
    for (const name of NAMES) {
      const at = { job: JOB, task: 'align', round }
      this.of(name).roundStarted(at)
      for (const peer of NAMES.filter((other) => other !== name)) {
        const told = { decryptableBy: [peer], approval: '', decision: 'allowed', class: 'control' } as const
        await this.of(name).tell({ fact: 'msg.sent', ...line(name, peer, round), ...told })
        const heard = { ...line(peer, name, round, bytesHeardBy[name]), decryptableBy: [name] }
        await this.of(name).tell({ fact: 'msg.received', ...heard, direction: 'received', kind: 'control' })
      }
      this.of(name).roundClosed({ ...at, startedAt: new Date(), recordDigest: DIGEST })
    }
  }

  async honestRound(round: number): Promise<void> {
    await this.runRound(round)
    this.hub.publish()
    this.hub.seal()
  }

  incidents(name: Name): string[] {
    const folder = join(this.folder, name, 'log', this.hub.collaboration)
    return readdirSync(folder).filter((file) => file.startsWith('incident-'))
  }

  /** What a coordinator would send that has these leaves, to who has the first `from`. */
  note(leaves: readonly Uint8Array[], from: number) {
    return this.hub.entries(from, leaves.slice(from), this.hub.note(leaves))
  }
}

const line = (from: Name, to: Name, round: number, bytes = 100) => ({
  job: JOB,
  task: 'align',
  round,
  step: 'hello',
  from,
  to,
  messages: 1,
  bytes,
  envelopeBytes: bytes + 60,
  keyId: '',
  sha256: DIGEST,
  time: '',
})

export function authored(leaf: Uint8Array, author: string): boolean {
  return recordIn(parseRecord(leaf)).author === author
}
