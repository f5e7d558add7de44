// SIGKILL of real processes at the very moment that they write a round log: an agent at its own records, at the leaves it
// verified or at a sealed head, the coordinator at an append, a checkpoint or a cosignature. Afterwards the job succeeds
// with the same model, every party's log verifies, and nobody accuses anybody.
import { type FSWatcher, watch } from 'node:fs'
import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { readLocalJob } from '#party-agent/results/local-job.ts'
import { testContext } from '#cli/test-context.ts'
import { exportLog } from '#party-agent/log/export.ts'
import type { LabMember } from '../lab/homes.ts'
import { type RunningLab, runLab } from '../lab/lab.ts'
import type { LabPlan } from '../lab/lab-file.ts'
import type { LabResult } from '../lab/lab-result.ts'
import { bothVerdicts } from '../log/two-verifiers.ts'
import { TableFolder } from './fixtures.ts'
import { planSmallJob } from './small-job.ts'

const ROUNDS = 8
const PARTIES = ['bank', 'tax']
const VICTIMS = ['bank', 'coordinator', 'tax']
/** writes of one round at one process are fewer than this */
const MOST_WRITES = 8
/** in one job: each restart takes seconds */
const KILLS = 9
const ENDED = /^job\.(succeeded|failed|cancelled)$/

let folder: TableFolder
let plan: LabPlan
let undisturbed: LabResult

beforeAll(async () => {
  folder = await TableFolder.open()
  plan = await planSmallJob(folder, { rounds: ROUNDS })
  undisturbed = await runLab(plan, { cli: testContext(), quiet: true })
}, 240_000)
afterAll(() => folder[Symbol.asyncDispose]())

function homeOf(lab: RunningLab, name: string): string {
  return name === 'coordinator' ? lab.homes.coordinator.home : (lab.homes.parties[name] as LabMember).home
}

/** Where a process keeps its round logs: one folder, or one for each collaboration. */
async function logFolder(lab: RunningLab, name: string): Promise<string | undefined> {
  const home = homeOf(lab, name)
  if (name === 'coordinator') return home
  const found = await readdir(join(home, 'log')).catch(() => [])
  const collaboration = found.find((entry) => entry.startsWith('c-'))
  return collaboration === undefined ? undefined : join(home, 'log', collaboration)
}

async function hasEnded(lab: RunningLab): Promise<boolean> {
  const { events } = await readLocalJob(homeOf(lab, 'bank'), lab.job)
  return events.some(({ event }) => ENDED.test(event))
}

/** Kills the process at its n-th write to the log from now on. @returns false when the job ended before */
async function killAtWrite(lab: RunningLab, victim: string, n: number): Promise<boolean> {
  const where = await logFolder(lab, victim)
  if (where === undefined) return true
  const killed = Promise.withResolvers<true>()
  let writes = 0
  let watcher: FSWatcher | undefined
  try {
    // the write-ahead file of SQLite: every commit ends up in it
    watcher = watch(where, (_, file) => {
      if (file !== 'log.sqlite-wal' || ++writes !== n) return
      killed.resolve(
        lab
          .process(victim)
          .kill()
          .then(() => true as const),
      )
    })
    for (;;) {
      const done = await Promise.race([killed.promise, sleep(500).then(() => undefined)])
      if (done === true) return true
      if (await hasEnded(lab)) return false
    }
  } finally {
    watcher?.close()
  }
}

async function verdictsOf(lab: RunningLab, party: string, out: string): Promise<unknown> {
  const { home } = lab.homes.parties[party] as LabMember
  const { trustBundle } = lab.homes
  await expect
    .poll(async () => (await exportLog({ home, trustBundle, job: lab.job, out, now: new Date() })).unsealed, {
      timeout: 60_000,
    })
    .toBe(0)
  return await bothVerdicts(await readFile(out))
}

async function incidentsOf(lab: RunningLab, party: string): Promise<string[]> {
  const where = (await logFolder(lab, party)) as string
  return (await readdir(where)).filter((name) => name.startsWith('incident'))
}

const modelOf = ({ models }: LabResult) =>
  Object.entries(models).map(([party, { features, intercept }]) => ({ party, intercept, features }))

test.each([1, 2])('kills at writes of the log, time and again: series %i', async (series) => {
  const out = await mkdtemp(join(tmpdir(), 'tributary-crash-'))
  let kills = 0
  try {
    const result = await runLab(plan, {
      cli: testContext(),
      quiet: true,
      meanwhile: async (lab) => {
        for (let i = 0; kills < KILLS; i++) {
          const victim = VICTIMS[(i + series) % VICTIMS.length] as string
          const n = 1 + Math.floor(Math.random() * MOST_WRITES)
          const alive = await killAtWrite(lab, victim, n)
          if (!alive) break
          if (!lab.process(victim).running) {
            kills += 1
            console.log(`series ${series}: ${victim} killed at its write ${n}`)
            await lab.start(victim)
          } else await sleep(50)
        }
      },
      before: async (lab) => {
        for (const party of PARTIES) {
          const good = { ok: true, codes: [] }
          expect(await verdictsOf(lab, party, join(out, `${party}.tar`))).toEqual({ own: good, page: good })
          expect(await incidentsOf(lab, party)).toEqual([])
        }
      },
    })
    expect(result.state).toBe('succeeded')
    expect(modelOf(result)).toEqual(modelOf(undisturbed))
    expect(kills).toBeGreaterThan(3)
  } finally {
    await rm(out, { recursive: true })
  }
})
