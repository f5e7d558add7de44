// WebAssembly memories that the workers of a pool share. They are used again: threads drop theirs at garbage collection
// only, so a new one a level would pile up.
import { PlatformError } from '#runtime/errors.ts'
import { SHARED_PAGES } from './assembler.ts'

const PAGE = 65_536

export class SharedMemories {
  readonly #free: WebAssembly.Memory[] = []

  /** A memory of at least so many bytes, with anything in it. @throws he.range above 2 GiB */
  take(bytes: number): WebAssembly.Memory {
    const pages = Math.ceil(bytes / PAGE)
    if (pages > SHARED_PAGES) throw new PlatformError('he.range', { bytes, limit: SHARED_PAGES * PAGE })
    const memory = this.#free.pop()
    if (memory === undefined) return new WebAssembly.Memory({ initial: pages, maximum: SHARED_PAGES, shared: true })
    const missing = pages - memory.buffer.byteLength / PAGE
    if (missing > 0) memory.grow(missing)
    return memory
  }

  giveBack(memory: WebAssembly.Memory): void {
    this.#free.push(memory)
  }
}
