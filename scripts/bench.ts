// `npm run bench [-- WORD … [-- OPTION …]]`: runs the *.bench.ts files (those whose path holds a WORD) with the options, prints
// every figure with its parameters, writes bench-results/<time>.json and compares with the last run on the same machine.
// A bench file run with `--json` prints one JSON array of figures on standard output. A figure decides no test.
import { spawnSync } from 'node:child_process'
import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { cpus, totalmem } from 'node:os'
import { join, relative } from 'node:path'
import { fileURLToPath } from 'node:url'
import { benchFiles, describeParameters, type Figure, figuresOf, headOf, keyOf } from './bench-figures.ts'

const root = fileURLToPath(new URL('..', import.meta.url))
const RESULTS = join(root, 'bench-results')

const USAGE = `npm run bench                                       everything; takes long
npm run bench -- WORD …                             the files whose path holds a WORD
npm run bench -- WORD … -- OPTION …                 with options of those files
npm run bench -- --help                             this, and what each file measures

Examples:
  npm run bench -- he/                              the kernels, and the kernels against SEAL alone
  npm run bench -- secureboost -- 100k-30           one workload of the trees
  npm run bench -- secureboost -- growth            how the cost of trees grows
  npm run bench -- secureboost -- 45k-17 hidden --trees 1
  npm run bench -- engines secureboost/secure -- --small    tiny sizes, to see that they run
`

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

function help(): number {
  console.log(USAGE)
  for (const file of benchFiles(root, [])) {
    console.log(file)
    for (const line of headOf(readFileSync(join(root, file), 'utf8'))) console.log(`    ${line}`)
  }
  return 0
}

function main(args: readonly string[]): number {
  if (args.includes('--help')) return help()
  const dashes = args.indexOf('--')
  const words = dashes < 0 ? args : args.slice(0, dashes)
  const options = dashes < 0 ? [] : args.slice(dashes + 1)
  const unknown = words.find((word) => word.startsWith('-'))
  if (unknown !== undefined) {
    console.log(`${unknown}: options of bench files stand behind another --\n\n${USAGE}`)
    return 1
  }
  mkdirSync(RESULTS, { recursive: true })
  const machine = describeMachine()
  const before = figuresBefore(machine)
  const head = { time: new Date().toISOString(), commit: commitOf(), machine, node: process.versions.node }
  console.log(`${machine.cpu}, ${machine.cores} cores, ${machine.memoryGiB} GiB; Node ${head.node}; ${head.commit}`)
  const figures: Figure[] = []
  const failures: string[] = []
  for (const file of benchFiles(root, words)) {
    console.log(`\n${relative('.', file)}`)
    try {
      for (const figure of figuresOf(root, file, options)) {
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
