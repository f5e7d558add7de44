import { execFileSync } from 'node:child_process'
import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import fc from 'fast-check'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { FEDERATION, SyntheticLog } from './synthetic-log.ts'
import { type BundleContents, bundleBytes, openBundle, writeBundle } from '#protocols/log/bundle.ts'
import type { TrustBundle } from '#crypto/identity/trust.ts'
import { editionBytes } from '#protocols/log/trust-edition.ts'
import { tarHeader, tarPadding } from '#protocols/log/tar.ts'
import { verifyBundle } from '#protocols/log/verify-bundle.ts'

const log = new SyntheticLog('bundle')
const leaves = [...log.leaves(160)]
const textOf = (edition: TrustBundle | undefined) => Buffer.from(editionBytes(edition as TrustBundle)).toString('utf8')
const contents: BundleContents = {
  about: {
    v: 1,
    federation: FEDERATION,
    collaboration: log.origin.split('/')[2] as string,
    job: 'job-1',
    madeAt: '2026-02-01T00:00:00.000Z',
    madeBy: 'bank',
  },
  origin: log.origin,
  participants: log.participants,
  logKey: log.logKey,
  checkpoint: log.checkpoint(),
  trust: textOf(log.trust),
  trustHistory: new Map([
    [1, textOf(log.editions[0])],
    [2, textOf(log.editions[1])],
  ]),
  async *leaves() {
    yield* leaves
  },
}
const malformed = { code: 'log.malformed' }

async function pack(changes: Partial<BundleContents> = {}): Promise<Buffer> {
  const parts: Uint8Array[] = []
  for await (const bytes of bundleBytes({ ...contents, ...changes })) parts.push(bytes)
  return Buffer.concat(parts)
}

/** The archive with one file changed, its header mended. */
function withFile(bundle: Buffer, name: string, edit: (bytes: Buffer) => Buffer): Buffer {
  const at = bundle.indexOf(`${name}\0`)
  const size = Number.parseInt(bundle.toString('latin1', at + 124, at + 135), 8)
  const changed = edit(bundle.subarray(at + 512, at + 512 + size))
  const end = at + 512 + size + tarPadding(size).length
  const file = [tarHeader(name, changed.length), changed, tarPadding(changed.length)]
  return Buffer.concat([bundle.subarray(0, at), ...file, bundle.subarray(end)])
}

let bundle: Buffer
let folder: string
beforeAll(async () => {
  bundle = await pack()
  folder = await mkdtemp(join(tmpdir(), 'tributary-bundle-'))
})
afterAll(() => rm(folder, { recursive: true, force: true }))

describe('a bundle', () => {
  test('is the same bytes each time, and every tar program reads it', async () => {
    expect(Buffer.compare(await pack(), bundle)).toBe(0)
    const path = join(folder, 'bundle.tar')
    await writeBundle(path, contents)
    expect(Buffer.compare(await readFile(path), bundle)).toBe(0)
    expect(await readdir(folder)).toEqual(['bundle.tar'])
    const names = execFileSync('tar', ['-tf', path], { encoding: 'utf8' }).trim().split('\n')
    expect(names).toEqual([
      'README.txt',
      'about.json',
      'checkpoint',
      'entries.jsonl',
      'keys.json',
      'trust/bundle.yaml',
      'trust/history/1.yaml',
      'trust/history/2.yaml',
    ])
    const readme = execFileSync('tar', ['-xOf', path, 'README.txt'], { encoding: 'utf8' })
    expect(readme).toContain('tributary verify')
  })

  test.each(['memory', 'a file'])('is read back from %s', async (where) => {
    const path = join(folder, 'read.tar')
    await writeFile(path, bundle)
    await using opened = await openBundle(where === 'memory' ? bundle : path)
    expect(opened.about).toEqual(contents.about)
    expect(opened.trust).toBe(contents.trust)
    expect(opened.trustHistory).toEqual(contents.trustHistory)
    const read: Buffer[] = []
    for await (const leaf of opened.leaves()) read.push(Buffer.from(leaf))
    expect(Buffer.compare(Buffer.concat(read), Buffer.concat(leaves))).toBe(0)
    expect(read).toHaveLength(leaves.length)
    const report = await verifyBundle(where === 'memory' ? bundle : path)
    expect(report).toMatchObject({ ok: true, problems: [], facts: { size: 160 } })
  })

  test('names keys that are not the ones known', async () => {
    const known = new SyntheticLog('other')
    const report = await verifyBundle(bundle, { known })
    expect(report.problems.map(({ code, who }) => [code, who])).toEqual([
      ['unknown-key', undefined],
      ['unknown-key', 'bank'],
      ['unknown-key', 'park'],
      ['unknown-key', 'tax'],
    ])
    expect((await verifyBundle(bundle, { known: log })).ok).toBe(true)
  })

  test('of an empty log is read', async () => {
    const empty = new SyntheticLog('bundle')
    const bytes = await pack({ checkpoint: empty.checkpoint(), async *leaves() {} })
    expect((await verifyBundle(bytes)).problems).toEqual([])
  })

  test('is not written when the leaves change meanwhile', async () => {
    let asked = 0
    const changing = async function* () {
      yield* asked++ === 0 ? leaves : leaves.slice(1)
    }
    const path = join(folder, 'changing.tar')
    await expect(writeBundle(path, { ...contents, leaves: changing })).rejects.toThrow(RangeError)
    expect(await readdir(folder)).not.toContain('changing.tar')
  })
})

test('no byte of the container can change without being found', async () => {
  const dataOf = (name: string) => {
    const at = bundle.indexOf(`${name}\0`)
    return [at + 512, at + 512 + Number.parseInt(bundle.toString('latin1', at + 124, at + 135), 8)] as const
  }
  // what nobody signs: texts for people
  const unsigned = ['README.txt', 'about.json']
  const free = unsigned.map(dataOf)
  await fc.assert(
    fc.asyncProperty(fc.nat(bundle.length - 1), fc.integer({ min: 0, max: 7 }), async (at, bit) => {
      fc.pre(!free.some(([from, to]) => at >= from && at < to))
      const changed = Buffer.from(bundle)
      changed.writeUInt8(changed.readUInt8(at) ^ (1 << bit), at)
      const report = await verifyBundle(changed, { workers: 0 })
      expect(report.ok).toBe(false)
    }),
    { numRuns: 150 },
  )
})

describe('refused as a container', () => {
  const end = 1024
  test.each<[string, (bytes: Buffer) => Buffer]>([
    ['cut off', (bytes) => bytes.subarray(0, bytes.length - 512)],
    ['cut off in a file', (bytes) => bytes.subarray(0, 3000)],
    ['nothing', () => Buffer.alloc(0)],
    ['bytes after the end', (bytes) => Buffer.concat([bytes, Buffer.alloc(512)])],
    ['a file twice', (bytes) => Buffer.concat([bytes.subarray(0, -end), bytes.subarray(-end - 1024)])],
    ['a file more', (bytes) => Buffer.concat([bytes.subarray(0, -end), tarHeader('zzz', 0), Buffer.alloc(end)])],
    ['files in another order', (bytes) => Buffer.concat([tarHeader('trust/bundle.yaml', 0), bytes])],
    [
      'a link',
      (bytes) => {
        const changed = Buffer.from(bytes)
        changed.write('2', 156)
        return changed
      },
    ],
    ['about.json of another shape', (bytes) => withFile(bytes, 'about.json', () => Buffer.from('{"v":1}'))],
    [
      'keys.json with a key twice',
      (bytes) =>
        withFile(bytes, 'keys.json', (json) => {
          const keys = JSON.parse(json.toString()) as { parties: { signingKey: string }[] }
          ;(keys.parties[1] as { signingKey: string }).signingKey = keys.parties[0]?.signingKey as string
          return Buffer.from(JSON.stringify(keys))
        }),
    ],
    ['a checkpoint too long', (bytes) => withFile(bytes, 'checkpoint', () => Buffer.alloc(200_000))],
    ['a README that is no text', (bytes) => withFile(bytes, 'README.txt', () => Buffer.of(0xff))],
  ])('%s', async (_, edit) => {
    const changed = edit(bundle)
    await expect(openBundle(changed)).rejects.toMatchObject(malformed)
    expect((await verifyBundle(changed)).problems).toMatchObject([{ code: 'bundle-malformed' }])
  })

  test.each<[string, (lines: string[]) => string]>([
    ['no last newline', (lines) => lines.join('\n').trimEnd()],
    ['base64 without padding', (lines) => lines.join('\n').replaceAll('=', '')],
    ['an empty line', (lines) => lines.toSpliced(3, 0, '').join('\n')],
    ['carriage returns', (lines) => lines.join('\r\n')],
    ['an endless line', () => 'A'.repeat(3_000_000)],
  ])('entries with %s', async (_, edit) => {
    const changed = withFile(bundle, 'entries.jsonl', (bytes) => Buffer.from(edit(bytes.toString().split('\n'))))
    expect((await verifyBundle(changed)).ok).toBe(false)
  })

  test('keys.json not canonical', async () => {
    const changed = withFile(bundle, 'keys.json', (json) => Buffer.from(`${json.toString()} `))
    await expect(openBundle(changed)).rejects.toMatchObject({ code: 'log.not-canonical' })
  })

  test('participants that do not make the origin', async () => {
    const participants = log.participants.slice(1)
    expect((await verifyBundle(await pack({ participants }))).problems).toMatchObject([{ code: 'bundle-malformed' }])
  })
})
