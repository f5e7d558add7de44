// One whole job through the command line, as a user runs it: the demo, with every party a process and gRPC between them.
// Checks what must hold of its result; ends with `N passed, N failed`.
import { spawnSync } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import type { LabResult } from '#experiments/lab/lab-result.ts'

const root = fileURLToPath(new URL('..', import.meta.url))
const { status, stdout } = spawnSync(process.execPath, ['bin/tributary.mjs', 'demo', '--json'], {
  cwd: root,
  encoding: 'utf8',
  maxBuffer: 64 << 20,
  stdio: ['ignore', 'pipe', 'inherit'],
})

const result = readResult()
const { metrics } = result
const parties = ['bank', 'tax', 'social', 'property']
const claims: readonly (readonly [claim: string, holds: boolean])[] = [
  ['the demo ends with exit code 0', status === 0],
  ['the job succeeded', result.state === 'succeeded'],
  ['joint AUC is above the bank alone', (metrics?.joint.auc.value ?? 0) > (metrics?.bankOnly.auc.value ?? 1)],
  ['joint KS is above the bank alone', (metrics?.joint.ks.value ?? 0) > (metrics?.bankOnly.ks.value ?? 1)],
  [
    'every party has its part of the model',
    parties.every((party) => (result.models?.[party]?.features.length ?? 0) > 0),
  ],
  ['every party sent ciphertexts', parties.every((party) => (result.sent?.[party]?.['ciphertext'] ?? 0) > 0)],
  ['the loss fell', (result.losses?.at(-1)?.loss ?? 1) < (result.losses?.at(0)?.loss ?? 0)],
]
for (const [claim, holds] of claims) console.log(`${holds ? 'ok  ' : 'FAIL'} ${claim}`)
const failed = claims.filter(([, holds]) => !holds).length
if (failed > 0) console.log(`the demo printed: ${stdout.slice(0, 4000)}`)
console.log(`\n${claims.length - failed} passed, ${failed} failed`)
process.exitCode = failed === 0 ? 0 : 1

/** The result is the last line of what the demo printed; nothing usable counts as a result without anything in it. */
function readResult(): Partial<LabResult> {
  try {
    return JSON.parse(stdout.trim().split('\n').at(-1) ?? '') as LabResult
  } catch {
    return {}
  }
}
