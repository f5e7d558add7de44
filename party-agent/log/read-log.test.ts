import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { jobIdOf, parseJobSpec } from '#protocols/core/job-spec.ts'
import { silentLogger } from '#runtime/log.ts'
import { AgentLog } from './agent-log.ts'
import { LogHub, testParties } from './log-hub.ts'
import { readJobLog } from './read-log.ts'

test('shows the records of one job, and how much of the log is cosigned, while the agent runs', () => {
  const home = mkdtempSync(join(tmpdir(), 'read-log-'))
  const bytes = Buffer.from(
    JSON.stringify({
      version: 1,
      name: 'x',
      guest: { party: 'bank', dataset: 'a' },
      hosts: [{ party: 'tax', dataset: 'b' }],
    }),
  )
  const [job, spec] = [jobIdOf(bytes), parseJobSpec(bytes)]
  const keys = testParties('test-federation', ['bank', 'tax'])
  const hub = new LogHub('test-federation', ['bank', 'tax'], keys.logKey)
  const logs = keys.parties.map((identity) => {
    const { party } = identity
    const log = new AgentLog({ home: join(home, party), identity, trust: keys, log: silentLogger })
    const send = async (frame: object) => {
      hub.hear(party, frame)
      return true
    }
    log.listen({ wire: { send }, sealed: () => undefined, violated: () => undefined })
    hub.attach(party, log)
    return log
  })
  for (const log of logs) log.accepted(job, spec, bytes, undefined)
  hub.publish()
  hub.publish()
  const held = readJobLog(join(home, 'tax'), job)
  expect(held).toMatchObject({ parties: ['bank', 'tax'], size: 4, sealedSize: 0, sealedRoot: '', approvals: [] })
  expect(held.records.map(({ number, record }) => [number, record.author, record.kind])).toEqual([
    [1, 'bank', 'job.proposed'],
    [2, 'bank', 'job.accepted'],
    [3, 'tax', 'job.accepted'],
  ])
  hub.seal()
  const sealed = readJobLog(join(home, 'tax'), job)
  expect(sealed).toMatchObject({ sealedSize: 4, sealedRoot: expect.stringMatching(/^[0-9a-f]{64}$/) })
  expect(readJobLog(join(home, 'bank'), job).sealedRoot).toBe(sealed.sealedRoot)
  expect(() => readJobLog(join(home, 'tax'), 'job-00000000000000000000')).toThrowError(/^job\.unknown/)
  expect(() => readJobLog(join(home, 'nobody'), job)).toThrowError(/^job\.unknown/)
  for (const log of logs) log[Symbol.dispose]()
  rmSync(home, { recursive: true })
})
