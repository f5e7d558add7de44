// Keeps the message tables of the protocols' READMEs equal to their schedules.
// node scripts/protocol-tables.ts rewrites what stands between <!-- schedule NAME --> and <!-- /schedule -->.
import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import type { Schedule } from '#protocols/core/schedule.ts'
import { syncFiles } from './generated-files.ts'

const root = fileURLToPath(new URL('..', import.meta.url))

/** Path to text of every protocol README as it should be. @throws Error for a marker without a schedule */
export async function protocolReadmes(): Promise<Map<string, string>> {
  const documents = new Map<string, string>()
  for (const protocol of readdirSync(`${root}protocols`)) {
    const file = `protocols/${protocol}/README.md`
    const messages = `${root}protocols/${protocol}/messages.ts`
    if (!existsSync(root + file) || !existsSync(messages)) continue
    const schedules = (await import(messages)) as Record<string, unknown>
    documents.set(file, withTables(readFileSync(root + file, 'utf8'), schedules, file))
  }
  return documents
}

function withTables(readme: string, schedules: Readonly<Record<string, unknown>>, file: string): string {
  return readme.replaceAll(/<!-- schedule (\w+) -->[\s\S]*?<!-- \/schedule -->/g, (_, name: string) => {
    const schedule = schedules[name]
    if (!Array.isArray(schedule)) throw new Error(`${file} names schedule ${name}, which messages.ts does not export`)
    return `<!-- schedule ${name} -->\n${table(schedule as Schedule)}\n<!-- /schedule -->`
  })
}

/** One row a step: who, to whom, what class, and what the receiver learns from it. */
function table(schedule: Schedule): string {
  const rows = schedule.map(
    ({ name, from, to, kind, arity, reveals, openableBy, release }) =>
      `| \`${name}\` | ${from} → ${to} | ${kind}${arity === 'parts' ? ', parts' : ''} | ${reveals} | ${
        openableBy?.join(' with ') ?? (release === undefined ? '' : `≥ ${release.minimumRows} rows`)
      } |`,
  )
  const head = '| step | from → to | class | the receiver learns | shares opened by; rows behind |'
  return [head, '| --- | --- | --- | --- | --- |', ...rows].join('\n')
}

if (import.meta.main) process.exitCode = syncFiles(await protocolReadmes(), process.argv.includes('--check'))
