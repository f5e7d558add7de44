// The adder of the averaging bench as a process of its own: `node fedavg-adder-process.ts PARTIES VALUES` prints its port.
// Encrypted: adds updates with protocols/fedavg/adder.ts, sends the sum to its opener, and relays what the opener sends on,
// frame by frame, to one party or a copy to each. Plain: adds float32 vectors and sends everybody the mean. It holds no more than that.
import { createHash } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { createServer, type Socket } from 'node:net'
import { decodeUpdate, UpdateSum } from '#protocols/fedavg/adder.ts'
import { Assembly, EVERYBODY, type Frame, framesOf, KIND, listeningPort, send, writeFrame } from './frames.ts'

const [parties, values] = process.argv.slice(2).map(Number) as [number, number]
const sockets = new Map<number, Socket>()
let encrypted: UpdateSum | undefined
let plain = { sum: new Float64Array(0), count: 0 }

/** Resident bytes now and at most so far (Linux), and what JavaScript and its buffers hold. */
function memory(collected: boolean): Buffer {
  if (collected) globalThis.gc?.()
  const { rss, heapUsed, external } = process.memoryUsage()
  const peak = Number(/VmHWM:\s+(\d+) kB/.exec(readFileSync('/proc/self/status', 'utf8'))?.[1]) * 1024
  const { user, system } = process.cpuUsage()
  return Buffer.from(JSON.stringify({ rss, peak, held: heapUsed + external, cpu: user + system }))
}

async function addEncrypted(name: string, message: Buffer): Promise<void> {
  const body = decodeUpdate(message)
  encrypted ??= new UpdateSum(body)
  encrypted.add(name, body, createHash('sha256').update(message).digest())
  if (encrypted.missing.length > 0) return
  const [sum, opener] = [encrypted.payload(), Number(body.opener.slice(1))]
  encrypted = undefined
  await send(sockets.get(opener) as Socket, { kind: KIND.sum, party: opener }, sum)
}

async function addPlain(message: Buffer): Promise<void> {
  if (plain.count === 0) plain = { sum: new Float64Array(values), count: 0 }
  const update = new Float32Array(Uint8Array.from(message).buffer)
  for (let i = 0; i < values; i++) plain.sum[i]! += update[i] as number
  plain.count++
  if (plain.count < parties) return
  const mean = new Uint8Array(Float32Array.from(plain.sum, (value) => value / parties).buffer)
  plain = { sum: new Float64Array(0), count: 0 }
  await Promise.all([...sockets].map(([party, socket]) => send(socket, { kind: KIND.plainMean, party }, mean)))
}

async function serve(socket: Socket): Promise<void> {
  const assembly = new Assembly()
  let own = 0
  const receive = async (frame: Frame): Promise<void> => {
    if (frame.kind === KIND.mean) {
      const receivers =
        frame.party === EVERYBODY
          ? [...sockets].filter(([party]) => party !== own)
          : [[frame.party, sockets.get(frame.party)] as const]
      await Promise.all(receivers.map(([, to]) => writeFrame(to as Socket, { ...frame, party: own })))
      return
    }
    const message = assembly.add(frame)
    if (message === undefined) return
    if (frame.kind === KIND.hello) {
      own = frame.party
      sockets.set(own, socket)
    }
    if (frame.kind === KIND.hello || frame.kind === KIND.memory)
      await send(socket, { kind: KIND.memory, party: own }, memory(message[0] === 1))
    else if (frame.kind === KIND.update) await addEncrypted(`p${own}`, message)
    else await addPlain(message)
  }
  for await (const frame of framesOf(socket)) await receive(frame)
}

// the bench holds the other end: however it ended, this ends too
process.stdin.on('end', () => process.exit()).resume()

const server = createServer((socket) => {
  socket.setNoDelay(true)
  socket.on('error', () => socket.destroy())
  void serve(socket)
})
process.stdout.write(`${await listeningPort(server)}\n`)
