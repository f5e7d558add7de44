// What this process and its machine use: sampled every few seconds and kept for an hour, for the operator's page.
import { statfs } from 'node:fs/promises'
import { availableParallelism, freemem, loadavg, totalmem } from 'node:os'
import { monitorEventLoopDelay } from 'node:perf_hooks'
import type { Machine, Sample } from '#console/api/operation.ts'

const SAMPLE_SECONDS = 5
const MOST_SAMPLES = 720
const NANOSECONDS_PER_MS = 1e6
/** of the histogram; its own waiting is in every value */
const RESOLUTION_MS = 20

export class MachineWatch implements Disposable {
  readonly #home: string
  readonly #software: string
  /** of the process, ms since 1970 */
  readonly #startedAt = Date.now() - process.uptime() * 1000
  readonly #delay = monitorEventLoopDelay({ resolution: RESOLUTION_MS })
  readonly #timer: NodeJS.Timeout
  readonly #samples: Sample[] = []
  #cpu = process.cpuUsage()
  #cpuAtMs = performance.now()

  /** @param home folder whose disk counts */
  constructor(home: string, software: string) {
    this.#home = home
    this.#software = software
    this.#delay.enable()
    this.#timer = setInterval(() => this.sample(), SAMPLE_SECONDS * 1000).unref()
  }

  [Symbol.dispose](): void {
    clearInterval(this.#timer)
    this.#delay.disable()
  }

  /** Takes a sample of the time since the last one. */
  sample(): Sample {
    const usage = process.cpuUsage(this.#cpu)
    const nowMs = performance.now()
    const wallMs = Math.max(1, nowMs - this.#cpuAtMs)
    const p99 = this.#delay.percentile(99) / NANOSECONDS_PER_MS - RESOLUTION_MS
    const sample = {
      at: new Date().toISOString(),
      cpu: rounded((usage.user + usage.system) / 1000 / wallMs),
      memory: process.memoryUsage.rss(),
      loopDelayMs: Number.isFinite(p99) ? rounded(Math.max(0, p99)) : 0,
    }
    this.#cpu = process.cpuUsage()
    this.#cpuAtMs = nowMs
    this.#delay.reset()
    this.#samples.push(sample)
    if (this.#samples.length > MOST_SAMPLES) this.#samples.shift()
    return sample
  }

  get last(): Sample {
    return this.#samples.at(-1) ?? this.sample()
  }

  async view(): Promise<Machine> {
    const now = this.last
    const { heapUsed, rss } = process.memoryUsage()
    return {
      software: this.#software,
      node: process.version,
      startedAt: new Date(this.#startedAt).toISOString(),
      uptimeSeconds: rounded(process.uptime()),
      cores: availableParallelism(),
      load: loadavg().map(rounded),
      memory: { process: rss, heap: heapUsed, machine: totalmem(), free: freemem() },
      disk: await diskOf(this.#home),
      now,
      samples: [...this.#samples],
      sampleSeconds: SAMPLE_SECONDS,
    }
  }
}

/** Of the file system that a folder is on; zero where that cannot be told. */
export async function diskOf(folder: string): Promise<{ total: number; free: number }> {
  try {
    const { blocks, bavail, bsize } = await statfs(folder)
    return { total: blocks * bsize, free: bavail * bsize }
  } catch {
    return { total: 0, free: 0 }
  }
}

function rounded(value: number): number {
  return Math.round(value * 1000) / 1000
}
