// People of a coordinator as they are typed in: three roles, and one list for both kinds of homes.
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { toPlatformError } from '#runtime/errors.ts'
import { buildProgram } from './program.ts'
import { testContext } from './test-context.ts'

let folder = ''
let home = ''

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'tributary-people-'))
  home = join(folder, 'coordinator')
  const made = ['init', '--role', 'coordinator', '--federation', 'fed', '--home', home, '--host', 'localhost']
  expect((await tributary(made)).code).toBe('')
})
afterAll(() => rm(folder, { recursive: true }))

/** In this process: what was printed, and the code of the refusal or ''. */
async function tributary(words: readonly string[]) {
  const environment = { TRIBUTARY_PASSPHRASE: 'correct horse', TRIBUTARY_PERSON_PASSPHRASE: 'plum blossom' }
  const cli = testContext({ environment })
  const error = await buildProgram(cli)
    .parseAsync([...words], { from: 'user' })
    .then(
      () => undefined,
      (thrown) => toPlatformError(thrown),
    )
  return { out: cli.printed.join('\n'), code: error?.code ?? '', detail: error?.detail }
}

const add = (name: string, role: string) =>
  tributary(['keys', 'person', 'add', '--name', name, '--role', role, '--home', home])

test('an operator, a compliance officer and an auditor are added and listed', async () => {
  for (const [name, role] of [
    ['Zhao Min', 'operator'],
    ['Wang Fang', 'compliance'],
    ['Sun Li', 'auditor'],
  ] as const)
    expect(await add(name, role)).toMatchObject({ code: '', out: expect.stringContaining('finger print') })
  const { out } = await tributary(['keys', 'person', 'list', '--home', home, '--json'])
  const people = JSON.parse(out) as { id: string; role: string; party: string }[]
  expect(people.map(({ id, role, party }) => `${party} ${id} ${role}`)).toEqual([
    'coordinator sun-li auditor',
    'coordinator wang-fang compliance',
    'coordinator zhao-min operator',
  ])
})

test('a steward belongs to a party', async () => {
  expect(await add('Li Wei', 'steward')).toMatchObject({
    code: 'config.invalid',
    detail: { problems: [expect.stringContaining('at a coordinator people are operator, compliance, auditor')] },
  })
})
