// Federated averaging at size: encryption, addition and opening of updates; a round against a round in clear over a line of
// 100 Mbit/s, computed and measured over a shaped loopback; many clients and the memory of the adder.
//   node --expose-gc experiments/scale/fedavg.bench.ts [--part speed,round,many] [--values 1000000] [--clients 10] [--mbit 100]
//     [--many 100] [--many-values 40960] [--many-rounds 10] [--json]
// Speed is given in µs of a clock and of the processor: the machine may be busy with other work.
import { createHash } from 'node:crypto'
import { parseArgs } from 'node:util'
import { makeSealingKey } from '#crypto/envelope.ts'
import { SHARED_RING } from '#crypto/aggregate/ring-transform.ts'
import { pairSecret } from '#crypto/aggregate/round-keys.ts'
import {
  addAll,
  encryptAll,
  openAll,
  type SampleParties,
  sampleParties,
  sampleRound,
  uploadBytes,
} from '#crypto/aggregate/sample-round.ts'
import { openThreshold, ShareRelease } from '#crypto/aggregate/threshold.ts'
import { decodeUpdate, UpdateSum } from '#protocols/fedavg/adder.ts'
import { mean } from '#protocols/fedavg/bodies.ts'
import {
  type Connection,
  connectAll,
  encryptedRound,
  openMessage,
  plainRound,
  startAdder,
  updateMessage,
} from './fedavg-clients.ts'
import { KIND } from './frames.ts'
import { openShapedLink } from './shaped-link.ts'

const { values: options } = parseArgs({
  options: {
    part: { type: 'string', default: 'speed,round,many' },
    values: { type: 'string', default: '1000000' },
    clients: { type: 'string', default: '10' },
    mbit: { type: 'string', default: '100' },
    many: { type: 'string', default: '100' },
    'many-values': { type: 'string', default: '40960' },
    'many-rounds': { type: 'string', default: '10' },
    json: { type: 'boolean', default: false },
  },
})
const [VALUES, CLIENTS, MBIT] = [options.values, options.clients, options.mbit].map(Number) as [number, number, number]

interface Figure {
  readonly name: string
  readonly parameters: Readonly<Record<string, string | number>>
  readonly unit: string
  readonly median: number
  readonly p90: number
  readonly n: number
}

const figures: Figure[] = []
type Parameters = Figure['parameters']

function tell(name: string, parameters: Parameters, unit: string, samples: readonly number[]): number {
  const sorted = samples.toSorted((a, b) => a - b)
  const at = (share: number) => sorted[Math.floor(share * (sorted.length - 1))] as number
  const figure = { name: `fedavg/${name}`, parameters, unit, median: at(0.5), p90: at(0.9), n: samples.length }
  figures.push(figure)
  if (!options.json) {
    const where = Object.entries(parameters).map(([key, value]) => `${key}=${value}`)
    console.log(`${figure.name}  ${where.join(' ')}  ${figure.median.toPrecision(4)} ${unit} (n=${figure.n})`)
  }
  return figure.median
}

interface Cost {
  readonly wall: number[]
  readonly cpu: number[]
}

/** µs of clock and of processor, a warm-up aside. */
function cost(samples: number, run: () => void): Cost {
  const taken: Cost = { wall: [], cpu: [] }
  for (let i = 0; i <= samples; i++) {
    const [before, start] = [process.cpuUsage(), performance.now()]
    run()
    const [wall, { user, system }] = [(performance.now() - start) * 1000, process.cpuUsage(before)]
    if (i === 0) continue
    taken.wall.push(wall)
    taken.cpu.push(user + system)
  }
  return taken
}

/** @returns the processor's */
function tellCost(name: string, parameters: Parameters, unit: string, { wall, cpu }: Cost, share: number): number {
  const each = (samples: readonly number[]) => samples.map((sample) => sample / share)
  tell(name, { ...parameters, clock: 'wall' }, unit, each(wall))
  return tell(name, { ...parameters, clock: 'processor' }, unit, each(cpu))
}

const updateOf = (length: number, party: number, levels: number) =>
  Uint32Array.from({ length }, (_, i) => ((Math.imul(i + 1, 0x9e3779b1) >>> 8) + party) % (levels + 1))

/** Seconds of processor that one party, or the adder for one update, computes in a round. */
interface Computing {
  readonly encrypt: number
  readonly add: number
  readonly open: number
}

function speed(): Computing {
  const at = { values: VALUES, clients: CLIENTS }
  const [one, other] = [makeSealingKey(), makeSealingKey()]
  tellCost(
    'agree with one party',
    {},
    'µs',
    cost(50, () => void pairSecret(one, other.publicKey, 'a pair')),
    1,
  )
  const round = sampleRound(CLIENTS)
  const update = updateOf(VALUES, 0, round.fields.levels)
  let chunks: Uint8Array[] = []
  const encrypt = cost(7, () => void (chunks = encryptAll(round, 1, update)))
  const perValue = tellCost('encrypt', at, 'µs/parameter', encrypt, VALUES)
  const message = updateMessage(round, 1, 1, update)
  tell('bytes up', at, 'bytes/parameter', [message.length / VALUES])
  let adder = new UpdateSum(decodeUpdate(message))
  let from = 0
  const add = cost(3 * CLIENTS - 1, () => {
    if (from === CLIENTS) [adder, from] = [new UpdateSum(decodeUpdate(message)), 0]
    const body = decodeUpdate(message)
    adder.add(`p${++from}`, body, createHash('sha256').update(message).digest())
  })
  const perTerm = tellCost('add one update', at, 'µs/parameter', add, VALUES)
  const sums = addAll(
    round,
    round.names.map((_, i) => (i === 1 ? chunks : encryptAll(round, i, update))),
  )
  let opened: Uint32Array = new Uint32Array(0)
  const open = cost(5, () => void (opened = openAll(round, sums, VALUES)))
  const perSum = tellCost('open', at, 'µs/parameter', open, VALUES)
  if (opened.some((value, i) => value !== CLIENTS * (update[i] as number))) throw new Error('the sum is not exact')
  tell('bytes of the mean', at, 'bytes/parameter', [mean.encode({ label: round.label, sums: opened }).length / VALUES])
  shared()
  return { encrypt: (perValue * VALUES) / 1e6, add: (perTerm * VALUES) / 1e6, open: (perSum * VALUES) / 1e6 }
}

/** Opening by all: no bar, for it is the alternative. */
function shared(): void {
  const at = { values: VALUES, clients: CLIENTS }
  const round = sampleRound(CLIENTS, { shared: VALUES })
  const { fields, label, names, keys } = round
  const update = updateOf(VALUES, 0, fields.levels)
  let chunks: Uint8Array[] = []
  tellCost(
    'threshold: encrypt',
    at,
    'µs/parameter',
    cost(2, () => void (chunks = encryptAll(round, 1, update))),
    VALUES,
  )
  const sums = addAll(
    round,
    names.map((_, i) => (i === 1 ? chunks : encryptAll(round, i, update))),
  )
  const releases = keys.map((own) => new ShareRelease(fields, label, VALUES, own))
  let first: Uint8Array[] = []
  const share = cost(2, () => void (first = (releases[0] as ShareRelease).release(sums)))
  tellCost('threshold: share', at, 'µs/parameter', share, VALUES)
  const shares = new Map(names.map((name, i) => [name, i === 0 ? first : (releases[i] as ShareRelease).release(sums)]))
  const opening = { fields, label, values: VALUES, participants: names }
  let opened: Uint32Array = new Uint32Array(0)
  const open = cost(2, () => void (opened = openThreshold(opening, sums, shares)))
  tellCost('threshold: open', at, 'µs/parameter', open, VALUES)
  if (opened.some((value, i) => value !== CLIENTS * (update[i] as number))) throw new Error('the sum is not exact')
  tell('threshold: bytes up', at, 'bytes/parameter', [(2 * uploadBytes(VALUES, SHARED_RING)) / VALUES])
}

/** Seconds of a round from bytes and computing alone. `each`: a line a client, and an adder whose line is no limit. */
function computedRound(
  scope: 'shared' | 'each',
  { encrypt, add, open }: Computing,
): { plain: number; encrypted: number; toEach: number } {
  const line = (bytes: number) => bytes / ((MBIT * 1e6) / 8)
  const [plain, up, told] = [4 * VALUES, uploadBytes(VALUES), 3 * VALUES]
  // lines are shared fairly, so the updates are there at about the same time, and are added one after the other
  const copies = scope === 'each' ? 1 : CLIENTS
  const opened = encrypt + line(copies * up) + CLIENTS * add + line(up) + open
  // the mean leaves the opener once, and is copied where all lines meet: what comes down follows what goes up
  const down = scope === 'each' ? 1 : CLIENTS - 1
  return {
    plain: 2 * line(copies * plain),
    encrypted: opened + line(down * told),
    toEach: opened + line((CLIENTS - 1) * told),
  }
}

async function measuredRounds(scope: 'shared' | 'each', computing: Computing): Promise<void> {
  const at = {
    values: VALUES,
    clients: CLIENTS,
    mbit: MBIT,
    line: scope === 'shared' ? 'of the adder' : 'of each client',
  }
  const computed = computedRound(scope, computing)
  tell('round in clear, computed', at, 's', [computed.plain])
  for (const [mean, seconds] of [
    ['copied', computed.encrypted],
    ['to each', computed.toEach],
  ] as const) {
    tell('round, computed', { ...at, mean }, 's', [seconds])
    tell('round / round in clear, computed', { ...at, mean }, '', [seconds / computed.plain])
  }
  await using adder = await startAdder(CLIENTS, VALUES)
  await using link = await openShapedLink(adder.port, (MBIT * 1e6) / 8, scope)
  using scopes = new DisposableStack()
  const connections = (await connectAll(link.port, CLIENTS)).map((one) => scopes.use(one))
  const parties = sampleParties(CLIENTS)
  const plain: number[] = []
  const encrypted = { copied: [] as number[], 'to each': [] as number[] }
  for (let number = 1; number <= 6; number++) {
    const telling = number % 2 === 1 ? 'copied' : 'to each'
    const round = sampleRound(parties, { round: number })
    const updates = round.names.map((_, i) => updateOf(VALUES, i, round.fields.levels))
    const ready = updates.slice(1).map((update, i) => updateMessage(round, i + 1, number, update))
    const { seconds, sums } = await encryptedRound(
      connections,
      round,
      number,
      updates[0] as Uint32Array,
      ready,
      telling,
    )
    if (sums.some((value, i) => value !== updates.reduce((total, update) => total + (update[i] as number), 0)))
      throw new Error('the sum is not exact')
    encrypted[telling].push(seconds)
    plain.push(await plainRound(connections, new Float32Array(VALUES).fill(number)))
  }
  const clear = tell('round in clear, measured', at, 's', plain)
  for (const mean of ['copied', 'to each'] as const) {
    const own = tell('round, measured', { ...at, mean }, 's', encrypted[mean])
    tell('round / round in clear, measured', { ...at, mean }, '', [own / clear])
  }
}

/** Whole rounds between many parties: every sum is checked. */
async function manyClients(parties: SampleParties): Promise<void> {
  const clients = parties.names.length
  const [values, rounds] = [Number(options['many-values']), Number(options['many-rounds'])]
  const at = { clients, values, rounds }
  await using adder = await startAdder(clients, values)
  using scopes = new DisposableStack()
  const connections = (await connectAll(adder.port, clients)).map((one) => scopes.use(one))
  const [first] = connections as [Connection]
  const before = await first.memory()
  const [after, taken]: [number[], number[]] = [[], []]
  for (let number = 1; number <= rounds; number++) {
    const round = sampleRound(parties, { round: number })
    const total = new Uint32Array(values)
    for (const [i, connection] of connections.entries()) {
      const update = updateOf(values, i, round.fields.levels)
      for (const [k, value] of update.entries()) total[k]! += value
      const used = process.cpuUsage()
      const message = updateMessage(round, i, number, update)
      const { user, system } = process.cpuUsage(used)
      taken.push((user + system) / values)
      await connection.send({ kind: KIND.update, party: 0 }, message)
    }
    const opened = openMessage(round, await first.receive(KIND.sum), values)
    if (opened.some((value, k) => value !== total[k])) throw new Error('the sum is not exact')
    after.push((await first.memory()).rss / 2 ** 20)
  }
  const { peak, held, cpu } = await first.memory()
  tell('many: encrypt, processor', at, 'µs/parameter', taken)
  tell('many: adder, processor', at, 'µs/parameter and client', [(cpu - before.cpu) / (clients * rounds * values)])
  tell('many: adder before', at, 'MiB resident', [before.rss / 2 ** 20])
  tell('many: adder after the first round', at, 'MiB resident', after.slice(0, 1))
  tell('many: adder after the last round', at, 'MiB resident', after.slice(-1))
  tell('many: adder at most', at, 'MiB resident', [peak / 2 ** 20])
  tell('many: adder, objects and buffers in the end', at, 'MiB', [held / 2 ** 20])
}

/** One round of so many parties with updates of full length: what the adder holds. One party's ciphertext serves for all. */
async function manyLong(parties: SampleParties): Promise<void> {
  const clients = parties.names.length
  const at = { clients, values: VALUES, rounds: 1 }
  const round = sampleRound(parties)
  const message = updateMessage(round, 1, 1, updateOf(VALUES, 0, round.fields.levels))
  await using adder = await startAdder(clients, VALUES)
  using scopes = new DisposableStack()
  const connections = (await connectAll(adder.port, clients)).map((one) => scopes.use(one))
  const [first] = connections as [Connection]
  const before = await first.memory()
  for (const connection of connections) {
    await connection.send({ kind: KIND.update, party: 0 }, message)
    // one update at a time at the adder: what waits on its way is the link's to bound
    if (connection !== connections.at(-1)) await connection.memory(false)
  }
  await first.receive(KIND.sum)
  const { peak, cpu } = await first.memory()
  tell('long: adder before', at, 'MiB resident', [before.rss / 2 ** 20])
  tell('long: adder at most', at, 'MiB resident', [peak / 2 ** 20])
  tell('long: adder, processor', at, 'µs/parameter and client', [(cpu - before.cpu) / (clients * VALUES)])
}

const parts = options.part.split(',')
const computing = parts.includes('speed') || parts.includes('round') ? speed() : undefined
if (parts.includes('round') && computing !== undefined) {
  await measuredRounds('shared', computing)
  await measuredRounds('each', computing)
}
if (parts.includes('many')) {
  for (const clients of options.many.split(',').map(Number)) {
    const start = performance.now()
    const parties = sampleParties(clients)
    tell('many: agree, all pairs, one end of each', { clients }, 's', [(performance.now() - start) / 1000])
    await manyClients(parties)
    await manyLong(parties)
  }
}
if (options.json) console.log(JSON.stringify(figures))
