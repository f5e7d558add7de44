// Requests of disputes in which this party asked or showed, as they were signed: <home>/disputes/<id>.json. They name job,
// round and reason and hold nothing of an update.
import { mkdir, readdir } from 'node:fs/promises'
import { basename, join } from 'node:path'
import { readJson } from '../results/stored.ts'
import { writeDurably } from '#runtime/files.ts'
import type { SignedRequest } from './dispute.ts'

export interface KeptRequest extends SignedRequest {
  readonly id: string
  /** what this party did: the guest asked, another party showed its update */
  readonly side: 'asked' | 'shown'
}

/** Durable when it returns. @throws PlatformError storage.full */
export async function keepRequest(home: string, { id, side, request, signature }: KeptRequest): Promise<void> {
  const folder = join(home, 'disputes')
  await mkdir(folder, { recursive: true, mode: 0o700 })
  const text = `${JSON.stringify({ side, request, signature }, null, 2)}\n`
  await writeDurably(join(folder, `${id}.json`), text, { mode: 0o600 })
}

/** Newest first. @throws PlatformError storage.damaged */
export async function keptRequests(home: string): Promise<readonly KeptRequest[]> {
  const folder = join(home, 'disputes')
  const names = await readdir(folder).catch(() => [])
  const files = names.filter((name) => /^dispute-[0-9a-f]{20}\.json$/.test(name))
  const kept = await Promise.all(
    files.map(async (name) => {
      const request = (await readJson<Omit<KeptRequest, 'id'>>(join(folder, name))) as Omit<KeptRequest, 'id'>
      return { ...request, id: basename(name, '.json') }
    }),
  )
  return kept.toSorted((a, b) => (a.request.time < b.request.time ? 1 : -1))
}
