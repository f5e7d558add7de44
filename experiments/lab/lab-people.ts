// The people of a lab: one person runs it, so each party gets a steward and a compliance officer of its own, whose keys and
// random passphrases live in this process alone. They approve the lab's job, and nothing else, the way people do: a
// draft, two signatures, checked by the party's agent.
import { randomBytes } from 'node:crypto'
import { openPeople } from '#cli/approval-home.ts'
import type { CliContext } from '#cli/context.ts'
import { openPartyHome } from '#crypto/identity/party-home.ts'
import { cardDigests } from '#party-agent/approvals/cards.ts'
import { draftApproval } from '#party-agent/approvals/draft.ts'
import { digestOf } from '#party-agent/approvals/statements.ts'
import { readAgentConfig } from '#party-agent/config.ts'
import { openGate } from '#party-agent/gate.ts'
import { addLocalPerson } from '#crypto/people/local-people.ts'
import type { AskedOfOwner } from '#protocols/core/approval.ts'
import { type JobSpec, partiesOf } from '#protocols/core/job-spec.ts'
import { silentLogger } from '#runtime/log.ts'
import type { LabHomes, LabMember } from './homes.ts'

const PEOPLE = [
  { id: 'lab-steward', name: 'Lab Steward', role: 'steward' },
  { id: 'lab-compliance', name: 'Lab Compliance', role: 'compliance' },
] as const

/** All parties of the job approve it, each for its own data. @returns a line for each party */
export async function approveInLab(cli: CliContext, homes: LabHomes, job: JobSpec): Promise<readonly string[]> {
  const lines = await Promise.all(partiesOf(job).map((party) => approveAt(cli, homes.parties[party] as LabMember, job)))
  return lines.filter((line) => line !== '')
}

async function approveAt(cli: CliContext, member: LabMember, job: JobSpec): Promise<string> {
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
    const passphrase = randomBytes(24).toString('base64url')
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
