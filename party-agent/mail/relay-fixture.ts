// For tests: parties in one process whose frames go through a relay that may drop, repeat, reorder or change them.
import { EnvelopePair, makeSealingKey, type SealingKey } from '#crypto/envelope.ts'
import { makeSigningKey, openSigner } from '#crypto/identity/signing.ts'
import type { AgentFrame } from '#protos/gen/tributary/v1/AgentFrame.ts'
import type { CoordinatorFrame__Output } from '#protos/gen/tributary/v1/CoordinatorFrame.ts'
import type { MailTimes } from './context.ts'
import type { Mailbox } from './mailbox.ts'

export const TEST_JOB = 'job-0123456789abcdef0123'
export const TEST_TIMES: MailTimes = { diskRetryMs: 5, gapMs: 5, stallMs: 50, gatherMs: 20 }

export interface TestKeys {
  readonly sealing: SealingKey
  readonly signer: ReturnType<typeof openSigner>
}

export function testKeys(): TestKeys {
  return { sealing: makeSealingKey(), signer: openSigner(makeSigningKey().privateKey) }
}

/** The pair of `self` towards `peer`. */
export function pairOf(
  keys: Readonly<Record<string, TestKeys>>,
  self: string,
  peer: string,
  job = TEST_JOB,
): EnvelopePair {
  const [own, other] = [keys[self] as TestKeys, keys[peer] as TestKeys]
  return new EnvelopePair({
    job,
    self,
    peer,
    own: own.sealing,
    peerSealingKey: other.sealing.publicKey,
    sign: own.signer.sign,
    peerSigningKey: other.signer.publicKey,
  })
}

/** What arrives in the place of a frame: nothing, it, it twice … */
export type Tap = (frame: CoordinatorFrame__Output) => readonly CoordinatorFrame__Output[]

/** Delivers each frame in a turn of its own, as a network would. */
export class TestRelay {
  tap: Tap = (frame) => [frame]
  /** called before each delivery; crash tests stop a party here */
  beforeDelivery: () => Promise<void> = async () => undefined
  delivered = 0
  /** frames that parties sent, before they were copied */
  readonly sent: AgentFrame[] = []
  readonly #mailboxes = new Map<string, Mailbox>()
  #queue: { to: string; frame: CoordinatorFrame__Output }[] = []
  #pumping: Promise<void> | undefined

  attach(party: string, mailbox: Mailbox): void {
    this.#mailboxes.set(party, mailbox)
  }

  detach(party: string): void {
    this.#mailboxes.delete(party)
  }

  wireOf(): { send(frame: AgentFrame): Promise<boolean> } {
    return {
      send: async (frame) => {
        const relayed = frame as CoordinatorFrame__Output
        this.sent.push(frame)
        for (const arriving of copiesOf(relayed).flatMap((one) => this.tap(one)))
          this.#queue.push({ to: addressee(arriving), frame: arriving })
        if (this.#queue.length > 0) this.#pumping ??= this.#pump()
        return true
      },
    }
  }

  /** Puts a frame on the wire that no party sent. */
  inject(frame: CoordinatorFrame__Output): void {
    this.#queue.push({ to: addressee(frame), frame })
    this.#pumping ??= this.#pump()
  }

  async #pump(): Promise<void> {
    for (let next = this.#queue.shift(); next !== undefined; next = this.#queue.shift()) {
      await this.beforeDelivery()
      await new Promise((resolve) => setImmediate(resolve))
      this.delivered += 1
      const mailbox = this.#mailboxes.get(next.to)
      if (next.frame.chunk) mailbox?.chunkArrived(next.frame.chunk)
      if (next.frame.ack) mailbox?.ackArrived(next.frame.ack)
    }
    this.#pumping = undefined
  }
}

/** A chunk for several receivers becomes one for each. */
function copiesOf(frame: CoordinatorFrame__Output): CoordinatorFrame__Output[] {
  const { chunk } = frame
  if (!chunk) return [frame]
  const receivers = [{ to: chunk.to, seq: chunk.seq }, ...chunk.copies]
  return receivers.map((receiver) => ({ ...frame, chunk: { ...chunk, ...receiver, copies: [] } }))
}

function addressee(frame: CoordinatorFrame__Output): string {
  return frame.chunk?.to ?? frame.ack?.to ?? ''
}

/** Waits until `holds`, in turns of the event loop. */
export async function until(holds: () => boolean): Promise<void> {
  while (!holds()) await new Promise((resolve) => setTimeout(resolve, 1))
}
