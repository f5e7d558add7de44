// `tributary keys person`: the people of a party or of a coordinator, and a key for each.
import { resolve } from 'node:path'
import { type Command, Option } from 'commander'
import type { PersonDirectory } from '#crypto/people/people.ts'
import { PERSON_ROLES } from '../approval-words.ts'
import type { CliContext } from '../context.ts'
import { formatTable } from '../format.ts'
import { readPassphrase, readPersonPassphrase } from '../passphrase.ts'

interface AddOptions {
  readonly name: string
  readonly role: (typeof PERSON_ROLES)[number]
  readonly id?: string
  readonly home: string
  readonly json?: true
}

export function registerKeys(program: Command, cli: CliContext): void {
  const { t } = cli
  const keys = program
    .command('keys')
    .description(t('keys of the people of your party or coordinator', '本方或协调方人员的密钥'))
  const person = keys.command('person').description(t('people who approve, operate or audit', '审批、运维、审计人员'))
  person
    .command('add')
    .description(t('make the key of a person, under a passphrase of their own', '为人员生成密钥（各人自设口令）'))
    .requiredOption('--name <name>', t('as it stands in documents', '姓名，用于文件'))
    .addOption(
      new Option('--role <role>', t('one person has one role', '角色，一人一职'))
        .choices(PERSON_ROLES)
        .makeOptionMandatory(),
    )
    .option('--id <id>', t('short name for commands (default: from the name)', '命令中使用的短名（默认取自姓名）'))
    .requiredOption('--home <dir>', t('home of your party or coordinator', '本方或协调方的工作目录'))
    .option('--json', t('result as JSON', '以 JSON 输出结果'))
    .addHelpText(
      'after',
      `
Examples:
  tributary keys person add --name "Li Wei" --role steward --home ./tax
  tributary keys person add --name 王芳 --id wang-fang --role compliance --home ./tax
  tributary keys person add --name "Zhao Min" --role operator --home ./coordinator
The party's passphrase (TRIBUTARY_PASSPHRASE) signs the card; the person's own comes from TRIBUTARY_PERSON_PASSPHRASE
or is asked for. Steward and compliance officer must be two people. In the home of a coordinator people are operator,
compliance or auditor, and the coordinator's passphrase signs their cards.`,
    )
    .action((options: AddOptions) => add(cli, options))
  person
    .command('list')
    .description(t('who is here, with role and key', '列出人员、角色与密钥'))
    .requiredOption('--home <dir>', t('home of your party or coordinator', '本方或协调方的工作目录'))
    .option('--json', t('as JSON', '以 JSON 输出'))
    .addHelpText('after', '\nExample:\n  tributary keys person list --home ./tax')
    .action((options: Pick<AddOptions, 'home' | 'json'>) => list(cli, options))
}

async function add(cli: CliContext, options: AddOptions): Promise<void> {
  const { addLocalPerson, personIdOf } = await import('#crypto/people/local-people.ts')
  const { fingerprint } = await import('../fingerprint.ts')
  const home = resolve(options.home)
  const { name, role } = options
  const id = options.id ?? personIdOf(name)
  const identity = await openCardSigner(home, await readPassphrase(cli, undefined))
  const passphrase = await readPersonPassphrase(cli, name, true)
  const person = await addLocalPerson(home, identity, { id, name, role, passphrase })
  const print = fingerprint(Buffer.from(person.publicKey).toString('base64'))
  if (options.json) return cli.out(JSON.stringify({ id: person.id, name: person.name, role, fingerprint: print }))
  cli.out(cli.t(`${person.name} (${person.id}) has a key now.`, `已为 ${person.name}（${person.id}）生成密钥。`))
  cli.out(cli.t(`finger print  ${print}`, `指纹  ${print}`))
}

/** The keys that sign cards of this home. */
async function openCardSigner(home: string, passphrase: string) {
  const { coordinatorCardSigner, isCoordinatorHome } = await import('#crypto/people/coordinator-people.ts')
  if (await isCoordinatorHome(home)) {
    const { openCoordinatorHome } = await import('#crypto/identity/coordinator-home.ts')
    return coordinatorCardSigner(await openCoordinatorHome(home, passphrase))
  }
  const { openPartyHome } = await import('#crypto/identity/party-home.ts')
  return await openPartyHome(home, passphrase)
}

async function peopleOf(home: string): Promise<PersonDirectory> {
  const { isCoordinatorHome, peopleOfCoordinatorHome } = await import('#crypto/people/coordinator-people.ts')
  if (await isCoordinatorHome(home)) return await peopleOfCoordinatorHome(home)
  const { openPeople } = await import('../approval-home.ts')
  return (await openPeople(home)).people
}

async function list(cli: CliContext, options: Pick<AddOptions, 'home' | 'json'>): Promise<void> {
  const { ROLE_NAMES } = await import('#crypto/people/people.ts')
  const found = await (await peopleOf(resolve(options.home))).list()
  const keyOf = (key: Uint8Array) => Buffer.from(key).toString('base64')
  if (options.json)
    return cli.out(JSON.stringify(found.map((person) => ({ ...person, publicKey: keyOf(person.publicKey) }))))
  if (found.length === 0) cli.note(cli.t('nobody has a key here yet', '尚无人员'))
  const rows = found.map(({ id, name, role, addedAt }) => [id, name, ROLE_NAMES[role][cli.language], addedAt])
  for (const line of formatTable(rows)) cli.out(line)
}
