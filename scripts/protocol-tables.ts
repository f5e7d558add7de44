// Keeps the message tables of the protocols' READMEs equal to their schedules.
// node scripts/protocol-tables.ts [--check]: rewrites what stands between <!-- schedule NAME --> and <!-- /schedule -->,
// or, with --check, exits 1 naming the READMEs that are not up to date.
import { readdirSync, readFileSync, existsSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import type { Schedule } from '#protocols/core/schedule.ts'

const PROTOCOLS = fileURLToPath(new URL('../protocols', import.meta.url))

/** One row a step: who, to whom, what class, and what the receiver learns from it. */
function table(schedule: Schedule): string {
  const rows = schedule.map(
    ({ name, from, to, kind, arity, reveals }) =>
      `| \`${name}\` | ${from} → ${to} | ${kind}${arity === 'parts' ? ', parts' : ''} | ${reveals} |`,
  )
  return ['| step | from → to | class | the receiver learns |', '| --- | --- | --- | --- |', ...rows].join('\n')
}

/** The README with every marked table written anew. @throws Error for a marker without a schedule */
function upToDate(readme: string, schedules: Readonly<Record<string, unknown>>, file: string): string {
  return readme.replaceAll(/<!-- schedule (\w+) -->[\s\S]*?<!-- \/schedule -->/g, (_, name: string) => {
    const schedule = schedules[name]
    if (!Array.isArray(schedule)) throw new Error(`${file} names schedule ${name}, which messages.ts does not export`)
    return `<!-- schedule ${name} -->\n${table(schedule as Schedule)}\n<!-- /schedule -->`
  })
}

const stale: string[] = []
for (const protocol of readdirSync(PROTOCOLS)) {
  const file = join(PROTOCOLS, protocol, 'README.md')
  const messages = join(PROTOCOLS, protocol, 'messages.ts')
  if (!existsSync(file) || !existsSync(messages)) continue
  const before = readFileSync(file, 'utf8')
  const after = upToDate(before, (await import(messages)) as Record<string, unknown>, file)
  if (before === after) continue
  stale.push(`protocols/${protocol}/README.md`)
  if (!process.argv.includes('--check')) writeFileSync(file, after)
}
if (stale.length > 0) console.log(`${process.argv.includes('--check') ? 'not up to date' : 'written'}: ${stale.join(', ')}`)
if (process.argv.includes('--check') && stale.length > 0) process.exitCode = 1
