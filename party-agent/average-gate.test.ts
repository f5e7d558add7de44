import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { checkJobSpec, type JobSpec } from '#protocols/core/job-spec.ts'
import { silentLogger } from '#runtime/log.ts'
import { readAgentConfig } from './config.ts'
import { DatasetFolder } from './data/dataset-fixtures.ts'
import { openGate } from './gate.ts'

let folder: DatasetFolder
beforeAll(async () => {
  folder = await DatasetFolder.open()
  await folder.csv('rows.csv', `id,y,rent\n${Array.from({ length: 50 }, (_, i) => `C${i},${i % 2},${i}`).join('\n')}\n`)
  await writeFile(
    join(folder.path, 'agent.yaml'),
    `home: .
coordinator: 127.0.0.1:7443
trustBundle: trust.yaml
datasets:
  labelled:
    source: { csv: rows.csv }
    ids: { column: id, kind: plain }
    label: { column: y }
    privacy: { epsilon: 8 }
  unlabelled: { source: { csv: rows.csv }, ids: { column: id, kind: plain }, columns: [rent] }
policy:
  jobs:
    - { guest: park-a, protocols: [fedavg], datasets: { labelled: { columns: all }, unlabelled: { columns: all } }, peers: any, maxRounds: 20 }
    - { guest: bank, protocols: [psi, vertical-lr], datasets: { labelled: { columns: all } }, peers: any }
`,
  )
})
afterAll(() => folder[Symbol.asyncDispose]())

const gate = async () => openGate(await readAgentConfig(join(folder.path, 'agent.yaml')), 'park-b', silentLogger)
const specOf = (dataset: string, sections: object, guest = 'park-a') =>
  checkJobSpec({
    version: 1,
    name: 'parks',
    guest: { party: guest, dataset },
    hosts: ['park-b', 'park-c'].map((party) => ({ party, dataset })),
    ...sections,
  }).spec as JobSpec

test('a host that trains on its own labels has to declare them; statistics need none', async () => {
  const open = await gate()
  await open.admit(specOf('labelled', { average: {} }))
  await open.admit(specOf('unlabelled', { statistics: {} }))
  await expect(open.admit(specOf('unlabelled', { average: {} }))).rejects.toMatchObject({ code: 'data.missing-column' })
  expect(await open.asked(specOf('labelled', { average: {} }))).toMatchObject({ label: 'y', columns: ['rent'] })
  expect(await open.asked(specOf('unlabelled', { statistics: {} }))).not.toHaveProperty('label')
})

test('the policy allows averaging by its protocol, and so many rounds', async () => {
  const open = await gate()
  const refusal = async (spec: JobSpec) => {
    try {
      await open.admit(spec)
      return undefined
    } catch (error) {
      return (error as { detail: { failed: string[] } }).detail.failed
    }
  }
  expect(await refusal(specOf('labelled', { average: { rounds: 20 } }))).toBeUndefined()
  expect(await refusal(specOf('labelled', { average: { rounds: 21 } }))).toEqual([
    'maxRounds: asked for 21, at most 20 are allowed',
  ])
  expect((await refusal(specOf('labelled', { average: {} }, 'bank')))?.[0]).toMatch(/^protocols: asked for fedavg/)
})

test('what all jobs may spend of a data set is read from agent.yaml', async () => {
  const { datasets } = await readAgentConfig(join(folder.path, 'agent.yaml'))
  expect(datasets['labelled']?.privacy).toEqual({ epsilon: 8, delta: 1e-5 })
  expect(datasets['unlabelled']).not.toHaveProperty('privacy')
})
