// A shaped loopback: a TCP proxy whose bytes pass token buckets, one for each direction, shared by all connections or one
// a connection. Needs no rights of an administrator. What it adds to a line of that rate: nothing but the loopback's delay.
import { connect, createServer, type Server, type Socket } from 'node:net'
import { setTimeout as sleep } from 'node:timers/promises'
import { bytesOf, drained, listeningPort } from './frames.ts'

/** Bytes at once, as a line card would hold: 5 ms at 100 Mbit/s. */
const BURST_BYTES = 65_536

/** Lets so many bytes a second through, first come first served. */
class TokenBucket {
  readonly #rate: number
  /** ms at which all that was taken so far has gone through */
  #empty = 0

  constructor(bytesPerSecond: number) {
    this.#rate = bytesPerSecond / 1000
  }

  /** Resolves when these bytes may go. */
  async take(bytes: number): Promise<void> {
    const now = performance.now()
    this.#empty = Math.max(this.#empty, now - BURST_BYTES / this.#rate) + bytes / this.#rate
    if (this.#empty > now) await sleep(this.#empty - now)
  }
}

export interface ShapedLink extends AsyncDisposable {
  readonly port: number
}

/**
 * Forwards connections to `target` on the loopback.
 * @param scope 'shared': one line for all connections, as the target's own; 'each': a line a connection
 */
export async function openShapedLink(
  target: number,
  bytesPerSecond: number,
  scope: 'shared' | 'each',
): Promise<ShapedLink> {
  const line = () => ({ up: new TokenBucket(bytesPerSecond), down: new TokenBucket(bytesPerSecond) })
  const common = line()
  const sockets = new Set<Socket>()
  const server: Server = createServer((client) => {
    const { up, down } = scope === 'shared' ? common : line()
    const inner = connect(target, '127.0.0.1')
    for (const socket of [client, inner]) {
      sockets.add(socket.setNoDelay(true))
      socket.on('error', () => socket.destroy()).on('close', () => sockets.delete(socket))
    }
    void forward(client, inner, up)
    void forward(inner, client, down)
  })
  const port = await listeningPort(server)
  return {
    port,
    async [Symbol.asyncDispose]() {
      for (const socket of sockets) socket.destroy()
      await new Promise((resolve) => server.close(resolve))
    },
  }
}

async function forward(from: Socket, to: Socket, bucket: TokenBucket): Promise<void> {
  for await (const bytes of bytesOf(from)) {
    await bucket.take(bytes.length)
    if (!to.write(bytes)) await drained(to)
  }
  to.end()
}
