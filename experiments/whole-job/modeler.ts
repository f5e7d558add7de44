// For tests of whole jobs: a modeler at a party of a lab, and what that person sees of the command line. The lab has people
// who approve, and nobody else.
import { buildProgram } from '#cli/program.ts'
import { testContext } from '#cli/test-context.ts'
import { openPartyHome } from '#crypto/identity/party-home.ts'
import { addLocalPerson } from '#party-agent/people/local-people.ts'
import type { LabMember } from '../lab/homes.ts'
import type { RunningLab } from '../lab/lab.ts'

const MODELER = 'zhou-min'
const PERSON_PASSPHRASE = 'plum blossom'

export async function addModeler(lab: RunningLab, party: string): Promise<void> {
  const { home, passphrase } = lab.homes.parties[party] as LabMember
  const person = { id: MODELER, name: 'Zhou Min', role: 'modeler', passphrase: PERSON_PASSPHRASE } as const
  await addLocalPerson(home, await openPartyHome(home, passphrase), person)
}

/** What the modeler at the party sees of `tributary …`. */
export async function asModeler(lab: RunningLab, party: string, words: readonly string[]): Promise<string> {
  const { config, passphrase } = lab.homes.parties[party] as LabMember
  const environment = { TRIBUTARY_PASSPHRASE: passphrase, TRIBUTARY_PERSON_PASSPHRASE: PERSON_PASSPHRASE }
  const cli = testContext({ environment })
  await buildProgram(cli).parseAsync([...words, '--as', MODELER, '--config', config], { from: 'user' })
  return cli.printed.join('\n')
}
