// Who reads what this party keeps: a person within their role, or the party itself while it has no people. Each read is
// stated in the access log before anything is shown, by the command line and by the console alike.
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { isCardSigned, parsePartyCard } from '#crypto/identity/party-card.ts'
import { readingKeysIn } from '#crypto/people/links.ts'
import { localPeople } from '#crypto/people/local-people.ts'
import type { Person, PersonDirectory } from '#crypto/people/people.ts'
import {
  AccessLog,
  type AccessParty,
  type AccessRecord,
  type CheckedSignatures,
  type Reader,
} from '#protocols/log/access-log.ts'
import { PlatformError } from '#runtime/errors.ts'
import { mayRead, type Readable, requireMayRead } from '../people/permissions.ts'
import type { LocalJob } from '../results/local-job.ts'

/** `role` in the records of a party without people */
export const PARTY_ROLE = 'party'
export const DEFAULT_PURPOSE = 'inspection'

export interface Reading extends Disposable {
  /** States the read. @throws PlatformError person.wrong-role, stated too; storage.* */
  require(what: Readable, job: string): void
  /** States the read where the role allows it, and nothing where it does not. @throws PlatformError storage.* */
  may(what: Readable, job: string): boolean
  /** States that evidence was handed out. @throws PlatformError storage.* */
  exported(job: string, made: { readonly size: number; readonly root: string }): void
  /** Who read what at this party, checked. @param checked before, by this process @throws PlatformError storage.damaged */
  records(checked?: CheckedSignatures): Promise<readonly AccessRecord[]>
}

/** What of a job's files the reader may see; each part is stated. */
export function permittedOf(reading: Reading | undefined, job: string, local: LocalJob): LocalJob {
  const { folder, events, record, result, average, targetResult, scored, model, ownSplits, ledger } = local
  const may = (what: Readable, isThere: boolean) => isThere && reading?.may(what, job) === true
  const hasLedger = may('ledger', ledger.length > 0 || record.length > 0)
  const hasResult = may('result', (result ?? targetResult ?? average ?? scored) !== undefined || events.length > 0)
  const hasModel = may('model', model !== undefined || ownSplits !== undefined)
  return {
    folder,
    events: hasResult ? events : [],
    record: hasLedger ? record : [],
    ledger: hasLedger ? ledger : [],
    ...(hasResult && result !== undefined ? { result } : {}),
    ...(hasResult && average !== undefined ? { average } : {}),
    ...(hasResult && targetResult !== undefined ? { targetResult } : {}),
    ...(hasResult && scored !== undefined ? { scored } : {}),
    ...(hasModel && model !== undefined ? { model } : {}),
    ...(hasModel && ownSplits !== undefined ? { ownSplits } : {}),
  }
}

export interface PartyOfHome extends AccessParty {
  readonly signingPublicKey: Uint8Array
  readonly people: PersonDirectory
}

/** Who reads, and why. */
export interface Who {
  readonly reader: Reader
  readonly person?: Person
  readonly purpose: string
  readonly secret?: Disposable
}

/** @param who without `person` the party itself, which may read everything */
export function openReadingOf(home: string, party: PartyOfHome, { reader, person, purpose, secret }: Who): Reading {
  const log = new AccessLog(home, party)
  const state = (what: Readable, job: string, decision: string) =>
    log.read(reader, job, { object: what, purpose, decision })
  return {
    require(what, job) {
      const allowed = person === undefined || mayRead(person, what)
      state(what, job, allowed ? 'allowed' : 'refused')
      if (!allowed) requireMayRead(person, what)
    },
    may(what, job) {
      const allowed = person === undefined || mayRead(person, what)
      if (allowed) state(what, job, 'allowed')
      return allowed
    },
    exported: (job, made) => log.exported(reader, job, made),
    async records(checked) {
      const asParty = { name: party.party, role: PARTY_ROLE, publicKey: party.signingPublicKey }
      const people = [...(await party.people.list()), ...(await readingKeysIn(home, party.people))]
      return log.records([asParty, ...people], checked)
    },
    [Symbol.dispose]() {
      log[Symbol.dispose]()
      secret?.[Symbol.dispose]()
    },
  }
}

/** The party of a home, its keys shut. @throws PlatformError keys.missing, keys.damaged */
export async function partyOf(home: string): Promise<PartyOfHome> {
  const file = join(home, 'keys', 'card.json')
  const text = await readFile(file, 'utf8').catch((cause) => {
    throw new PlatformError('keys.missing', { home }, cause)
  })
  const card = parsePartyCard(text)
  if (!isCardSigned(card)) throw new PlatformError('keys.damaged', { file })
  const signingPublicKey = Buffer.from(card.signingKey, 'base64')
  const { federation, party } = card
  return { federation, party, signingPublicKey, people: localPeople(home, { party, signingPublicKey }) }
}
