import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { verify } from 'node:crypto'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { createPartyHome } from '#crypto/identity/party-home.ts'
import { makeSigningKey, openSigner } from '#crypto/identity/signing.ts'
import { addLocalPerson, localPeople, personIdOf } from './local-people.ts'

let home = ''
const signer = openSigner(makeSigningKey().privateKey)
const tax = { party: 'tax', signingPublicKey: signer.publicKey, sign: signer.sign }
const people = () => localPeople(home, tax)
const li = { id: 'li-wei', name: 'Li Wei', role: 'steward' as const, passphrase: 'plum blossom' }

beforeAll(async () => {
  home = await mkdtemp(join(tmpdir(), 'people-'))
  await addLocalPerson(home, tax, li)
})
afterAll(() => rm(home, { recursive: true, force: true }))

test('a person signs with the own passphrase, and the card has the key that verifies it', async () => {
  using signing = await people().authenticate('li-wei', 'plum blossom')
  const bytes = Buffer.from('DSSEv1 4 text 4 what')
  const [card] = await people().list()
  expect(card).toMatchObject({ id: 'li-wei', name: 'Li Wei', role: 'steward', party: 'tax' })
  const spki = Buffer.concat([Buffer.from('302a300506032b6570032100', 'hex'), card?.publicKey ?? Buffer.alloc(0)])
  expect(verify(null, bytes, { key: spki, format: 'der', type: 'spki' }, signing.sign(bytes))).toBe(true)
})

test.each([
  ['another passphrase', 'li-wei', 'other', 'keys.wrong-passphrase'],
  ['a stranger', 'wang-fang', 'plum blossom', 'person.unknown'],
  ['a path', '../keys/keystore', 'plum blossom', 'person.unknown'],
])('%s is refused', async (_, id, passphrase, code) => {
  await expect(people().authenticate(id, passphrase)).rejects.toMatchObject({ code })
})

test('one person has one role: neither the id nor the name is taken twice', async () => {
  const again = { ...li, role: 'compliance' as const }
  await expect(addLocalPerson(home, tax, again)).rejects.toMatchObject({ code: 'person.exists' })
  const renamed = { ...again, id: 'li-wei-2', name: 'LI WEI ' }
  await expect(addLocalPerson(home, tax, renamed)).rejects.toMatchObject({ code: 'person.exists' })
})

test('a role changed on disk, or a card of another party, is refused', async () => {
  const file = join(home, 'people', 'li-wei.json')
  const card = await readFile(file, 'utf8')
  await writeFile(file, card.replace('steward', 'compliance'))
  await expect(people().find('li-wei')).rejects.toMatchObject({ code: 'person.damaged' })
  await writeFile(file, card)
  const other = localPeople(home, { party: 'tax', signingPublicKey: makeSigningKey().publicKey })
  await expect(other.find('li-wei')).rejects.toMatchObject({ code: 'person.damaged' })
})

test('the key of another person under this card is refused', async () => {
  const other = await mkdtemp(join(tmpdir(), 'people-'))
  await addLocalPerson(other, tax, { ...li, passphrase: 'forged' })
  const file = join(home, 'people', 'li-wei.key.json')
  const own = await readFile(file)
  await writeFile(file, await readFile(join(other, 'people', 'li-wei.key.json')))
  await expect(people().authenticate('li-wei', 'forged')).rejects.toMatchObject({ code: 'person.damaged' })
  await writeFile(file, own)
  await rm(other, { recursive: true })
})

test('nobody signs with the passphrase of the party: not as their own, and not instead of their own', async () => {
  const at = await mkdtemp(join(tmpdir(), 'people-'))
  await createPartyHome(at, { federation: 'credit', party: 'tax', passphrase: 'of the party' })
  const add = (passphrase: string) => addLocalPerson(at, tax, { ...li, passphrase })
  await expect(add('of the party')).rejects.toMatchObject({ code: 'config.invalid' })
  await add('plum blossom')
  const refused = localPeople(at, tax).authenticate('li-wei', 'of the party')
  await expect(refused).rejects.toMatchObject({ code: 'keys.wrong-passphrase' })
  using signing = await localPeople(at, tax).authenticate('li-wei', 'plum blossom')
  expect(signing.person.role).toBe('steward')
  await rm(at, { recursive: true })
})

test('ids are made from names where that is possible', () => {
  expect(['Li Wei', '  Zoë Müller', '李伟', 'X-Æ 12'].map(personIdOf)).toEqual(['li-wei', 'zoe-muller', '', 'x-12'])
})
