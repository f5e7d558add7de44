// The record of a run of 500 rounds and 10 parties as the console asks for it: reduced on the server, page by page.
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, expect, test } from 'vitest'
import type { Timeline } from '#console/api/record-shapes.ts'
import { timelineOf } from '#party-agent/console/record-timeline.ts'
import { runOf } from '#party-agent/console/record-runs.ts'
import { LogIndex } from '#party-agent/log/log-index.ts'
import { writeWideRun } from './wide-run.ts'

const ROUNDS = 500
const HOSTS = 9
const home = mkdtempSync(join(tmpdir(), 'wide-record-'))
afterAll(() => rmSync(home, { recursive: true, force: true }))
const run = writeWideRun(home, { hosts: HOSTS, rounds: ROUNDS })
const index = new LogIndex(home)
const sentIn = ({ cells }: Timeline) =>
  cells.reduce((sum, { sent }) => sum + Object.values(sent).reduce((all, times) => all + times, 0), 0)

test('the whole run fits on a screen, nothing left out', async () => {
  const { log, job } = await index.job(run.job)
  expect(runOf(log, job, 0)).toMatchObject({
    state: 'succeeded',
    rounds: ROUNDS,
    records: run.records,
    log: { state: 'sealed' },
  })
  const timeline = timelineOf(log, job, { columns: 90 })
  expect(timeline.parties).toEqual(run.parties)
  expect(timeline.columns.length).toBeLessThanOrEqual(92)
  expect(JSON.stringify(timeline).length).toBeLessThan(256 * 1024)
  expect(sentIn(timeline)).toBe(2 * HOSTS * ROUNDS)
  expect(timeline.columns[1]).toMatchObject({ task: 'train', firstRound: 0, lastRound: 5, from: 1, to: 6 })
})

test('zooming in comes to one round with each party apart', async () => {
  const { log, job } = await index.job(run.job)
  const { columns, cells } = timelineOf(log, job, { from: 250, to: 250 })
  expect(columns).toEqual([{ kind: 'rounds', task: 'train', firstRound: 249, lastRound: 249, from: 250, to: 250 }])
  expect(cells).toHaveLength(HOSTS + 1)
  expect(cells[0]).toMatchObject({ party: 'bank', sent: {}, marks: { releases: 1 } })
  for (const cell of cells.slice(1)) expect(cell.sent).toEqual({ ciphertext: 1, 'masked-share': 1 })
})

test('an index that is asked again reads nothing twice', async () => {
  const [before] = await index.held()
  const [after] = await index.held()
  expect(after?.index).toBe(before?.index)
  expect(after?.index.size).toBe(run.records)
})
