// Which TensorFlow.js does the arithmetic: the native library where its package is installed and loads, otherwise
// WebAssembly, otherwise JavaScript. TensorFlow.js keeps one engine for a process, so it is opened once; and only where a
// job trains with it, because loading it takes 0.1 s and 14 MB.
import { createRequire } from 'node:module'
import { dirname, join } from 'node:path'
import { PlatformError } from '#runtime/errors.ts'
import type { TensorEngine } from './types.ts'

/** One way to have an engine: `start` leaves it ready as the backend of `tf`, or throws. */
export interface EngineCandidate {
  readonly name: TensorEngine['name']
  start(): Promise<void>
}

const require = createRequire(import.meta.url)

export const ENGINE_CANDIDATES: readonly EngineCandidate[] = [
  {
    name: 'tfjs-node',
    async start() {
      restoreUtil(require('node:util') as Record<string, unknown>)
      require('@tensorflow/tfjs-node') // an optional peer: absent in most installations
      await useBackend('tensorflow')
    },
  },
  {
    name: 'tfjs-wasm',
    async start() {
      const { setWasmPaths } = await import('@tensorflow/tfjs-backend-wasm')
      // Node finds the binary by no other way: the package looks for it beside the script of a page.
      setWasmPaths(join(dirname(require.resolve('@tensorflow/tfjs-backend-wasm')), '/'))
      await withoutNewListeners(() => useBackend('wasm'))
    },
  },
  {
    name: 'tfjs-cpu',
    async start() {
      await import('@tensorflow/tfjs-backend-cpu')
      await useBackend('cpu')
    },
  },
]

let opened: Promise<TensorEngine> | undefined

/** The engine of this process. @throws average.engine when none starts */
export function openEngine(): Promise<TensorEngine> {
  opened ??= firstEngine(ENGINE_CANDIDATES)
  return opened
}

/** The first candidate that starts. @throws average.engine with the name of each and, as its cause, what they threw */
export async function firstEngine(candidates: readonly EngineCandidate[]): Promise<TensorEngine> {
  const failures: unknown[] = []
  for (const candidate of candidates) {
    try {
      await candidate.start()
      const { version_core: version } = await import('@tensorflow/tfjs-core')
      return { name: candidate.name, version }
    } catch (thrown) {
      failures.push(thrown)
    }
  }
  const tried = candidates.map(({ name }) => name)
  throw new PlatformError('average.engine', { tried }, new AggregateError(failures))
}

async function useBackend(name: string): Promise<void> {
  const tf = await import('@tensorflow/tfjs-core')
  tf.enableProdMode() // no advertisements on standard error, no checks of every tensor
  if (!(await tf.setBackend(name))) throw new Error(`TensorFlow.js did not start its backend ${name}`)
  await tf.ready()
}

/**
 * tfjs-node 4.22 calls helpers that Node 23 removed from `util` (tfjs issue 8609); they come back with their old meaning.
 * @param util the module object that `require('util')` gives
 */
export function restoreUtil(util: Record<string, unknown>): void {
  util['isNullOrUndefined'] ??= (value: unknown) => value === null || value === undefined
  util['isArray'] ??= Array.isArray
}

/**
 * The loader of the WASM backend listens to uncaught exceptions and unhandled rejections of the whole process and
 * throws them again, which would hide from the agent where they came from. What it added is taken away.
 */
async function withoutNewListeners(start: () => Promise<void>): Promise<void> {
  const events = ['uncaughtException', 'unhandledRejection'] as const
  const before = events.map((event) => new Set<unknown>(process.rawListeners(event)))
  try {
    await start()
  } finally {
    events.forEach((event, i) => {
      for (const listener of process.rawListeners(event))
        if (before[i]?.has(listener) === false) process.removeListener(event, listener as () => void)
    })
  }
}
