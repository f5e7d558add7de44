// What the documents show works: every YAML example is valid, every command and option they name exists.
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import type { Command } from 'commander'
import { expect, test } from 'vitest'
import { parse } from 'yaml'
import { buildProgram } from '#cli/program.ts'
import { testContext } from '#cli/test-context.ts'
import { parseLab } from '#experiments/lab/lab-file.ts'
import { readAgentConfig } from '#party-agent/config.ts'
import { checkJobSpec } from '#protocols/core/job-spec.ts'
import { sourceFiles } from './imports.ts'

const root = fileURLToPath(new URL('..', import.meta.url))
const documents = [...sourceFiles(root, (path) => /^(README|SECURITY|docs\/(guide\/|[a-z-]+\.)).*\.md$/.test(path))]
const blocks = (text: string, language: string) =>
  [...text.matchAll(new RegExp(`^\`\`\`${language}\\n(.*?)^\`\`\``, 'gms'))].map((match) => match[1] ?? '')

const yaml = documents.flatMap(([path, text]) => blocks(text, 'yaml').map((block) => [path, block] as const))

test('job files and labs in the documents are valid', () => {
  const jobs = yaml.filter(([, text]) => /^guest:/m.test(text))
  const labs = yaml.filter(([, text]) => /^parties:/m.test(text))
  expect([jobs.length, labs.length]).toEqual([8, 2])
  for (const [path, text] of jobs) expect(checkJobSpec(parse(text)).problems, path).toEqual([])
  for (const [path, text] of labs) expect(Object.keys(parseLab(text, root).parties), path).toEqual(['bank', 'tax'])
})

test('sections of a job in the guides fit a job', () => {
  const sections = yaml.filter(([, text]) => /^(align|reuse):/.test(text))
  expect(sections).toHaveLength(4)
  const hosts = ['tax', 'social'].map((party) => ({ party, dataset: 'features' }))
  for (const [path, text] of sections) {
    const bare = { version: 1, name: 'example', guest: { party: 'bank', dataset: 'loans' }, hosts, bin: {} }
    expect(checkJobSpec({ ...bare, ...parse(text) }).problems, path).toEqual([])
  }
})

test('data sets and policies in the documents are a valid agent.yaml', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'tributary-examples-'))
  try {
    const guides = new Set(yaml.filter(([, text]) => /^(datasets|policy):/m.test(text)).map(([path]) => path))
    const found: Record<string, [string[], number]> = {}
    for (const guide of guides) {
      // a block that starts indented goes on with the data set before it
      const parts = yaml.filter(([path, text]) => path === guide && /^( {4}|datasets:|policy:|approvals:)/.test(text))
      const file = join(folder, 'agent.yaml')
      const text = parts.map(([, part]) => part).join('')
      writeFileSync(file, `home: .\ncoordinator: fed.example.cn:7443\ntrustBundle: trust.yaml\n${text}`)
      const config = await readAgentConfig(file)
      found[guide] = [Object.keys(config.datasets), config.policy.jobs.length]
    }
    expect(found).toEqual({
      'docs/guide/data-partner.md': [['filings'], 1],
      'docs/guide/data-partner.zh-CN.md': [['filings'], 1],
      'docs/guide/modeler.md': [['loans'], 0],
      'docs/guide/modeler.zh-CN.md': [['loans'], 0],
    })
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
})

test('every command and option that the documents name exists', () => {
  const program = buildProgram(testContext())
  const named = documents.flatMap(([path, text]) => commandsOf(text).map((line) => [path, line] as const))
  expect(named.length).toBeGreaterThan(40)
  expect(unknownWords(program, 'agent --wings')).toEqual(['agent --wings'])
  expect(unknownWords(program, 'fly home')).toEqual(['fly home'])
  expect(named.flatMap(([path, line]) => unknownWords(program, line).map((word) => `${path}: ${word}`))).toEqual([])
})

/** `tributary …` in code blocks (fenced or indented) and in backticks. */
function commandsOf(text: string): string[] {
  const lines = text.matchAll(/^(?:\s{4})?(?:npx |\S+\/bin\/)?tributary(?:\.mjs)? (.*)$/gm)
  const ticks = text.matchAll(/`(?:npx )?tributary ([^`]+)`/g)
  return [...lines, ...ticks].map((match) => (match[1] ?? '').replace(/\s#.*$/, ''))
}

/** Words of a command line that are no command and no option of it; arguments are not looked at. */
function unknownWords(program: Command, line: string): string[] {
  const words = line.split(/\s+/)
  let command = program
  for (const word of words) {
    const next = command.commands.find((candidate) => candidate.name() === word)
    if (next === undefined) break
    command = next
  }
  const options = words.filter((word) => word.startsWith('--')).filter((word) => !hasOption(command, word))
  return command === program ? [line] : options.map((option) => `${command.name()} ${option}`)
}

const hasOption = (command: Command, option: string) => command.options.some((known) => known.long === option)
