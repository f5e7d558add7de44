// Writes the files of a federation: chunks are made on several threads and appended in order, few at a time, so that
// memory does not grow with the number of rows and the bytes do not depend on the number of threads.
import { type FileHandle, mkdir, open } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { Piscina } from 'piscina'
import { type Chunk, type ChunkTask, makeChunk, type Section, sectionHeads, sectionLength } from './chunk.ts'
import { addCounts, type Counts, emptyCounts } from './counts.ts'
import type { FederationPlan } from './plan.ts'
import { SYNTH_PARTIES } from './record.ts'

const CHUNK_ROWS = 2048
/** Of a thread. A chunk with raw tables needs about 60 MB. */
const HEAP_MB = 256
const YOUNG_MB = 32
/** Chunks that wait for their turn, per thread. */
const AHEAD = 2

export interface WriteOptions {
  /** 0 makes everything on the calling thread */
  readonly workers: number
  /** in [0, 1] */
  readonly onProgress?: (share: number) => void
}

/** Writes every CSV file of the plan below `directory`. @returns the counts and the bytes of each file, by path */
export async function writeFiles(
  directory: string,
  plan: FederationPlan,
  options: WriteOptions,
): Promise<{ readonly counts: Counts; readonly bytes: ReadonlyMap<string, number> }> {
  const counts = emptyCounts()
  const bytes = new Map<string, number>()
  const tables = SYNTH_PARTIES.filter((table) => Object.keys(sectionHeads(plan, table)).length > 0)
  const sections: readonly Section[] = ['oracle', ...tables]
  const total = sections.reduce((sum, section) => sum + sectionLength(plan, section), 0)
  let done = 0
  const maker = openMaker(options.workers)
  try {
    for (const section of sections) {
      await writeSection(directory, plan, section, maker, bytes, (chunk, rows) => {
        if (chunk.counts !== undefined) addCounts(counts, chunk.counts)
        done += rows
        options.onProgress?.(done / total)
      })
    }
  } finally {
    await maker.close()
  }
  return { counts, bytes }
}

interface Maker {
  readonly ahead: number
  make(task: ChunkTask): Promise<Chunk>
  close(): Promise<void>
}

function openMaker(workers: number): Maker {
  if (workers === 0) {
    return { ahead: 1, make: async (task) => makeChunk(task), close: async () => undefined }
  }
  const pool = new Piscina<ChunkTask, Chunk>({
    filename: new URL('./worker.ts', import.meta.url).href,
    minThreads: workers,
    maxThreads: workers,
    execArgv: [],
    // Without a limit each heap grows to what the machine has, whatever it needs.
    resourceLimits: { maxOldGenerationSizeMb: HEAP_MB, maxYoungGenerationSizeMb: YOUNG_MB },
  })
  return { ahead: workers * AHEAD, make: (task) => pool.run(task), close: () => pool.destroy() }
}

async function writeSection(
  directory: string,
  plan: FederationPlan,
  section: Section,
  maker: Maker,
  bytes: Map<string, number>,
  onChunk: (chunk: Chunk, rows: number) => void,
): Promise<void> {
  const files = new Map<string, FileHandle>()
  const length = sectionLength(plan, section)
  const waiting: { rows: number; chunk: Promise<Chunk> }[] = []
  const append = async (path: string, data: Uint8Array | string) => {
    const buffer = typeof data === 'string' ? Buffer.from(data, 'utf8') : data
    await files.get(path)!.writeFile(buffer)
    bytes.set(path, (bytes.get(path) ?? 0) + buffer.byteLength)
  }
  try {
    for (const [path, head] of Object.entries(sectionHeads(plan, section))) {
      const full = join(directory, path)
      await mkdir(dirname(full), { recursive: true })
      files.set(path, await open(full, 'w'))
      await append(path, head)
    }
    for (let from = 0; from < length || waiting.length > 0; ) {
      while (from < length && waiting.length < maker.ahead) {
        const to = Math.min(length, from + CHUNK_ROWS)
        const chunk = maker.make({ plan, section, from, to })
        // A failure is thrown where its turn comes; until then nobody else shall call it unhandled.
        chunk.catch(() => undefined)
        waiting.push({ rows: to - from, chunk })
        from = to
      }
      const next = waiting.shift()!
      const chunk = await next.chunk
      for (const [path, data] of Object.entries(chunk.files)) await append(path, data)
      onChunk(chunk, next.rows)
    }
  } finally {
    for (const file of files.values()) await file.close()
  }
}
