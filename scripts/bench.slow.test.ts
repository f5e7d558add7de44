// That the benches of the kernels and of the trees run, cover what they are for, and print what `npm run bench` reads.
import { spawnSync } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { expect, test } from 'vitest'
import { benchFiles, type Figure, figuresOf, headOf, keyOf } from './bench-figures.ts'

const root = fileURLToPath(new URL('..', import.meta.url))
const names = (figures: readonly Figure[]) => new Set(figures.map(({ name }) => name))

test('the kernels stand beside SEAL alone, on the same work', () => {
  const figures = figuresOf(root, 'crypto/he/engines.bench.ts', ['--small'])
  const of = (engine: string) =>
    figures
      .filter(({ parameters }) => String(parameters).startsWith(`engine=${engine} `))
      .map(({ name, parameters }) => `${name} ${String(parameters).replace(`engine=${engine} `, '')}`)
  expect(of('kernel')).toEqual(of('seal'))
  expect(of('kernel')).toHaveLength(4)
})

const TREES = 'protocols/secureboost/secureboost.bench.ts'

test('whole trees: the three workloads, and what they grow with', () => {
  const { stdout } = spawnSync(process.execPath, [TREES, '--list'], { cwd: root, encoding: 'utf8' })
  const growth = ['base', 'rows-x2', 'features-x2', 'bins-x2', 'depth-4', 'depth-5', 'hosts-2', 'hosts-4']
  for (const name of ['100k-30', '100k-330', '45k-17', ...growth.map((some) => `growth-${some}`)]) {
    expect(stdout.split('\n')).toContain(name)
  }
  const figures = figuresOf(root, TREES, ['--small', 'visible', '45k', 'growth-hosts-4'])
  const quantities = ['per tree', 'CPU per tree', 'bytes per tree', 'peak memory', 'CPU per row x host feature x level']
  for (const workload of ['45k-17', 'growth-hosts-4'])
    for (const quantity of [...quantities, 'the whole training'])
      expect(names(figures)).toContain(`secureboost/${workload}/${quantity}`)
  expect(
    figures.every(({ parameters }) => typeof parameters === 'object' && parameters['membership'] === 'visible'),
  ).toBe(true)
})

test('the binning prints figures too', () => {
  expect(names(figuresOf(root, 'protocols/binning-iv/binning-iv.bench.ts', ['2000', '2']))).toContain(
    'binning-iv/bytes',
  )
})

test('how busy the machine was does not make it another quantity', () => {
  const figure: Figure = { name: 'a', parameters: { rows: 3, load: 0.1 }, unit: 's', median: 1, p90: 1, n: 1 }
  expect(keyOf({ ...figure, parameters: { rows: 3, load: 7 } })).toBe(keyOf(figure))
  expect(keyOf({ ...figure, parameters: { rows: 4, load: 0.1 } })).not.toBe(keyOf(figure))
})

test('--help names every bench file with what it measures and how to run a part of it', () => {
  const { stdout, status } = spawnSync(process.execPath, ['scripts/bench.ts', '--help'], {
    cwd: root,
    encoding: 'utf8',
  })
  expect(status).toBe(0)
  const files = benchFiles(root, [])
  expect(files.length).toBeGreaterThan(10)
  for (const file of files) {
    expect(stdout).toContain(file)
    expect(headOf(readFileSync(join(root, file), 'utf8')).length).toBeGreaterThan(0)
  }
  expect(stdout).toContain('npm run bench -- secureboost -- 100k-30')
  const misplaced = spawnSync(process.execPath, ['scripts/bench.ts', '--trees'], { cwd: root, encoding: 'utf8' })
  expect([misplaced.status, misplaced.stdout.split('\n')[0]]).toEqual([
    1,
    '--trees: options of bench files stand behind another --',
  ])
})
