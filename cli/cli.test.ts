import { readFile } from 'node:fs/promises'
import type { Command } from 'commander'
import { expect, test } from 'vitest'
import { formatJobSchema } from './commands/schema.ts'
import { pickLanguage } from './context.ts'
import { buildProgram } from './program.ts'
import { testContext } from './test-context.ts'

function helpOf(command: Command): string {
  let text = ''
  command.configureOutput({ writeOut: (part) => (text += part) }).outputHelp()
  return text
}

test('every command has a description and help with an example, in both languages', () => {
  for (const language of ['en', 'zh'] as const) {
    const program = buildProgram({ ...testContext(), language, t: (en, zh) => (language === 'zh' ? zh : en) })
    const visit = (command: Command): Command[] => [command, ...command.commands.flatMap(visit)]
    const commands = visit(program)
    expect(commands.map((command) => command.name())).toEqual(
      expect.arrayContaining(['demo', 'lab', 'doctor', 'check', 'submit', 'watch']),
    )
    for (const command of commands) {
      expect(command.description()).not.toBe('')
      expect(/[\u4e00-\u9fff]/.test(command.description())).toBe(language === 'zh')
      if (command.commands.length === 0) expect(helpOf(command)).toContain('Example')
    }
  }
})

test('the language comes from --lang, else from the locale', () => {
  expect(pickLanguage(['job', 'list', '--lang', 'zh'], { LANG: 'en_US.UTF-8' })).toBe('zh')
  expect(pickLanguage(['--lang=en'], { LC_ALL: 'zh_CN.UTF-8' })).toBe('en')
  expect(pickLanguage([], { LANG: 'zh_CN.UTF-8' })).toBe('zh')
  expect(pickLanguage([], {})).toBe('en')
})

test('docs/job.schema.json is the schema of this version', async () => {
  expect(await readFile('docs/job.schema.json', 'utf8')).toBe(`${await formatJobSchema()}\n`)
})
