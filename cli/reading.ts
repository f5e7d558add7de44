// Who reads what this party keeps: the person named with --as, by their own passphrase and within their role, or the
// party itself while it has no people. Each read is stated in the access log before anything is shown.
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { isCardSigned, parsePartyCard } from '#crypto/identity/party-card.ts'
import { openPartyHome, type PartyIdentity } from '#crypto/identity/party-home.ts'
import { AccessLog, type AccessParty, type AccessRecord, type Reader } from '#party-agent/log/access-log.ts'
import { localPeople } from '#party-agent/people/local-people.ts'
import type { Person, PersonDirectory } from '#party-agent/people/people.ts'
import { mayRead, type Readable, requireMayRead } from '#party-agent/people/permissions.ts'
import { PlatformError } from '#runtime/errors.ts'
import type { CliContext } from './context.ts'
import type { LocalJob } from './local-job.ts'
import { readPassphrase, readPersonPassphrase } from './passphrase.ts'
import type { ReadingOptions } from './reading-options.ts'

/** `role` in the records of a party without people */
const PARTY_ROLE = 'party'
const DEFAULT_PURPOSE = 'inspection'

export interface ReadingHome {
  readonly home: string
  readonly passphraseFile?: string | undefined
}

export interface Reading extends Disposable {
  /** States the read. @throws PlatformError person.wrong-role, stated too; storage.* */
  require(what: Readable, job: string): void
  /** States the read where the role allows it, and nothing where it does not. @throws PlatformError storage.* */
  may(what: Readable, job: string): boolean
  /** States that evidence was handed out. @throws PlatformError storage.* */
  exported(job: string, made: { readonly size: number; readonly root: string }): void
  /** Who read what at this party, checked. @throws PlatformError storage.damaged */
  records(): Promise<readonly AccessRecord[]>
}

/**
 * @param identity of the party, where it is open already
 * @throws PlatformError person.unnamed when the party has people and none is named; person.unknown, keys.*, config.invalid
 */
export async function openReading(
  cli: CliContext,
  { home, passphraseFile }: ReadingHome,
  options: ReadingOptions,
  identity?: PartyIdentity,
): Promise<Reading> {
  const party = await partyOf(home)
  const id = options.as ?? cli.environment['TRIBUTARY_PERSON']
  const purpose = options.purpose ?? DEFAULT_PURPOSE
  if (id !== undefined && id !== '') {
    const { person, sign, ...secret } = await party.people.authenticate(id, await readPersonPassphrase(cli, id))
    const reader = { name: person.name, role: person.role, publicKey: person.publicKey, sign }
    return reading(home, party, { reader, person, purpose, secret })
  }
  if ((await party.people.list()).length > 0) throw new PlatformError('person.unnamed', { party: party.party })
  const { signStatement, signingPublicKey } =
    identity ?? (await openPartyHome(home, await readPassphrase(cli, passphraseFile)))
  const reader = { name: party.party, role: PARTY_ROLE, publicKey: signingPublicKey, sign: signStatement }
  return reading(home, party, { reader, purpose })
}

/** The same, but nothing where the party has people and none is named: for commands that show other things too. */
export async function openReadingIfNamed(...given: Parameters<typeof openReading>): Promise<Reading | undefined> {
  try {
    return await openReading(...given)
  } catch (error) {
    if (error instanceof PlatformError && error.code === 'person.unnamed') return undefined
    throw error
  }
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

interface PartyOfHome extends AccessParty {
  readonly signingPublicKey: Uint8Array
  readonly people: PersonDirectory
}

interface Who {
  readonly reader: Reader
  readonly person?: Person
  readonly purpose: string
  readonly secret?: Disposable
}

function reading(home: string, party: PartyOfHome, { reader, person, purpose, secret }: Who): Reading {
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
    async records() {
      const asParty = { name: party.party, role: PARTY_ROLE, publicKey: party.signingPublicKey }
      return log.records([asParty, ...(await party.people.list())])
    },
    [Symbol.dispose]() {
      log[Symbol.dispose]()
      secret?.[Symbol.dispose]()
    },
  }
}

/** The party of a home, its keys shut. @throws PlatformError keys.missing, keys.damaged */
async function partyOf(home: string): Promise<PartyOfHome> {
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
