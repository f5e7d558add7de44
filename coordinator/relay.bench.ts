// MiB/s through the relay between two agents over loopback: `node coordinator/relay.bench.ts [--json]`.
// Coordinator, sender and receiver are three processes, as they are in life.
import { type ChildProcess, fork, spawn } from 'node:child_process'
import { once } from 'node:events'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { openPartyHome } from '#crypto/identity/party-home.ts'
import type { JobView__Output } from '#protos/gen/tributary/v1/JobView.ts'
import { MAX_CHUNK_BYTES } from '#runtime/grpc-options.ts'
import {
  answerOf,
  connectAgent,
  makeFederation,
  openCaller,
  PASSPHRASE,
  signedSpec,
  type TestFederation,
} from './test-federation.ts'

const ENVELOPE_CHUNKS = 16
const SAMPLE_MIB = 256
const SAMPLES = 5

/** What the receiving process needs to be the second party. */
interface ReceiverStart {
  readonly folder: string
  readonly rootPem: string
  readonly address: string
}

const acceptance = (job: string) => ({
  invite_answer: { job, accepted: true, sealing_key: Buffer.alloc(32), sealing_signature: Buffer.alloc(64) },
})

/** The receiver: acknowledges each whole envelope. */
async function receive({ folder, rootPem, address }: ReceiverStart): Promise<void> {
  const identity = await openPartyHome(join(folder, 'tax'), PASSPHRASE)
  const federation = { folder, rootPem, parties: new Map([['tax', identity]]) } as unknown as TestFederation
  const agent = await connectAgent(federation, 'tax', address)
  agent.stream.on('data', ({ chunk, invite }) => {
    agent.frames.length = 0
    if (invite) agent.say(acceptance(invite.job))
    if (chunk && chunk.index + 1 === chunk.count) {
      agent.say({ ack: { job: chunk.job, from: chunk.to, to: chunk.from, seq: chunk.seq } })
    }
  })
  process.send?.('ready')
}

async function startCoordinatorProcess(federation: TestFederation): Promise<{ child: ChildProcess; address: string }> {
  const config = join(federation.folder, 'coordinator.yaml')
  const { home, trustBundle } = federation.config
  writeFileSync(config, JSON.stringify({ home, listen: '127.0.0.1:0', trustBundle, logLevel: 'silent' }))
  const child = spawn(process.execPath, [join(import.meta.dirname, 'main.ts'), '--config', config], {
    env: { ...process.env, TRIBUTARY_PASSPHRASE: PASSPHRASE },
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  const [line] = (await once(createInterface({ input: child.stdout }), 'line')) as [string]
  return { child, address: (JSON.parse(line) as { address: string }).address }
}

async function bench(): Promise<void> {
  const federation = await makeFederation(['bank', 'tax'])
  const coordinator = await startCoordinatorProcess(federation)
  const receiver = fork(import.meta.filename, ['receive'])
  try {
    receiver.send({ folder: federation.folder, rootPem: federation.rootPem, address: coordinator.address })
    await once(receiver, 'message')
    report(await transferRates(federation, coordinator.address))
  } finally {
    // they run for ever: an error here must end them too
    receiver.kill()
    coordinator.child.kill()
  }
}

/** MiB/s of each sample, sent by the bank in this process. */
async function transferRates(federation: TestFederation, address: string): Promise<number[]> {
  const bank = await connectAgent(federation, 'bank', address)
  const caller = openCaller(federation, 'bank', address)
  const spec = signedSpec(federation, ['tax'])
  const { job } = await answerOf<JobView__Output>((done) => caller.jobs.Submit(spec, done as never))
  // the answer to Submit may overtake the invite, and only who is invited can state in the log what it accepts
  await bank.heard('invite', { job })
  bank.say(acceptance(job))
  await bank.heard('round_opened', { job })

  const data = Buffer.alloc(MAX_CHUNK_BYTES, 1)
  let seq = 0
  const transfer = async (mib: number): Promise<number> => {
    const start = performance.now()
    const chunks = (mib * 1024 * 1024) / MAX_CHUNK_BYTES
    for (let sent = 0; sent < chunks; sent++) {
      const index = sent % ENVELOPE_CHUNKS
      if (index === 0) seq += 1
      const total_bytes = ENVELOPE_CHUNKS * MAX_CHUNK_BYTES
      const address = { job, from: 'bank', to: 'tax', seq, index, count: ENVELOPE_CHUNKS }
      await bank.sayAndFlush({ chunk: { ...address, total_bytes, data } })
    }
    await bank.heard('ack', { seq })
    bank.frames.length = 0
    return mib / ((performance.now() - start) / 1000)
  }
  await transfer(64)
  const rates: number[] = []
  for (let i = 0; i < SAMPLES; i++) rates.push(await transfer(SAMPLE_MIB))
  bank.leave()
  caller.jobs.close()
  caller.federation.close()
  return rates
}

/** p90 is the rate that nine of ten samples reach. */
function report(rates: number[]): void {
  const sorted = rates.toSorted((a, b) => a - b)
  const at = (share: number) => Number((sorted[Math.floor(share * (sorted.length - 1))] as number).toFixed(1))
  const parameters = { parties: 2, chunkKiB: MAX_CHUNK_BYTES / 1024, sampleMiB: SAMPLE_MIB, tls: '1.3' }
  const figure = { name: 'relay', parameters, unit: 'MiB/s', median: at(0.5), p90: at(0.1), n: rates.length }
  if (process.argv.includes('--json')) process.stdout.write(`${JSON.stringify([figure])}\n`)
  else process.stdout.write(`relay 256 KiB chunks over mTLS: median ${figure.median} MiB/s, p90 ${figure.p90}\n`)
}

if (process.argv[2] === 'receive') process.once('message', (start: ReceiverStart) => void receive(start))
else await bench()
