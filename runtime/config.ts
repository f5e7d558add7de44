// Reads a YAML file against a schema: once, whole and frozen, with every problem named by line, column and key.
import { readFileSync, statSync } from 'node:fs'
import { basename } from 'node:path'
import type { Static, TSchema } from 'typebox'
import Compile from 'typebox/compile'
import { Settings } from 'typebox/system'
import { isMap, isNode, isPair, isScalar, LineCounter, type Node, parseDocument } from 'yaml'
import { PlatformError } from './errors.ts'
import { type ConfigProblem, schemaProblems } from './schema-problems.ts'

// TypeBox stops at 8 problems unless told otherwise, and people mend a file once only if they see all of them.
Settings.Set({ maxErrors: 200 })

const MAX_FILE_BYTES = 4 * 1024 * 1024

/** A parsed YAML file that still knows where each value stood. */
export interface YamlSource {
  readonly name: string
  readonly value: unknown
  /** `line:column` of the key (or of the nearest parent that exists) under this JSON pointer. */
  at(pointer: string): string
}

/** @throws PlatformError config.unreadable when the file is absent, too large or not YAML (with line and column) */
export function readYaml(path: string): YamlSource {
  let text: string
  try {
    const { size } = statSync(path)
    if (size > MAX_FILE_BYTES) throw new Error(`${size} bytes, at most ${MAX_FILE_BYTES}`)
    text = readFileSync(path, 'utf8')
  } catch (cause) {
    const reason = cause instanceof Error ? cause.message : 'unknown'
    throw new PlatformError('config.unreadable', { file: path, reason }, cause)
  }
  return parseYaml(text, basename(path))
}

/** @param name for messages. @throws PlatformError config.unreadable */
export function parseYaml(text: string, name: string): YamlSource {
  const lines = new LineCounter()
  const document = parseDocument(text, { lineCounter: lines, prettyErrors: false })
  const position = (offset: number) => {
    const { line, col } = lines.linePos(offset)
    return `${line}:${col}`
  }
  if (document.errors.length > 0) {
    const problems = document.errors.map((error) => `${name}:${position(error.pos[0])} ${error.message}`)
    throw new PlatformError('config.unreadable', { file: name, problems: problems.slice(0, 50) })
  }
  let value: unknown
  try {
    value = document.toJS({ maxAliasCount: 100 })
    JSON.stringify(value) // an anchor within itself is no tree
  } catch (cause) {
    throw new PlatformError(
      'config.unreadable',
      { file: name, reason: 'too many aliases, or an anchor within itself' },
      cause,
    )
  }
  return { name, value, at: (pointer) => position(offsetOf(document.contents, pointer)) }
}

/**
 * The configuration in this file, with defaults filled in, frozen.
 * @param check problems that need more than one key to see; called only when the schema is satisfied
 * @throws PlatformError config.unreadable; config.invalid whose `problems` name every key with what was expected and given
 */
export function readYamlConfig<S extends TSchema>(
  schema: S,
  path: string,
  check: (config: Static<S>) => readonly ConfigProblem[] = () => [],
): Static<S> {
  const source = readYaml(path)
  return checkConfig(schema, source, check)
}

/** The same for YAML that was read already. @throws PlatformError config.invalid */
export function checkConfig<S extends TSchema>(
  schema: S,
  source: YamlSource,
  check: (config: Static<S>) => readonly ConfigProblem[] = () => [],
): Static<S> {
  const validator = Compile(schema)
  const filled = validator.Default(structuredClone(source.value ?? {}))
  const problems = validator.Check(filled)
    ? check(filled as Static<S>)
    : schemaProblems(schema, filled, validator.Errors(filled))
  if (problems.length > 0) {
    throw new PlatformError('config.invalid', {
      file: source.name,
      problems: problems.map((p) => sayProblem(source, p)),
    })
  }
  return deepFreeze(filled) as Static<S>
}

/** One line for a person: where, which key, what is wrong. */
export function sayProblem(source: YamlSource, problem: ConfigProblem): string {
  return `${source.name}:${source.at(problem.path)} ${dotted(problem.path)}: ${problem.message}`
}

/** /datasets/0/name as datasets[0].name */
function dotted(pointer: string): string {
  const text = segmentsOf(pointer)
    .map((segment) => (/^\d+$/.test(segment) ? `[${segment}]` : `.${segment}`))
    .join('')
  return text.replace(/^\./, '') || '(file)'
}

function segmentsOf(pointer: string): string[] {
  return pointer
    .split('/')
    .slice(1)
    .map((segment) => segment.replaceAll('~1', '/').replaceAll('~0', '~'))
}

function offsetOf(contents: unknown, pointer: string): number {
  let node = contents
  let offset = isNode(node) ? (node.range?.[0] ?? 0) : 0
  for (const segment of segmentsOf(pointer)) {
    const next = childOf(node, segment)
    if (next === undefined) break
    node = next.value
    offset = next.offset
  }
  return offset
}

function childOf(node: unknown, segment: string): { value: unknown; offset: number } | undefined {
  if (isMap(node)) {
    const pair = node.items.find((item) => isPair(item) && isScalar(item.key) && String(item.key.value) === segment)
    return pair === undefined ? undefined : { value: pair.value, offset: (pair.key as Node).range?.[0] ?? 0 }
  }
  if (isNode(node) && 'items' in node && Array.isArray(node.items)) {
    const item: unknown = node.items[Number(segment)]
    return isNode(item) ? { value: item, offset: item.range?.[0] ?? 0 } : undefined
  }
  return undefined
}

function deepFreeze<T>(value: T): T {
  if (typeof value === 'object' && value !== null && !Object.isFrozen(value)) {
    Object.freeze(value)
    for (const inner of Object.values(value)) deepFreeze(inner)
  }
  return value
}
