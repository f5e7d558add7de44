import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { FILE_PARTIES } from '#experiments/synth/parties.ts'
import { buildProgram } from '../program.ts'
import { testContext } from '../test-context.ts'

let folder = ''
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'tributary-cli-synth-'))
})
afterAll(() => rm(folder, { recursive: true }))

async function synth(...words: string[]): Promise<readonly string[]> {
  const cli = testContext()
  await buildProgram(cli).parseAsync(['synth', '--workers', '0', ...words], { from: 'user' })
  return cli.printed
}

test('writes the parties asked for and says what it wrote', async () => {
  const out = join(folder, 'some')
  const printed = await synth('--out', out, '--rows', '300', '--parties', 'bank', 'park-b', '--raw', 'off')
  expect(printed.join('\n')).toMatch(
    /300 applications[\s\S]*bank\/loans\.csv[\s\S]*park-b\/tenants\.csv[\s\S]*bad among/,
  )
  expect((await readdir(out)).toSorted()).toEqual(['bank', 'manifest.json', 'oracle', 'park-b'])
  expect((await readdir(join(out, 'bank'))).toSorted()).toEqual(['consent.csv', 'dataset.yaml', 'loans.csv'])
})

test('takes every option, and gives the manifest as JSON', async () => {
  const out = join(folder, 'all')
  const options = '--rows 200 --seed 9 --scenario severe --defects off --id-noise off --overlap 0.5 --bad-rate 0.2'
  const more = '--label-noise 0.05 --raw on --format parquet --reference off --json'
  const [text = ''] = await synth('--out', out, ...options.split(' '), ...more.split(' '))
  const manifest: unknown = JSON.parse(text)
  expect(manifest).toMatchObject({
    seed: 9,
    applications: 200,
    firms: 400,
    scenario: 'severe',
    defects: false,
    noise: false,
    labelNoise: 0.05,
  })
  expect(manifest).toEqual(JSON.parse(await readFile(join(out, 'manifest.json'), 'utf8')))
  expect((await readdir(out)).toSorted()).toEqual([...FILE_PARTIES, 'manifest.json', 'oracle'].toSorted())
  expect((await readdir(join(out, 'tax'))).toSorted()).toEqual(['dataset.yaml', 'filings.parquet', 'raw'])
})

test('refuses options that contradict each other', async () => {
  const out = join(folder, 'none')
  await expect(synth('--out', out, '--rows', '10', '--bad-rate', '0.2', '--intercept', '-3')).rejects.toMatchObject({
    code: 'config.invalid',
  })
})
