// Seconds and bytes of one training round, all parties in one process with two encryption workers.
// node protocols/vertical-lr/vertical-lr.bench.ts [--rows 100000] [--guest 30] [--hosts 300] [--rounds 3] [--group] [--json]
import { parseArgs } from 'node:util'
import { HePool } from '#crypto/he/pool.ts'
import { MemoryNetwork, runInMemory } from '#protocols/core/memory.ts'
import { openGuest } from './guest.ts'
import { openHost } from './host.ts'
import { groupOf } from './sample-group.ts'
import { partyInputs, SAMPLE_PARAMS, sampleTables } from './sample.ts'

const { values: options } = parseArgs({
  options: {
    rows: { type: 'string', default: '100000' },
    guest: { type: 'string', default: '30' },
    /** columns of each host, comma separated */
    hosts: { type: 'string', default: '300' },
    rounds: { type: 'string', default: '3' },
    harmonics: { type: 'string', default: '4' },
    /** the columns of the last host at a group of three, three rows in four at one of them */
    group: { type: 'boolean', default: false },
    json: { type: 'boolean', default: false },
  },
})
const rows = Number(options.rows)
const widths = [Number(options.guest), ...options.hosts.split(',').map(Number)]
const rounds = Number(options.rounds)
const params = { ...SAMPLE_PARAMS, rounds, tolerance: 1e-8, harmonics: Number(options.harmonics) }

const { tables, labels } = sampleTables(widths, rows + 1000)
const plain = partyInputs(tables, labels, rows, params)
const { ids, guest, hosts } = options.group
  ? groupOf(plain, 0)
  : { ...plain, ids: ['bank', ...plain.hosts.map((_, i) => `host-${i}`)] }
await using pool = await HePool.open({ workers: 2 })
const network = new MemoryNetwork()
const marks: { at: number; bytes: number }[] = []
const mark = () => {
  marks.push({
    at: performance.now(),
    bytes: network.transcript.reduce((sum, message) => sum + message.bytes.length, 0),
  })
  // Measured, so not kept: a real agent does not hold its transcript in memory either.
  for (const message of network.transcript) Object.assign(message, { bytes: { length: message.bytes.length } })
}
mark()
await runInMemory(
  [
    { id: 'bank', program: openGuest(pool) as never, input: guest },
    ...hosts.map((input, i) => ({ id: ids[i + 1]!, program: openHost(pool) as never, input })),
  ],
  network,
  { event: mark },
)

const parameters = { rows, columns: widths.join('+'), harmonics: Number(options.harmonics), group: options.group }
const perRound = marks
  .slice(1)
  .map((end, i) => ({ seconds: (end.at - marks[i]!.at) / 1000, bytes: end.bytes - marks[i]!.bytes }))
const figures = [
  // The first round makes keys and preconditioners: reported apart.
  {
    name: 'vertical-lr/first-round',
    parameters,
    unit: 's',
    samples: perRound.slice(0, 1).map((round) => round.seconds),
  },
  { name: 'vertical-lr/round', parameters, unit: 's', samples: perRound.slice(1).map((round) => round.seconds) },
  {
    name: 'vertical-lr/round-bytes',
    parameters,
    unit: 'MB',
    samples: perRound.slice(1).map((round) => round.bytes / 1e6),
  },
].map(({ samples, ...figure }) => {
  const sorted = samples.toSorted((a, b) => a - b)
  const at = (share: number) => sorted[Math.min(sorted.length - 1, Math.floor(share * sorted.length))]!
  return { ...figure, median: at(0.5), p90: at(0.9), n: sorted.length }
})
const peakMb = process.resourceUsage().maxRSS / 1024
figures.push({
  name: 'vertical-lr/peak-memory-all-parties',
  parameters,
  unit: 'MiB',
  median: peakMb,
  p90: peakMb,
  n: 1,
})

if (options.json) console.log(JSON.stringify(figures))
else
  for (const { name, parameters: p, median, unit, n } of figures)
    console.log(`${name}  ${JSON.stringify(p)}  median ${median.toFixed(2)} ${unit}  n=${n}`)
