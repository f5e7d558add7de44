// What was read of a job is stated in its round log, by the agent.
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { parseRecord } from '#crypto/log/dsse.ts'
import { AccessLog } from '#protocols/log/access-log.ts'
import { READ, readerOf, threeReads as readThrice } from '#protocols/log/access-log-fixture.ts'
import { recordIn } from '#protocols/log/records.ts'
import { AccessCarrier } from './access-carrier.ts'
import { FEDERATION, JOB, LogBench, NAMES } from './log-bench.ts'

const PARTY = { federation: FEDERATION, party: 'tax' }
const wang = readerOf('Wang Fang', 'compliance')
const zhao = readerOf('Zhao Min', 'auditor')

let home: string
beforeEach(() => {
  home = mkdtempSync(join(tmpdir(), 'access-'))
})
afterEach(() => rmSync(home, { recursive: true }))

const threeReads = () => readThrice(home, PARTY, JOB, [wang, zhao])

test('reads of a job go into its round log once, also over restarts of the agent', () => {
  using bench = new LogBench()
  bench.accept()
  bench.accept()
  bench.hub.seal()
  threeReads()
  using log = new AccessLog(home, PARTY)
  log.read(wang, '', { ...READ, object: 'released' })
  log.read(wang, `job-${'0'.repeat(20)}`, READ) // of a job that is not here
  const carrier = new AccessCarrier(home, PARTY, bench.of('tax'))
  carrier.check()
  carrier.check()
  log.read(zhao, JOB, READ)
  carrier.check()
  const { size } = { size: bench.hub.leaves.length }
  new AccessCarrier(home, PARTY, bench.of('tax')).check()
  expect(bench.hub.leaves).toHaveLength(size)
  const said = bench.hub.leaves.map((leaf) => recordIn(parseRecord(leaf))).slice(-4)
  expect(said).toMatchObject([
    { kind: 'access', author: 'tax', job: JOB, actor: 'Wang Fang', object: 'log (access 1)', decision: 'allowed' },
    { kind: 'access', actor: 'Zhao Min', role: 'auditor', object: 'model (access 2)', decision: 'refused' },
    { kind: 'export.made', actor: 'Wang Fang', size: 12, root: 'ab'.repeat(32) },
    { kind: 'access', actor: 'Zhao Min', object: 'log (access 6)' },
  ])
  bench.hub.publish()
  expect(bench.hub.cosigners).toEqual(NAMES)
})
