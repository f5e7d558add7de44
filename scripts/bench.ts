// `npm run bench [-- WORD …]`: runs the *.bench.ts files (those whose path holds a WORD), prints every figure with its
// parameters, writes bench-results/<time>.json and compares with the last run on the same machine.
// A bench file run with `--json` prints one JSON array of figures on standard output. A figure decides no test.
import { spawnSync } from 'node:child_process'
import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { cpus, totalmem } from 'node:os'
import { join, relative } from 'node:path'
import { fileURLToPath } from 'node:url'

const root = fileURLToPath(new URL('..', import.meta.url))
const FOLDERS = ['crypto', 'credit', 'protocols', 'coordinator', 'party-agent', 'experiments']
const RESULTS = join(root, 'bench-results')

/** One measured quantity. `n` counts the samples behind `median` and `p90`. */
interface Figure {
  readonly name: string
  readonly parameters: string | Readonly<Record<string, string | number | boolean>>
  readonly unit: string
  readonly median: number
  readonly p90: number
  readonly n: number
}

interface Machine {
  readonly cpu: string
  readonly cores: number
  readonly memoryGiB: number
}

interface Run {
  readonly time: string
  readonly commit: string
  readonly machine: Machine
  readonly node: string
  readonly figures: readonly Figure[]
}

function benchFiles(words: readonly string[]): string[] {
  const found = FOLDERS.flatMap((folder) =>
    readdirSync(join(root, folder), { recursive: true, encoding: 'utf8' })
      .filter((path) => path.endsWith('.bench.ts'))
      .map((path) => join(folder, path)),
  )
  return found.filter((path) => words.length === 0 || words.some((word) => path.includes(word))).toSorted()
}

/** @throws Error with what the bench file printed, when it fails or prints something else than figures */
function figuresOf(file: string): Figure[] {
  const { status, stdout, stderr } = spawnSync(process.execPath, ['--expose-gc', file, '--json'], {
    cwd: root,
    encoding: 'utf8',
    maxBuffer: 64 << 20,
    env: { ...process.env, CI: 'true' },
  })
  if (status !== 0) throw new Error(`${file} ended with ${status}\n${stderr}${stdout}`)
  const figures: unknown = JSON.parse(stdout)
  if (!Array.isArray(figures) || !figures.every(isFigure)) throw new Error(`${file} --json printed no array of figures`)
  return figures
}

function isFigure(value: unknown): value is Figure {
  const figure = value as Partial<Figure> | null
  const numbers = [figure?.median, figure?.p90, figure?.n]
  const texts = [figure?.name, figure?.unit].every((text) => typeof text === 'string')
  return texts && ['string', 'object'].includes(typeof figure?.parameters) && numbers.every(Number.isFinite)
}

const keyOf = (figure: Figure) => `${figure.name} ${describeParameters(figure)}`
const describeParameters = ({ parameters }: Figure) =>
  typeof parameters === 'string'
    ? parameters
    : Object.entries(parameters)
        .map(([name, value]) => `${name}=${value}`)
        .join(' ')

function describeMachine(): Machine {
  const processors = cpus()
  return {
    cpu: processors[0]?.model.trim() ?? 'unknown',
    cores: processors.length,
    memoryGiB: Math.round(totalmem() / 2 ** 30),
  }
}

/** The commit, with a + when files differ from it. */
function commitOf(): string {
  const git = (...args: string[]) => spawnSync('git', args, { cwd: root, encoding: 'utf8' }).stdout?.trim() ?? ''
  const commit = git('rev-parse', '--short=12', 'HEAD')
  return commit === '' ? 'unknown' : commit + (git('status', '--porcelain') === '' ? '' : '+')
}

/** The newest figure of each name and parameters that this machine measured before; a run may hold some only. */
function figuresBefore(machine: Machine): Map<string, Figure> {
  const names = readdirSync(RESULTS).filter((name) => name.endsWith('.json'))
  const runs = names.toSorted().map((name) => JSON.parse(readFileSync(join(RESULTS, name), 'utf8')) as Run)
  const here = runs.filter((run) => JSON.stringify(run.machine) === JSON.stringify(machine))
  return new Map(here.flatMap((run) => run.figures.map((figure) => [keyOf(figure), figure])))
}

function printFigure(figure: Figure, before: Figure | undefined): void {
  const change = before === undefined || before.median === 0 ? '' : `  ${percent(figure.median / before.median - 1)}`
  const spread = `p90 ${rounded(figure.p90)}, n=${figure.n}`
  console.log(
    `  ${figure.name}  ${describeParameters(figure)}\n      ${rounded(figure.median)} ${figure.unit} (${spread})${change}`,
  )
}

const rounded = (value: number) => (Math.abs(value) >= 1000 ? Math.round(value).toString() : value.toPrecision(3))
const percent = (change: number) => `${change >= 0 ? '+' : ''}${(100 * change).toFixed(0)} % against the last run`

function main(words: readonly string[]): number {
  mkdirSync(RESULTS, { recursive: true })
  const machine = describeMachine()
  const before = figuresBefore(machine)
  const head = { time: new Date().toISOString(), commit: commitOf(), machine, node: process.versions.node }
  console.log(`${machine.cpu}, ${machine.cores} cores, ${machine.memoryGiB} GiB; Node ${head.node}; ${head.commit}`)
  const figures: Figure[] = []
  const failures: string[] = []
  for (const file of benchFiles(words)) {
    console.log(`\n${relative('.', file)}`)
    try {
      for (const figure of figuresOf(file)) {
        figures.push(figure)
        printFigure(figure, before.get(keyOf(figure)))
      }
    } catch (error) {
      failures.push(file)
      console.log(`  failed: ${error instanceof Error ? error.message : String(error)}`)
    }
  }
  const path = join(RESULTS, `${head.time.replaceAll(':', '-')}.json`)
  writeFileSync(path, `${JSON.stringify({ ...head, figures } satisfies Run, null, 2)}\n`)
  console.log(`\nwrote ${relative(root, path)}: ${figures.length} figures, ${failures.length} files failed`)
  return failures.length === 0 && figures.length > 0 ? 0 : 1
}

process.exitCode = main(process.argv.slice(2))
