// Ways in beside the passphrase: what a person signed holds, and nothing that anybody put there does.
import { randomUUID } from 'node:crypto'
import { copyFile, cp, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from 'vitest'
import { makeSigningKey, openSigner } from '#crypto/identity/signing.ts'
import { pae } from '#crypto/log/dsse.ts'
import { verifyStatement } from '#crypto/log/ed25519.ts'
import { Secret } from '#runtime/secret.ts'
import { PersonLinks } from './link-keys.ts'
import { linksIn, readingKeysIn, type Way, writeLink } from './links.ts'
import { addLocalPerson, localPeople } from './local-people.ts'
import { LINK_DAYS, type PersonSigner } from './people.ts'

const party = openSigner(makeSigningKey().privateKey)
const tax = { party: 'tax', signingPublicKey: party.publicKey, sign: party.sign }
const storageKey = new Secret('storage-key', new Uint8Array(32).fill(7))
const NOW = new Date('2026-11-22T08:00:00.000Z')
const passkey: Way = {
  kind: 'passkey',
  credential: 'Y3JlZGVudGlhbA',
  publicKey: 'pQECAw==',
  rpId: 'localhost',
  syncs: false,
  transports: ['internal'],
}
const account: Way = { kind: 'oidc', issuer: 'https://id.bank.example', claim: 'sub', subject: '248289761001' }
const UNUSED = { counter: 0, isBackedUp: false }

let template: string
let home: string
let li: PersonSigner
let wang: PersonSigner
beforeAll(async () => {
  template = await mkdtemp(join(tmpdir(), 'links-'))
  await addLocalPerson(template, tax, { id: 'li-wei', name: 'Li Wei', role: 'steward', passphrase: 'plum blossom' })
  await addLocalPerson(template, tax, { id: 'wang-fang', name: 'Wang Fang', role: 'compliance', passphrase: 'lotus' })
  li = await localPeople(template, tax).authenticate('li-wei', 'plum blossom')
  wang = await localPeople(template, tax).authenticate('wang-fang', 'lotus')
})
beforeEach(async () => {
  home = `${template}-${randomUUID()}`
  await cp(template, home, { recursive: true })
})
afterEach(() => rm(home, { recursive: true }))
afterAll(() => rm(template, { recursive: true }))
const people = () => localPeople(home, tax)
const links = () => new PersonLinks(home, people(), storageKey)

test('a way holds for its days, is found by what it is, and its key signs access records and nothing else', async () => {
  const added = await links().add(li, 'laptop', passkey, { counter: 3, isBackedUp: false }, NOW)
  expect(added).toMatchObject({ name: 'laptop', way: passkey, person: { id: 'li-wei' }, from: NOW.toISOString() })
  expect(Date.parse(added.until) - NOW.getTime()).toBe(LINK_DAYS * 86_400_000)
  const found = await links().find((way) => way.kind === 'passkey' && way.credential === passkey.credential)
  expect(found).toMatchObject({ id: added.id, counter: 3, usedAt: '' })
  using reader = await links().use(added, { counter: 4, isBackedUp: true }, NOW)
  const read = pae('application/vnd.tributary.access.v1+json', Buffer.from('{}'))
  expect(verifyStatement(added.readingKey, read, reader.sign(read))).toBe(true)
  for (const type of ['approval', 'approval-revoked', 'job-refused', 'person-link', 'accessory'])
    expect(() => reader.sign(pae(`application/vnd.tributary.${type}.v1+json`, Buffer.from('{}')))).toThrow(RangeError)
  expect(await links().list('li-wei')).toMatchObject([{ counter: 4, isBackedUp: true, usedAt: NOW.toISOString() }])
  expect(await links().list('wang-fang')).toEqual([])
})

test('after renewal and removal the old keys open nothing, and still stand for what was read with them', async () => {
  const first = await links().add(li, 'bank', account, UNUSED, NOW)
  const later = new Date('2027-01-01T00:00:00.000Z')
  const second = await links().renew(li, first.id, later)
  expect(second.id).not.toBe(first.id)
  expect(await links().list()).toMatchObject([{ id: second.id, name: 'bank', way: account }])
  await links().remove('li-wei', second.id)
  expect(await links().list()).toEqual([])
  await expect(links().use(second, UNUSED, later)).rejects.toMatchObject({ code: 'storage.damaged' })
  const keys = await readingKeysIn(home, people())
  expect(keys.map(({ name, from }) => [name, from])).toEqual([
    ['Li Wei', NOW.toISOString()],
    ['Li Wei', later.toISOString()],
  ])
})

test('one passkey stands for one person, and nobody removes or renews that of another', async () => {
  const { id } = await links().add(li, 'laptop', passkey, UNUSED, NOW)
  const again = links().add(wang, 'mine', { ...passkey, rpId: 'other' }, UNUSED, NOW)
  await expect(again).rejects.toMatchObject({ code: 'console.request' })
  await expect(links().remove('wang-fang', id)).rejects.toMatchObject({ code: 'console.unknown' })
  await expect(links().renew(wang, id, NOW)).rejects.toMatchObject({ code: 'console.unknown' })
})

test('who was taken out of the home is let in no more, and hinders nobody', async () => {
  await links().add(li, 'laptop', passkey, UNUSED, NOW)
  await links().add(wang, 'bank', account, UNUSED, NOW)
  await rm(join(home, 'people', 'li-wei.json'))
  expect(await links().list()).toMatchObject([{ name: 'bank' }])
})

test('what a person signed with the key before the one of now lets nobody in', async () => {
  await links().add(li, 'laptop', passkey, UNUSED, NOW)
  await rm(join(home, 'people', 'li-wei.json'))
  const again = { id: 'li-wei', name: 'Li Wei', role: 'steward' as const, passphrase: 'pear blossom' }
  await addLocalPerson(home, tax, again)
  expect(await links().list()).toEqual([])
})

test('who can write the folder, also with the storage key, cannot let anybody in', async () => {
  const forger = openSigner(makeSigningKey().privateKey)
  const card = await people().find('li-wei')
  const readingKey = makeSigningKey().publicKey
  // in the name of Li, signed by Wang; by the party itself; by nobody known
  for (const sign of [
    wang.sign,
    (bytes: Uint8Array) => party.sign('x', bytes),
    (b: Uint8Array) => forger.sign('x', b),
  ]) {
    const { id } = await writeLink(
      home,
      { person: card, sign, [Symbol.dispose]() {} },
      { name: 'x', way: account, readingKey },
      NOW,
    )
    await expect(linksIn(home, people())).rejects.toMatchObject({ code: 'person.damaged' })
    await rm(join(home, 'people', `li-wei.link-${id}.json`))
  }
  const real = await links().add(li, 'laptop', passkey, UNUSED, NOW)
  const folder = join(home, 'people')
  await copyFile(join(folder, `li-wei.link-${real.id}.json`), join(folder, `wang-fang.link-${real.id}.json`))
  expect(await links().list()).toMatchObject([{ person: { id: 'li-wei' } }])
  await rm(join(folder, `wang-fang.link-${real.id}.json`))
  const statement = join(folder, `li-wei.link-${real.id}.json`)
  const text = await readFile(statement, 'utf8')
  await writeFile(
    statement,
    text.replace(/"payload":"(.)/, (_, c) => `"payload":"${c === 'e' ? 'f' : 'e'}`),
  )
  await expect(links().list()).rejects.toMatchObject({ code: 'person.damaged' })
  await writeFile(statement, text)
  expect(await links().list()).toHaveLength(1)
  // a state of another link, or one that another home's key sealed, does not open
  const other = new PersonLinks(home, people(), new Secret('storage-key', new Uint8Array(32).fill(8)))
  await expect(other.list()).rejects.toMatchObject({ code: 'storage.damaged' })
  expect((await readdir(folder)).filter((name) => name.endsWith('.key'))).toHaveLength(1)
})
