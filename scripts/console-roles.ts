// Writes docs/console-roles.md: every call of the console with the roles that may make it. `--check` compares and writes nothing.
import type { Call, Calls } from '#console/api/contract.ts'
import { AGENT_CALLS, COORDINATOR_CALLS } from '#console/api/interfaces.ts'
import { COORDINATOR_ROLES, type PersonRole, ROLES } from '#crypto/people/people.ts'
import { syncFiles } from './generated-files.ts'

const HEAD = `# Who may call what

Every call of the HTTP interface, below \`/api\`, with the roles that may make it: ● may, ○ also without signing in. This file is
generated from the tables in \`console/api\` by \`npm run check:fix\`, the server decides by the same tables, and a test makes every
call in every role against running agents and a running coordinator. What a call shows of a job depends on the role
further: see \`party-agent/people/permissions.ts\`. Everything that is signed asks for the signer's passphrase again.
`

export function consoleRoles(): ReadonlyMap<string, string> {
  const agent = section('Agent of a party', AGENT_CALLS, ROLES)
  const coordinator = section('Coordinator', COORDINATOR_CALLS, COORDINATOR_ROLES)
  return new Map([['docs/console-roles.md', [HEAD, agent, coordinator].join('\n')]])
}

function section(title: string, calls: Calls, roles: readonly PersonRole[]): string {
  const row = (cells: readonly string[]) => `| ${cells.join(' | ')} |`
  const lines = Object.values(calls).map((call) => {
    const marks = roles.map((role) => markOf(call, role))
    return row([`\`${call.method} ${call.path}\``, call.summary, ...marks])
  })
  return [
    `## ${title}\n`,
    row(['call', 'what', ...roles]),
    row(Array(2 + roles.length).fill('---')),
    ...lines,
    '',
  ].join('\n')
}

function markOf({ who }: Call, role: PersonRole): string {
  if (who === 'anyone') return '○'
  return who === 'signed-in' || who.includes(role) ? '●' : ''
}

if (import.meta.main) process.exitCode = syncFiles(consoleRoles(), process.argv.includes('--check'))
