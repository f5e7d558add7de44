// For tests of whole jobs: a modeler at a party of a lab, and what that person sees of the command line. The lab has people
// who approve, and nobody else.
import { buildProgram } from '#cli/program.ts'
import { testContext } from '#cli/test-context.ts'
import { openPartyHome } from '#crypto/identity/party-home.ts'
import { addLocalPerson } from '#crypto/people/local-people.ts'
import type { LabMember } from '../lab/homes.ts'
import type { RunningLab } from '../lab/lab.ts'

const MODELER = 'zhou-min'
const STEWARD = 'sun-li'
const PERSON_PASSPHRASE = 'plum blossom'

export function addModeler(lab: RunningLab, party: string): Promise<void> {
  return addPerson(lab, party, { id: MODELER, name: 'Zhou Min', role: 'modeler' })
}

export function addSteward(lab: RunningLab, party: string): Promise<void> {
  return addPerson(lab, party, { id: STEWARD, name: 'Sun Li', role: 'steward' })
}

async function addPerson(
  lab: RunningLab,
  party: string,
  person: { readonly id: string; readonly name: string; readonly role: 'modeler' | 'steward' },
): Promise<void> {
  const { home, passphrase } = lab.homes.parties[party] as LabMember
  await addLocalPerson(home, await openPartyHome(home, passphrase), { ...person, passphrase: PERSON_PASSPHRASE })
}

/** What the modeler at the party sees of `tributary …`. */
export function asModeler(lab: RunningLab, party: string, words: readonly string[]): Promise<string> {
  return asPerson(lab, party, MODELER, words)
}

/** What its steward sees. */
export function asSteward(lab: RunningLab, party: string, words: readonly string[]): Promise<string> {
  return asPerson(lab, party, STEWARD, words)
}

async function asPerson(lab: RunningLab, party: string, id: string, words: readonly string[]): Promise<string> {
  const { config, passphrase } = lab.homes.parties[party] as LabMember
  const environment = { TRIBUTARY_PASSPHRASE: passphrase, TRIBUTARY_PERSON_PASSPHRASE: PERSON_PASSPHRASE }
  const cli = testContext({ environment })
  await buildProgram(cli).parseAsync([...words, '--as', id, '--config', config], { from: 'user' })
  return cli.printed.join('\n')
}
