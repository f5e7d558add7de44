// Starts, kills and stops the processes of a lab: the coordinator and the agents, as they run in real life.
import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { createWriteStream, type WriteStream } from 'node:fs'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'
import { PlatformError } from '#runtime/errors.ts'
import type { LabMember } from './homes.ts'

const ROOT = fileURLToPath(new URL('../../', import.meta.url))
const START_SECONDS = 60
const STOP_SECONDS = 10
const LAST_WORDS_CHARS = 4000

export interface LabProcess extends AsyncDisposable {
  readonly name: string
  readonly pid: number
  /** fields of the line that said that it is up */
  readonly announcement: Readonly<Record<string, unknown>>
  readonly running: boolean
  /** SIGKILL, and gone when this resolves */
  kill(): Promise<void>
  /** SIGTERM, then SIGKILL after a while */
  stop(): Promise<void>
}

/**
 * Starts `node <entry>/main.ts --config …` and waits for the JSON line with this event on its standard output.
 * Standard error goes to `<home>/log.jsonl`.
 * @throws PlatformError with the code of the process's own error where it said one, else internal.unexpected
 */
export async function startProcess(
  entry: 'coordinator' | 'party-agent',
  member: LabMember,
  event: string,
): Promise<LabProcess> {
  const child = spawn(process.execPath, [join(ROOT, entry, 'main.ts'), '--config', member.config], {
    stdio: ['ignore', 'pipe', 'pipe'],
    env: { ...process.env, TRIBUTARY_PASSPHRASE: member.passphrase },
  })
  const log = createWriteStream(join(member.home, 'log.jsonl'), { flags: 'a', mode: 0o600 })
  const lastWords = keepLastWords(child, log)
  const exited = once(child, 'exit').then(() => undefined)
  const handle = processHandle(member.name, child, exited)
  const announcement = await Promise.race([announced(child, event), exited, timeout(START_SECONDS)])
  if (announcement === undefined) {
    await handle.kill()
    throw new PlatformError('internal.unexpected', { process: member.name, said: lastWords() })
  }
  return Object.assign(handle, { announcement })
}

/** Freezes a process meanwhile, so that a fast machine is not through with a job before somebody has acted on it. */
export async function held(of: LabProcess, meanwhile: () => Promise<void>): Promise<void> {
  process.kill(of.pid, 'SIGSTOP')
  try {
    await meanwhile()
  } finally {
    // whoever was killed meanwhile is gone, and its number may be another's
    if (of.running) process.kill(of.pid, 'SIGCONT')
  }
}

function processHandle(name: string, child: ChildProcess, exited: Promise<void>): Omit<LabProcess, 'announcement'> {
  const running = () => child.exitCode === null && child.signalCode === null
  const kill = async () => {
    if (running()) child.kill('SIGKILL')
    await exited
  }
  const stop = async () => {
    if (running()) child.kill('SIGTERM')
    await Promise.race([exited, timeout(STOP_SECONDS)])
    await kill()
  }
  return {
    name,
    pid: child.pid ?? 0,
    get running() {
      return running()
    },
    kill,
    stop,
    [Symbol.asyncDispose]: stop,
  }
}

async function announced(child: ChildProcess, event: string): Promise<Readonly<Record<string, unknown>> | undefined> {
  if (child.stdout === null) return undefined
  for await (const line of createInterface({ input: child.stdout })) {
    const fields = parseFields(line)
    if (fields?.['event'] !== event) continue
    child.stdout.resume() // what it says later is not read, and must not fill the pipe
    return fields
  }
  return undefined
}

function parseFields(line: string): Record<string, unknown> | undefined {
  try {
    return JSON.parse(line) as Record<string, unknown>
  } catch {
    return undefined // a line for people
  }
}

function keepLastWords(child: ChildProcess, log: WriteStream): () => string {
  let words = ''
  child.stderr?.setEncoding('utf8').on('data', (text: string) => {
    log.write(text)
    words = (words + text).slice(-LAST_WORDS_CHARS)
  })
  child.stderr?.once('close', () => log.end())
  return () => words
}

function timeout(seconds: number): Promise<undefined> {
  return new Promise((resolve) => setTimeout(() => resolve(undefined), seconds * 1000).unref())
}
