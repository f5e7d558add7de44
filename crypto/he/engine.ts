// Which engine the workers of a pool compute with: the WebAssembly SIMD kernels, or SEAL alone where these cannot run.
import { assembleHistogram } from './histogram-code.ts'
import { assembleKernel } from './kernel-code.ts'
import { assembleNodeSums } from './node-code.ts'
import { N, setNamed } from './params.ts'
import { assemblePhases } from './phase-code.ts'
import { assembleSeeds } from './seed-code.ts'

export type Engine = 'kernel' | 'seal'

/** auto: the kernels, if they can run here. */
export const ENGINE_CHOICES = ['auto', 'seal'] as const
export type EngineChoice = (typeof ENGINE_CHOICES)[number]

export interface ChosenEngine {
  readonly engine: Engine
  /** why it is not the kernels */
  readonly reason?: string
}

/** For tests and trials: `seal` where an agent's configuration says nothing else. */
export const ENGINE_VARIABLE = 'TRIBUTARY_HE_ENGINE'

let tried: ChosenEngine | undefined

/** The engine to open a pool with. compile: compiles the kernels, another one in tests only. */
export function chooseEngine(
  choice: EngineChoice = 'auto',
  env: NodeJS.ProcessEnv = process.env,
  compile?: () => void,
): ChosenEngine {
  if (choice === 'seal') return { engine: 'seal', reason: 'configured' }
  if (env[ENGINE_VARIABLE] === 'seal') return { engine: 'seal', reason: `${ENGINE_VARIABLE} is set` }
  if (compile !== undefined) return tryKernels(compile)
  tried ??= tryKernels(compileKernels)
  return tried
}

function tryKernels(compile: () => void): ChosenEngine {
  try {
    compile()
    return { engine: 'kernel' }
  } catch (thrown) {
    return { engine: 'seal', reason: thrown instanceof Error ? thrown.message : String(thrown) }
  }
}

/** One of each kind: all are made of the same instructions. @throws WebAssembly.CompileError, for example without SIMD */
function compileKernels(): void {
  for (const code of [
    assembleKernel(),
    assembleHistogram({ n: N, windows: 4, digits: 8 }),
    assembleNodeSums(N, 4, 'trees'),
    assembleSeeds(),
    assemblePhases(setNamed('trees').dataPrimes[0] as bigint),
  ]) {
    void new WebAssembly.Module(code)
  }
}
