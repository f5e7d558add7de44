// Records verified a second, and the memory it takes:
//   node experiments/log/verify.bench.ts [--json] [--bundle FILE] [RECORDS]
// The log is made first, as an evidence bundle, which takes longer than verifying it: with --bundle it is left in FILE
// and used again. The verifier is a process of its own, so the memory is its own.
import { fork } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { createReadStream, existsSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { verifyBundle } from '#protocols/log/verify-bundle.ts'
import { writeBundle } from '#protocols/log/bundle.ts'
import { editionBytes } from '#protocols/log/trust-edition.ts'
import { FEDERATION, SyntheticLog } from './synthetic-log.ts'

const RECORDS = 1_000_000
const JSON_RECORDS = 100_000
const READ_BYTES = 1 << 20

interface Measured {
  readonly ok: boolean
  readonly size: number
  readonly seconds: number
  readonly peakMiB: number
}

/** The leaves go to a file with their lengths first, because a bundle is written from leaves that can be read twice. */
async function makeBundle(path: string, records: number): Promise<void> {
  const log = new SyntheticLog()
  const raw = `${path}.leaves`
  await writeFile(raw, lengthPrefixed(log.leaves(records)))
  const { origin, participants, logKey } = log
  const collaboration = origin.split('/')[2] as string
  const about = { v: 1, federation: FEDERATION, collaboration, job: '', madeBy: 'bank' } as const
  await writeBundle(path, {
    about: { ...about, madeAt: '2026-02-01T00:00:00.000Z' },
    origin,
    participants,
    logKey,
    checkpoint: log.checkpoint(),
    trust: Buffer.from(editionBytes(log.trust)).toString('utf8'),
    leaves: () => leavesIn(raw),
  })
  await rm(raw)
}

/** In pieces of about a mebibyte: each is a write of its own. */
function* lengthPrefixed(leaves: Iterable<Uint8Array>): Generator<Uint8Array> {
  let piece: Uint8Array[] = []
  let bytes = 0
  for (const leaf of leaves) {
    const length = Buffer.alloc(4)
    length.writeUInt32BE(leaf.length)
    piece.push(length, leaf)
    bytes += length.length + leaf.length
    if (bytes < READ_BYTES) continue
    yield Buffer.concat(piece)
    piece = []
    bytes = 0
  }
  yield Buffer.concat(piece)
}

async function* leavesIn(path: string): AsyncGenerator<Uint8Array> {
  let rest = Buffer.alloc(0)
  for await (const chunk of createReadStream(path, { highWaterMark: READ_BYTES })) {
    rest = Buffer.concat([rest, chunk as Buffer])
    let at = 0
    while (at + 4 <= rest.length && at + 4 + rest.readUInt32BE(at) <= rest.length) {
      const end = at + 4 + rest.readUInt32BE(at)
      yield rest.subarray(at + 4, end)
      at = end
    }
    rest = rest.subarray(at)
  }
}

async function measure(path: string): Promise<Measured> {
  const child = fork(import.meta.filename, ['--verify', path])
  const [message] = (await once(child, 'message')) as [Measured]
  return message
}

if (process.argv.includes('--verify')) {
  const started = performance.now()
  const { ok, facts } = await verifyBundle(process.argv.at(-1) as string)
  const seconds = (performance.now() - started) / 1000
  process.send?.({ ok, size: facts.size, seconds, peakMiB: process.resourceUsage().maxRSS / 1024 } satisfies Measured)
  process.disconnect()
} else {
  const { values, positionals } = parseArgs({
    options: { json: { type: 'boolean', default: false }, bundle: { type: 'string' } },
    allowPositionals: true,
  })
  const asJson = values.json
  const records = Number(positionals[0] ?? (asJson ? JSON_RECORDS : RECORDS))
  const folder = await mkdtemp(join(tmpdir(), 'tributary-log-'))
  try {
    const path = values.bundle ?? join(folder, 'synthetic.tar')
    if (!existsSync(path)) await makeBundle(path, records)
    const { ok, size, seconds, peakMiB } = await measure(path)
    if (!ok || size !== records) throw new Error(`not a valid log of ${records} records, but of ${size}: ${path}`)
    const parameters = { records, parties: 3 }
    const figure = (name: string, unit: string, value: number) => ({
      name,
      parameters,
      unit,
      median: value,
      p90: value,
      n: 1,
    })
    const figures = [
      figure('log verified', 'records/s', records / seconds),
      figure('time to verify', 's', seconds),
      figure('peak memory of the verifier', 'MiB', peakMiB),
    ]
    if (asJson) console.log(JSON.stringify(figures))
    else
      for (const { name, unit, median } of figures)
        console.log(`${name} (${records} records): ${median.toFixed(1)} ${unit}`)
  } finally {
    await rm(folder, { recursive: true, force: true })
  }
}
