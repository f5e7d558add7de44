// Speed of a whole alignment: `node protocols/psi/psi.bench.ts [--json] [ids]`, 30,000 x 30,000 ids by default. Guest and
// host run in this process over the memory channel and share the threads of the point pool, so a figure is what both
// parties need together on this machine, without the network. `pool` lines are one primitive over all threads.
import { availableParallelism } from 'node:os'
import { hashIds, raiseSet } from '#crypto/psi/pool.ts'
import { MemoryNetwork } from '#protocols/core/memory.ts'
import { Secret } from '#runtime/secret.ts'
import { align, idsFrom, inputOf } from './in-memory.ts'
import { DEFAULT_BUCKET } from './params.ts'

interface Figure {
  readonly name: string
  readonly parameters: Readonly<Record<string, number>>
  readonly unit: string
  readonly median: number
  readonly p90: number
  readonly n: number
}

const SAMPLES = 3
const json = process.argv.includes('--json')
const ids = Number(process.argv.slice(2).find((word) => /^\d+$/.test(word)) ?? 30_000)
const threads = availableParallelism()
const figures: Figure[] = []

function add(name: string, parameters: Figure['parameters'], unit: string, samples: readonly number[]): void {
  const sorted = samples.toSorted((a, b) => a - b)
  const at = (share: number) => Number((sorted[Math.ceil(share * (sorted.length - 1))] as number).toFixed(3))
  figures.push({ name, parameters, unit, median: at(0.5), p90: at(0.9), n: sorted.length })
}

async function seconds(run: () => Promise<unknown>): Promise<number> {
  const start = performance.now()
  await run()
  return (performance.now() - start) / 1000
}

async function primitives(): Promise<void> {
  const names = idsFrom('id', 0, 20_000)
  const points = await hashIds(['bench'], names)
  const exponent = new Secret('bench', new Uint8Array(32).fill(5))
  const hashing: number[] = []
  const raising: number[] = []
  for (let i = 0; i < SAMPLES; i++) {
    hashing.push(names.length / (await seconds(() => hashIds(['bench'], names))))
    raising.push(names.length / (await seconds(() => raiseSet(exponent, points))))
  }
  add('psi/pool/hash-to-point', { threads }, 'ids/s', hashing)
  add('psi/pool/raise', { threads }, 'points/s', raising)
}

/** The longest time in which the event loop did not turn, in ms: what the links and beats of an agent would wait. */
function watchLoop(): () => number {
  let longest = 0
  let last = performance.now()
  const timer = setInterval(() => {
    const now = performance.now()
    longest = Math.max(longest, now - last - 5)
    last = now
  }, 5)
  return () => {
    clearInterval(timer)
    return Math.max(longest, performance.now() - last - 5)
  }
}

async function alignment(): Promise<void> {
  const parameters = { guestIds: ids, hostIds: ids, bucket: DEFAULT_BUCKET, threads }
  const took: number[] = []
  const stalls: number[] = []
  const processor: number[] = []
  let bytes = 0
  for (let i = 0; i < SAMPLES; i++) {
    const network = new MemoryNetwork()
    const guest = inputOf(idsFrom('id', 0, ids), { bucket: DEFAULT_BUCKET })
    const host = inputOf(idsFrom('id', Math.floor(ids / 2), ids + Math.floor(ids / 2)), { bucket: DEFAULT_BUCKET })
    const stop = watchLoop()
    const before = process.cpuUsage()
    took.push(await seconds(() => align([guest, host], network)))
    stalls.push(stop())
    const { user, system } = process.cpuUsage(before)
    processor.push((user + system) / (2 * ids))
    bytes = network.transcript.reduce((total, message) => total + message.bytes.length, 0)
  }
  add('psi/align', parameters, 's', took)
  add(
    'psi/align/speed',
    parameters,
    'ids/s',
    took.map((time) => ids / time),
  )
  add('psi/align/processor-time', parameters, 'µs/id/party', processor)
  add('psi/align/longest-stall', parameters, 'ms', stalls)
  add('psi/align/bytes', parameters, 'MB', [bytes / 1e6])
}

await primitives()
await alignment()
if (json) console.log(JSON.stringify(figures))
else
  for (const { name, parameters, unit, median, p90 } of figures)
    console.log(name, parameters, `${median} ${unit}, p90 ${p90}`)
