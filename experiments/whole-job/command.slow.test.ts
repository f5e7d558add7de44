// `tributary lab` as a person runs it: result.json, exit codes, and nothing left behind, also after Ctrl-C.
import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync } from 'node:fs'
import { mkdir, readdir, readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { text } from 'node:stream/consumers'
import { fileURLToPath } from 'node:url'
import { afterAll, beforeAll, expect, test } from 'vitest'
import type { LabResult } from '../lab/lab-result.ts'
import { TableFolder } from './fixtures.ts'
import { planSmallJob } from './small-job.ts'

const ROOT = fileURLToPath(new URL('../../', import.meta.url))
let folder: TableFolder
let temporary = ''

beforeAll(async () => {
  folder = await TableFolder.open()
  temporary = join(folder.path, 'tmp')
  await mkdir(temporary)
  // in the second somebody presses Ctrl-C long before its last round
  for (const rounds of [3, 40]) await writeLab(rounds)
})
afterAll(() => folder[Symbol.asyncDispose]())

async function writeLab(rounds: number): Promise<void> {
  const { parties, job } = await planSmallJob(folder, { rounds })
  const declared = Object.entries(parties).map(([name, { dataset, declaration }]) => [
    name,
    { dataset, ...declaration },
  ])
  await writeFile(labOf(rounds), JSON.stringify({ parties: Object.fromEntries(declared), job }))
}

const labOf = (rounds: number) => join(folder.path, `lab-${rounds}.yaml`)

function start(rounds: number, ...words: readonly string[]): ChildProcess {
  return spawn(process.execPath, ['bin/tributary.mjs', 'lab', labOf(rounds), ...words], {
    cwd: ROOT,
    env: { ...process.env, TMPDIR: temporary },
    stdio: ['ignore', 'pipe', 'pipe'],
  })
}

/** Command lines of processes that work in the lab's folder; empty where the system has no /proc. */
async function leftProcesses(): Promise<string[]> {
  if (!existsSync('/proc/self/cmdline')) return []
  const pids = (await readdir('/proc')).filter((name) => /^\d+$/.test(name))
  const lines = await Promise.all(pids.map((pid) => readFile(`/proc/${pid}/cmdline`, 'utf8').catch(() => '')))
  return lines.filter((line) => line.includes(temporary))
}

test('writes result.json and leaves nothing behind', async () => {
  const out = join(folder.path, 'result.json')
  const child = start(3, '--json', out)
  const [printed, , [code]] = await Promise.all([
    text(child.stdout as NodeJS.ReadableStream),
    text(child.stderr as NodeJS.ReadableStream),
    once(child, 'exit'),
  ])
  expect(code).toBe(0)
  expect(printed).toMatch(/AUC +\.\d{4}/)
  const result = JSON.parse(await readFile(out, 'utf8')) as LabResult
  expect(result).toMatchObject({ state: 'succeeded', metrics: { rounds: 3 } })
  expect(result.losses.map(({ round }) => round)).toEqual([1, 2, 3])
  expect(Object.keys(result.seconds.tasks)).toEqual(['align', 'train'])
  expect(Object.keys(result.models).toSorted()).toEqual(['bank', 'tax'])
  expect(await readdir(temporary)).toEqual([])
  expect(await leftProcesses()).toEqual([])
})

test('after Ctrl-C stops its processes, deletes its folder and says so in its exit code', async () => {
  const child = start(40)
  let said = ''
  child.stderr?.setEncoding('utf8').on('data', (part: string) => {
    said += part
    // the job is in its training
    if (said.includes('train') && !child.killed) child.kill('SIGINT')
  })
  const [code] = (await once(child, 'exit')) as [number]
  expect(code).toBe(130)
  expect(await leftProcesses()).toEqual([])
  expect(await readdir(temporary)).toEqual([])
})
