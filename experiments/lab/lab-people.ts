// The people of a lab: one person runs it, so each party gets a steward and a compliance officer of its own, whose keys and
// random passphrases live in this process alone. They approve the lab's job, and nothing else, the way people do: a
// draft, two signatures, checked by the party's agent. Where the lab has consoles, everybody who may use one is there,
// under one passphrase that the lab tells.
import { randomBytes } from 'node:crypto'
import { openPeople } from '#cli/approval-home.ts'
import type { CliContext } from '#cli/context.ts'
import { openCoordinatorHome } from '#crypto/identity/coordinator-home.ts'
import { openPartyHome } from '#crypto/identity/party-home.ts'
import { cardDigests } from '#party-agent/approvals/cards.ts'
import { draftApproval } from '#party-agent/approvals/draft.ts'
import { digestOf } from '#party-agent/approvals/statements.ts'
import { readAgentConfig } from '#party-agent/config.ts'
import { openGate } from '#party-agent/gate.ts'
import { coordinatorCardSigner } from '#crypto/people/coordinator-people.ts'
import { addLocalPerson } from '#crypto/people/local-people.ts'
import { COORDINATOR_ROLES } from '#crypto/people/people.ts'
import type { AskedOfOwner } from '#protocols/core/approval.ts'
import { type JobSpec, partiesOf } from '#protocols/core/job-spec.ts'
import { silentLogger } from '#runtime/log.ts'
import type { LabHomes, LabMember } from './homes.ts'

const PEOPLE = [
  { id: 'lab-steward', name: 'Lab Steward', role: 'steward' },
  { id: 'lab-compliance', name: 'Lab Compliance', role: 'compliance' },
] as const

/** Who else opens a console. */
const VISITORS = [
  { id: 'lab-modeler', name: 'Lab Modeler', role: 'modeler' },
  { id: 'lab-operator', name: 'Lab Operator', role: 'operator' },
  { id: 'lab-auditor', name: 'Lab Auditor', role: 'auditor' },
] as const

/**
 * All parties of the job approve it, each for its own data.
 * @param passphrase of all people, where they open consoles too; random ones otherwise
 * @returns a line for each party
 */
export async function approveInLab(
  cli: CliContext,
  homes: LabHomes,
  job: JobSpec,
  passphrase?: string,
): Promise<readonly string[]> {
  const lines = await Promise.all(
    partiesOf(job).map((party) => approveAt(cli, homes.parties[party] as LabMember, job, passphrase)),
  )
  return lines.filter((line) => line !== '')
}

/** Modelers, operators and auditors of all parties, and the people of the coordinator. */
export async function addVisitors(homes: LabHomes, passphrase: string): Promise<void> {
  for (const { home, passphrase: own } of Object.values(homes.parties)) {
    const identity = await openPartyHome(home, own)
    for (const person of VISITORS) await addLocalPerson(home, identity, { ...person, passphrase })
  }
  const { home, passphrase: own } = homes.coordinator
  const signer = coordinatorCardSigner(await openCoordinatorHome(home, own))
  for (const person of [...VISITORS, ...PEOPLE].filter(({ role }) => COORDINATOR_ROLES.includes(role)))
    await addLocalPerson(home, signer, { ...person, passphrase })
}

async function approveAt(
  cli: CliContext,
  member: LabMember,
  job: JobSpec,
  shared: string | undefined,
): Promise<string> {
  const asked = await askedOf(member, job)
  if (asked === undefined) return ''
  const identity = await openPartyHome(member.home, member.passphrase)
  const { store, people } = await openPeople(member.home)
  const now = new Date()
  const { language } = cli
  const legalBasis = cli.t('a lab: all data are those of the person who runs it', '实验环境：数据均由运行者自备')
  const draft = draftApproval(job, asked, { template: 'pilot', cards: cardDigests(), now, legalBasis, language })
  await store.propose(draft)
  const digest = digestOf((await store.intact(draft.id)).bytes)
  for (const person of PEOPLE) {
    const passphrase = shared ?? randomBytes(24).toString('base64url')
    await addLocalPerson(member.home, identity, { ...person, passphrase })
    using signer = await people.authenticate(person.id, passphrase)
    await store.sign(draft.id, signer, digest)
  }
  const names = PEOPLE.map(({ name }) => name)
  const columns = asked.columns.length
  return cli.t(
    `${member.name}: ${asked.dataset}, ${columns} columns: approved by ${names.join(' and ')} (lab)`,
    `${member.name}：${asked.dataset}，${columns} 列，由 ${names.join('、')} 批准（实验）`,
  )
}

/** Undefined where the data cannot be read or have no such column: the agent refuses that itself, with the reason. */
async function askedOf({ config, name }: LabMember, job: JobSpec): Promise<AskedOfOwner | undefined> {
  try {
    const gate = await openGate(await readAgentConfig(config), name, silentLogger)
    return await gate.asked(job)
  } catch {
    return undefined
  }
}
