// `tributary approve|refuse|revoke|approvals`: people of a data owner say what jobs may do with its data. Works on the
// owner's home, also while the agent runs.
import { type Command, Option } from 'commander'
import type { StoredApproval } from '#party-agent/approvals/store.ts'
import type { TemplateName } from '#party-agent/approvals/draft.ts'
import { approvalLines, cardLines, overviewLines, privacyLines, templateLines } from '../approval-report.ts'
import { approvalStateWord, TEMPLATE_NAMES } from '../approval-words.ts'
import type { ApprovalHome } from '../approval-home.ts'
import type { CliContext } from '../context.ts'
import { readPersonPassphrase } from '../passphrase.ts'

interface CommonOptions {
  readonly config: string
  readonly json?: true
}
interface ActOptions extends CommonOptions {
  readonly as: string
}
interface ApproveOptions extends ActOptions {
  readonly template: TemplateName
  readonly narrow?: readonly string[]
  readonly legalBasis?: string
}
interface OverviewOptions extends CommonOptions {
  readonly templates?: true
}
interface ReasonOptions extends ActOptions {
  readonly reason: string
}

export function registerApprovals(program: Command, cli: CliContext): void {
  const { t } = cli
  const command = (usage: string, about: string, examples: string) =>
    program
      .command(usage)
      .description(about)
      .option('--config <file>', t('agent.yaml of your party', '本方的 agent.yaml'), 'agent.yaml')
      .option('--json', t('as JSON', '以 JSON 输出'))
      .addHelpText('after', `\nExamples:\n${examples}`)
  const as = () =>
    new Option(
      '--as <person>',
      t('who acts; see `keys person list`', '由谁办理，见 `keys person list`'),
    ).makeOptionMandatory()

  command(
    'approve',
    t('sign what a job may do with your data; two people must', '签署作业可如何使用本方数据（须两人签署）'),
    `  tributary approve job-3f2a… --as li-wei --config tax/agent.yaml          a job that waits
  tributary approve credit.yaml --as li-wei --template pilot --narrow runs=1
  tributary approve approval-0a1b… --as wang-fang                          the second signature
The card of what each party learns is shown first. The passphrase of the person is asked for, or comes from
TRIBUTARY_PERSON_PASSPHRASE.`,
  )
    .argument('<job-or-file-or-approval>')
    .addOption(as())
    .addOption(
      new Option('--template <name>', t('validity, budget and retention', '有效期、次数与保存期限的模板'))
        .choices(TEMPLATE_NAMES)
        .default('credit-model'),
    )
    .option(
      '--narrow <key=value...>',
      t('allow less: columns, maxRounds, runs, validTo …', '缩小范围：columns、maxRounds、runs、validTo 等'),
    )
    .option('--legal-basis <text>', t('instead of that of the template', '法律依据（代替模板中的）'))
    .action((what: string, options: ApproveOptions) => approve(cli, what, options))
  command(
    'refuse',
    t('say no to a job that waits', '拒绝等待批准的作业'),
    '  tributary refuse job-3f2a… --as li-wei --reason "no contract with this bank"',
  )
    .argument('<job>')
    .addOption(as())
    .requiredOption('--reason <text>', t('why', '理由'))
    .action((job: string, options: ReasonOptions) => refuse(cli, job, options))
  command(
    'revoke',
    t('withdraw an approval; running jobs stop within seconds', '撤回批准；正在运行的作业数秒内停止'),
    '  tributary revoke approval-0a1b… --as wang-fang --reason "contract ended"',
  )
    .argument('<approval>')
    .addOption(as())
    .requiredOption('--reason <text>', t('why', '理由'))
    .action((id: string, options: ReasonOptions) => revoke(cli, id, options))
  command(
    'approvals',
    t(
      'what is approved, with state, validity and runs left, and which jobs wait',
      '列出批准书（状态、有效期、剩余次数）与等待的作业',
    ),
    '  tributary approvals --config tax/agent.yaml\n  tributary approvals --templates',
  )
    .option(
      '--templates',
      t('the contracts that `approve --template` knows', '列出 `approve --template` 可用的合同模板'),
    )
    .action((options: OverviewOptions) => (options.templates ? templates(cli, options) : overview(cli, options)))
}

async function approve(cli: CliContext, what: string, options: ApproveOptions): Promise<void> {
  const { digestOf } = await import('#party-agent/approvals/statements.ts')
  const home = await open(options)
  // Who may not sign learns it before a document is made.
  const { requireSigner } = await import('#party-agent/approvals/stored-approval.ts')
  requireSigner(await home.people.find(options.as))
  const id = await approvalFor(cli, home, what, options)
  const { document, bytes } = await home.store.intact(id)
  const digest = digestOf(bytes)
  const show = options.json ? cli.note : cli.out
  const { leftOut } = await import('#party-agent/approvals/requests.ts')
  const waiting = (await home.store.requests()).filter(
    (request) => request.job === what || leftOut(document, request, new Date()).length === 0,
  )
  const privacy = waiting.flatMap((request) => privacyLines(cli, request.privacy))
  for (const line of [...(await cardLines(cli, document)), ...approvalLines(cli, document, digest), ...privacy])
    show(line)
  using signer = await authenticate(cli, home, options.as)
  const signed = await home.store.sign(id, signer, digest)
  if (options.json) return cli.out(JSON.stringify(summaryOf(signed)))
  cli.out('')
  if (signed.state === 'active') return cli.out(cli.t(`${id} is active.`, `${id} 已生效。`))
  const other = signer.person.role === 'steward' ? 'compliance' : 'steward'
  cli.out(
    cli.t(
      `${id} has one signature. A person of role ${other} signs next:`,
      `${id} 已有一人签署。接下来由角色 ${other} 的人员签署：`,
    ),
  )
  cli.out(`  tributary approve ${id} --as … --config ${options.config}`)
}

/** The approval to sign: one that is there, or a new one for a waiting job or a job file. */
async function approvalFor(
  cli: CliContext,
  home: ApprovalHome,
  what: string,
  options: ApproveOptions,
): Promise<string> {
  if (what.startsWith('approval-')) return what
  const { draftApproval } = await import('#party-agent/approvals/draft.ts')
  const { cardDigests } = await import('#party-agent/approvals/cards.ts')
  const { halfSigned, leftOut } = await import('#party-agent/approvals/requests.ts')
  const { spec, asked } = await askedBy(home, what, options)
  const cards = cardDigests()
  const now = new Date()
  if (options.narrow === undefined) {
    const half = halfSigned(await home.store.all(), { spec, asked }, now, options.as)
    if (half !== undefined) return half.id
  }
  const { template, legalBasis, narrow = [] } = options
  const { language } = cli
  const draft = draftApproval(spec, asked, { template, cards, now, legalBasis, narrow, language })
  await home.store.propose(draft)
  cli.note(cli.t(`${draft.id} is proposed.`, `已提出 ${draft.id}。`))
  const left = leftOut(draft, { spec, asked }, now)
  if (left.length > 0)
    cli.note(cli.t('It leaves out, so this job will be refused:', '以下内容不在批准范围内，该作业将被拒绝：'))
  for (const line of left) cli.note(`  ${line}`)
  return draft.id
}

async function askedBy(home: ApprovalHome, what: string, options: ApproveOptions) {
  if (what.startsWith('job-')) {
    const { waitingRequest } = await import('#party-agent/approvals/requests.ts')
    return await waitingRequest(home.store, what, home.party)
  }
  const { readJobFile } = await import('#party-agent/planning/job-file.ts')
  const { readAgentConfig } = await import('#party-agent/config.ts')
  const { openGate } = await import('#party-agent/gate.ts')
  const { silentLogger } = await import('#runtime/log.ts')
  const spec = readJobFile(what)
  const gate = await openGate(await readAgentConfig(options.config), home.party, silentLogger)
  return { spec, asked: await gate.asked(spec) }
}

async function refuse(cli: CliContext, job: string, options: ReasonOptions): Promise<void> {
  const home = await open(options)
  using signer = await authenticate(cli, home, options.as)
  await home.store.refuse(job, signer, options.reason)
  cli.out(
    options.json ? JSON.stringify({ job, refusedBy: options.as }) : cli.t(`${job} is refused.`, `已拒绝 ${job}。`),
  )
}

async function revoke(cli: CliContext, id: string, options: ReasonOptions): Promise<void> {
  const home = await open(options)
  using signer = await authenticate(cli, home, options.as)
  const revoked = await home.store.revoke(id, signer, options.reason)
  if (options.json) return cli.out(JSON.stringify(summaryOf(revoked)))
  cli.out(cli.t(`${id} is withdrawn; jobs that run under it stop.`, `${id} 已撤回；依据它运行的作业将停止。`))
}

async function overview(cli: CliContext, options: CommonOptions): Promise<void> {
  const { store } = await open(options)
  const [approvals, requests] = [await store.all(), await store.requests()]
  if (options.json) return cli.out(JSON.stringify({ approvals: approvals.map(summaryOf), requests }))
  for (const line of overviewLines(cli, approvals, requests, approvalStateWord)) cli.out(line)
}

async function templates(cli: CliContext, options: OverviewOptions): Promise<void> {
  const { TEMPLATES } = await import('#party-agent/approvals/draft.ts')
  if (options.json) return cli.out(JSON.stringify(TEMPLATES))
  for (const line of templateLines(cli, TEMPLATES)) cli.out(line)
}

function summaryOf({ id, state, document, signatures, revocation, runs, damage }: StoredApproval) {
  const people = signatures.map(({ person, name, role, time }) => ({ person, name, role, time }))
  const runsLeft = document === undefined ? 0 : Math.max(0, document.runs - runs.length)
  return { id, state: damage === undefined ? state : 'damaged', runsLeft, people, runs, revocation, document }
}

async function open(options: CommonOptions): Promise<ApprovalHome> {
  const { readAgentConfig } = await import('#party-agent/config.ts')
  const { openPeople } = await import('../approval-home.ts')
  return await openPeople((await readAgentConfig(options.config)).home)
}

async function authenticate(cli: CliContext, home: ApprovalHome, person: string) {
  await home.people.find(person)
  return await home.people.authenticate(person, await readPersonPassphrase(cli, person))
}
