// Entry of an encryption worker: one library instance, one request at a time.
import { parentPort, workerData } from 'node:worker_threads'
import { PlatformError, toPlatformError } from '#runtime/errors.ts'
import type { Engine } from './engine.ts'
import { Operations } from './operations.ts'
import { release } from './raw.ts'
import { sealRefusals, startSeal } from './seal.ts'

/** The operations that a pool may ask for. */
export type OperationName = Exclude<keyof Operations, typeof Symbol.dispose>

/** What a worker starts from. */
export interface WorkerStart {
  readonly module: WebAssembly.Module
  readonly engine: Engine
}

export interface WorkerRequest {
  readonly operation: OperationName
  readonly input: unknown
}

export type WorkerReply = {
  /** exceptions that reached the library since the start: the pool replaces a worker that has had too many */
  readonly refusals: number
} & ({ readonly output: unknown } | { readonly code: string; readonly detail: PlatformError['detail'] })

const port = parentPort
if (port === null) throw new PlatformError('internal.unexpected', { expected: 'a worker thread' })

const { module, engine } = workerData as WorkerStart
const operations = new Operations(await startSeal(module), engine)

port.on('message', ({ operation, input }: WorkerRequest) => {
  try {
    const run = operations[operation].bind(operations) as (input: unknown) => unknown
    const output = run(input)
    port.postMessage({ output, refusals: sealRefusals() }, transferable(output))
    releaseAll(input)
  } catch (thrown) {
    const { code, detail } = toPlatformError(thrown)
    port.postMessage({ code, detail, refusals: sealRefusals() })
  }
})
port.postMessage({ output: 'ready', refusals: sealRefusals() })

/** The plain buffers of a result move to the pool; shared ones are shared anyway. */
function transferable(output: unknown): ArrayBuffer[] {
  const values = ArrayBuffer.isView(output) ? [output] : Object.values(output ?? {})
  return values.flatMap((value) =>
    ArrayBuffer.isView(value) && value.buffer instanceof ArrayBuffer ? [value.buffer] : [],
  )
}

/** The request's own copies, which nobody needs any more. */
function releaseAll(input: unknown): void {
  for (const value of Object.values(input ?? {}).flat())
    if (ArrayBuffer.isView(value) && value.buffer instanceof ArrayBuffer && !value.buffer.detached) release(value)
}
