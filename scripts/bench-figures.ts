// The figures of a bench file: how they are asked for and what they have to look like.
import { spawnSync } from 'node:child_process'
import { readdirSync } from 'node:fs'
import { join } from 'node:path'

const FOLDERS = ['crypto', 'credit', 'protocols', 'coordinator', 'party-agent', 'experiments']

/** One measured quantity. `n` counts the samples behind `median` and `p90`. */
export interface Figure {
  readonly name: string
  readonly parameters: string | Readonly<Record<string, string | number | boolean>>
  readonly unit: string
  readonly median: number
  readonly p90: number
  readonly n: number
}

/** The bench files whose path holds one of the words, or all. */
export function benchFiles(root: string, words: readonly string[]): string[] {
  const found = FOLDERS.flatMap((folder) =>
    readdirSync(join(root, folder), { recursive: true, encoding: 'utf8' })
      .filter((path) => path.endsWith('.bench.ts'))
      .map((path) => join(folder, path)),
  )
  return found.filter((path) => words.length === 0 || words.some((word) => path.includes(word))).toSorted()
}

/**
 * Runs a bench file with `--json` and these options.
 * @throws Error with what it printed, when it fails or prints something else than figures
 */
export function figuresOf(root: string, file: string, options: readonly string[]): Figure[] {
  const { status, stdout, stderr } = spawnSync(process.execPath, ['--expose-gc', file, ...options, '--json'], {
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

/** What makes two figures the same quantity: how busy the machine was does not. */
export function keyOf({ name, parameters }: Figure): string {
  const { load: _, ...same } = typeof parameters === 'string' ? { as: parameters } : parameters
  return `${name} ${describeParameters({ parameters: same })}`
}

export function describeParameters({ parameters }: Pick<Figure, 'parameters'>): string {
  if (typeof parameters === 'string') return parameters
  return Object.entries(parameters)
    .map(([name, value]) => `${name}=${value}`)
    .join(' ')
}

/** The comment at the top of a bench file: what it measures and which options it takes. */
export function headOf(text: string): string[] {
  const lines = text.split('\n')
  const end = lines.findIndex((line) => !line.startsWith('//'))
  return lines.slice(0, end).map((line) => line.slice(2).trim())
}
