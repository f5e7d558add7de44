// Records verified a second, and the memory it takes: `node experiments/log/verify.bench.ts [--json] [RECORDS]`.
// The log is made first, as an evidence bundle; the verifier is a process of its own, so the memory is its own.
import { fork } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { createReadStream } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { verifyBundle } from '#protocols/log/verify-bundle.ts'
import { writeBundle } from '#protocols/log/bundle.ts'
import { FEDERATION, SyntheticLog } from './synthetic-log.ts'

const RECORDS = 1_000_000
const JSON_RECORDS = 100_000

interface Measured {
  readonly ok: boolean
  readonly seconds: number
  readonly peakMiB: number
}

/** The leaves go to a file with their lengths first, because a bundle is written from leaves that can be read twice. */
async function makeBundle(folder: string, records: number): Promise<string> {
  const path = join(folder, `synthetic-${records}.tar`)
  const log = new SyntheticLog()
  const raw = join(folder, 'leaves')
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
    trust: 'federation: credit\n',
    leaves: () => leavesIn(raw),
  })
  await rm(raw)
  return path
}

function* lengthPrefixed(leaves: Iterable<Uint8Array>): Generator<Uint8Array> {
  for (const leaf of leaves) {
    const length = Buffer.alloc(4)
    length.writeUInt32BE(leaf.length)
    yield Buffer.concat([length, leaf])
  }
}

async function* leavesIn(path: string): AsyncGenerator<Uint8Array> {
  let rest = Buffer.alloc(0)
  for await (const chunk of createReadStream(path, { highWaterMark: 1 << 20 })) {
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
  const { ok } = await verifyBundle(process.argv.at(-1) as string)
  const seconds = (performance.now() - started) / 1000
  process.send?.({ ok, seconds, peakMiB: process.resourceUsage().maxRSS / 1024 } satisfies Measured)
  process.disconnect()
} else {
  const asJson = process.argv.includes('--json')
  const records = Number(process.argv.slice(2).find((word) => /^\d+$/.test(word)) ?? (asJson ? JSON_RECORDS : RECORDS))
  const folder = await mkdtemp(join(tmpdir(), 'tributary-log-'))
  try {
    const { ok, seconds, peakMiB } = await measure(await makeBundle(folder, records))
    if (!ok) throw new Error('a valid log was found invalid')
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
