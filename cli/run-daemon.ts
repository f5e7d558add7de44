// Runs a daemon's own entry point as a child of this command, so that `tributary agent` and `node party-agent/main.ts`
// are the same program.
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { fileURLToPath } from 'node:url'
import type { CliContext } from './context.ts'

export async function runDaemon(cli: CliContext, entry: 'coordinator' | 'party-agent', config: string): Promise<void> {
  const main = fileURLToPath(new URL(`../${entry}/main.ts`, import.meta.url))
  const child = spawn(process.execPath, [main, '--config', config], { stdio: 'inherit' })
  const stop = () => child.kill('SIGTERM')
  cli.signal.addEventListener('abort', stop, { once: true })
  const [code] = (await once(child, 'exit')) as [number | null]
  cli.signal.removeEventListener('abort', stop)
  process.exitCode = code ?? 1
}
