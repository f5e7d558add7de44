// The parties of the averaging bench: connections to its adder, updates that are ready, and rounds with a clock.
import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { connect, type Socket } from 'node:net'
import { fileURLToPath } from 'node:url'
import { encryptAll, openAll, type SampleRound } from '#crypto/aggregate/sample-round.ts'
import { mean, sum, update } from '#protocols/fedavg/bodies.ts'
import { Assembly, EVERYBODY, type FrameHead, framesOf, KIND, send } from './frames.ts'

/** What the adder says of itself: bytes resident, at most resident, held by JavaScript and its buffers; µs of processor. */
export interface AdderMemory {
  readonly rss: number
  readonly peak: number
  readonly held: number
  readonly cpu: number
}

export interface AdderProcess extends AsyncDisposable {
  readonly port: number
}

/** Starts the adder for so many parties and values. */
export async function startAdder(parties: number, values: number): Promise<AdderProcess> {
  const program = fileURLToPath(new URL('fedavg-adder-process.ts', import.meta.url))
  const child: ChildProcess = spawn(process.execPath, ['--expose-gc', program, String(parties), String(values)], {
    stdio: ['pipe', 'pipe', 'inherit'],
  })
  const [line] = (await once(child.stdout as NodeJS.ReadableStream, 'data')) as [Buffer]
  return {
    port: Number(line.toString()),
    async [Symbol.asyncDispose]() {
      child.kill()
      await once(child, 'exit')
    },
  }
}

/** One party's connection. Messages of a kind are taken in the order in which they came. */
export class Connection implements Disposable {
  readonly #socket: Socket
  readonly #party: number
  readonly #came = new Map<number, Buffer[]>()
  readonly #waiting = new Map<number, (message: Buffer) => void>()

  private constructor(socket: Socket, party: number) {
    this.#socket = socket
    this.#party = party
    void this.#read()
  }

  static async open(port: number, party: number): Promise<Connection> {
    const socket = connect(port, '127.0.0.1').setNoDelay(true)
    await once(socket, 'connect')
    const connection = new Connection(socket, party)
    await connection.send({ kind: KIND.hello, party }, Buffer.alloc(1))
    await connection.receive(KIND.memory)
    return connection
  }

  send(head: FrameHead, message: Uint8Array): Promise<void> {
    return send(this.#socket, head, message)
  }

  receive(kind: number): Promise<Buffer> {
    const first = this.#came.get(kind)?.shift()
    return first === undefined ? new Promise((resolve) => this.#waiting.set(kind, resolve)) : Promise.resolve(first)
  }

  /** After all that this party sent before has been taken in. @param collected after a collection of garbage */
  async memory(collected = true): Promise<AdderMemory> {
    await this.send({ kind: KIND.memory, party: this.#party }, Buffer.alloc(1, collected ? 1 : 0))
    return JSON.parse((await this.receive(KIND.memory)).toString()) as AdderMemory
  }

  [Symbol.dispose](): void {
    this.#socket.destroy()
  }

  async #read(): Promise<void> {
    const assembly = new Assembly()
    this.#socket.on('error', () => this.#socket.destroy())
    for await (const frame of framesOf(this.#socket)) {
      const message = assembly.add(frame)
      if (message === undefined) continue
      const waiting = this.#waiting.get(frame.kind)
      this.#waiting.delete(frame.kind)
      if (waiting !== undefined) waiting(message)
      else this.#came.set(frame.kind, [...(this.#came.get(frame.kind) ?? []), message])
    }
  }
}

/** Opens the connections of all parties. */
export function connectAll(port: number, parties: number): Promise<Connection[]> {
  return Promise.all(Array.from({ length: parties }, (_, i) => Connection.open(port, i + 1)))
}

/** The body of one party's message to the adder. Party i + 1 of the bench is called p(i + 1) on the wire; p1 opens. */
export function updateMessage(round: SampleRound, party: number, number: number, values: Uint32Array): Uint8Array {
  const participants = round.names.map((_, i) => `p${i + 1}`)
  const chunks = encryptAll(round, party, values)
  return update.encode({ label: round.label, opener: 'p1', number, participants, parameters: values.length, chunks })
}

/** Opens the sum that came. */
export function openMessage(round: SampleRound, message: Buffer, values: number): Uint32Array {
  return openAll(round, sum.decode(message).chunks, values)
}

/**
 * One encrypted round over these connections, in seconds. The opener encrypts with the clock running; what the others
 * encrypt at the same time on machines of their own is ready.
 * @param telling the mean leaves the opener once and is copied on its way, or leaves it once for each of the others
 */
export async function encryptedRound(
  connections: readonly Connection[],
  round: SampleRound,
  number: number,
  own: Uint32Array,
  ready: readonly Uint8Array[],
  telling: 'copied' | 'to each',
): Promise<{ readonly seconds: number; readonly sums: Uint32Array }> {
  const start = performance.now()
  const first = updateMessage(round, 0, number, own)
  const opener = connections[0] as Connection
  const head = { kind: KIND.update, party: 0 }
  await Promise.all(connections.map((one, i) => one.send(head, i === 0 ? first : (ready[i - 1] as Uint8Array))))
  const sums = openMessage(round, await opener.receive(KIND.sum), own.length)
  const message = mean.encode({ label: round.label, sums })
  const others = connections.slice(1)
  const told = Promise.all(others.map((one) => one.receive(KIND.mean)))
  const receivers = telling === 'copied' ? [EVERYBODY] : others.map((_, i) => i + 2)
  await Promise.all(receivers.map((party) => opener.send({ kind: KIND.mean, party }, message)))
  // once, for the others do it at the same time
  mean.decode((await told)[0] as Buffer)
  return { seconds: (performance.now() - start) / 1000, sums }
}

/** One round in clear, in seconds: float32 up, float32 down. */
export async function plainRound(connections: readonly Connection[], values: Float32Array): Promise<number> {
  const start = performance.now()
  const bytes = new Uint8Array(values.buffer)
  const told = Promise.all(connections.map((one) => one.receive(KIND.plainMean)))
  await Promise.all(connections.map((one) => one.send({ kind: KIND.plainUpdate, party: 0 }, bytes)))
  await told
  return (performance.now() - start) / 1000
}
