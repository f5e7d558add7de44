// The people of a coordinator: three roles, and cards that nobody else's key can sign.
import { copyFile, mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { createCoordinatorHome, openCoordinatorHome } from '#crypto/identity/coordinator-home.ts'
import { makeSigningKey } from '#crypto/identity/signing.ts'
import {
  coordinatorCardSigner,
  coordinatorPeople,
  isCoordinatorHome,
  peopleOfCoordinatorHome,
} from './coordinator-people.ts'
import { addLocalPerson, localPeople } from './local-people.ts'

const PASSPHRASE = 'of the coordinator'
const zhao = { id: 'zhao-min', name: 'Zhao Min', role: 'operator' as const, passphrase: 'plum blossom' }
let home: string
let signer: ReturnType<typeof coordinatorCardSigner>
let logKey: string

beforeAll(async () => {
  home = await mkdtemp(join(tmpdir(), 'coordinator-people-'))
  await createCoordinatorHome(home, { federation: 'credit', passphrase: PASSPHRASE, hosts: ['127.0.0.1'] })
  const identity = await openCoordinatorHome(home, PASSPHRASE)
  signer = coordinatorCardSigner(identity)
  logKey = identity.logKey
  await addLocalPerson(home, signer, zhao)
})
afterAll(() => rm(home, { recursive: true, force: true }))

test('a person of the coordinator is found with its keys shut, and signs with the own passphrase', async () => {
  expect(await isCoordinatorHome(home)).toBe(true)
  const people = await peopleOfCoordinatorHome(home)
  expect(await people.list()).toMatchObject([{ id: 'zhao-min', role: 'operator', party: 'coordinator' }])
  using signing = await people.authenticate('zhao-min', 'plum blossom')
  expect(signing.person.name).toBe('Zhao Min')
  await expect(people.authenticate('zhao-min', PASSPHRASE)).rejects.toMatchObject({ code: 'keys.wrong-passphrase' })
})

test.each(['steward', 'modeler'] as const)('a %s makes no sense there, and is refused by name', async (role) => {
  const added = addLocalPerson(home, signer, { ...zhao, id: 'li-wei', name: 'Li Wei', role })
  await expect(added).rejects.toMatchObject({
    code: 'config.invalid',
    detail: {
      problems: [`role: at a coordinator people are operator, compliance, auditor; a ${role} belongs to a party`],
    },
  })
})

test('the passphrase of the coordinator is nobody’s own', async () => {
  const added = addLocalPerson(home, signer, { ...zhao, id: 'li-wei', name: 'Li Wei', passphrase: PASSPHRASE })
  await expect(added).rejects.toMatchObject({ code: 'config.invalid' })
})

test('a card that the same key signed as a party’s is none of the coordinator’s, and the other way round', async () => {
  const at = await mkdtemp(join(tmpdir(), 'coordinator-people-'))
  const asParty = { ...signer, party: 'tax' }
  await addLocalPerson(at, asParty, { ...zhao, role: 'steward' })
  await expect(coordinatorPeople(at, logKey).find('zhao-min')).rejects.toMatchObject({ code: 'person.damaged' })
  await mkdir(join(at, 'other', 'people'), { recursive: true })
  await copyFile(join(home, 'people', 'zhao-min.json'), join(at, 'other', 'people', 'zhao-min.json'))
  await expect(localPeople(join(at, 'other'), asParty).find('zhao-min')).rejects.toMatchObject({
    code: 'person.damaged',
  })
  await rm(at, { recursive: true })
})

test('a card that another key signed is refused', async () => {
  const other = Buffer.from(makeSigningKey().publicKey).toString('base64')
  await expect(coordinatorPeople(home, other).list()).rejects.toMatchObject({ code: 'person.damaged' })
})

test('a home without keys, or with a damaged log key, says so', async () => {
  const at = await mkdtemp(join(tmpdir(), 'coordinator-people-'))
  expect(await isCoordinatorHome(at)).toBe(false)
  await expect(peopleOfCoordinatorHome(at)).rejects.toMatchObject({ code: 'keys.missing' })
  await mkdir(join(at, 'keys'))
  await writeFile(join(at, 'keys', 'log-key.txt'), 'AAAA\n')
  await expect(peopleOfCoordinatorHome(at)).rejects.toMatchObject({ code: 'keys.damaged' })
  await rm(at, { recursive: true })
})
