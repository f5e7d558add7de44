// `tributary dispute …`: who spoiled a training round? The guest asks, people of each party agree and show their update of
// that one round, sealed to the guest, and the guest compares. Files travel as the parties like; nothing is shown unasked.
import { mkdir, readFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import type { Command } from 'commander'
import type { Diagnosis } from '#protocols/fedavg/robustness/diagnose.ts'
import type { SignedRequest } from '#party-agent/disputes/dispute.ts'
import { PlatformError } from '#runtime/errors.ts'
import type { CliContext } from '../context.ts'
import { diagnosisLines, requestLines } from '../dispute-report.ts'
import { type DisputeHome, openDisputeHome } from '../dispute-home.ts'
import { type ReadingOptions, withReader } from '../reading-options.ts'

interface DisputeOptions extends ReadingOptions {
  readonly config: string
  readonly json?: true
}
interface OpenOptions extends DisputeOptions {
  readonly round: string
  readonly reason: string
  readonly out: string
}
interface AgreeOptions extends DisputeOptions {
  readonly out: string
}

const KEY_FILE = 'dispute-key'

export function registerDispute(program: Command, cli: CliContext): void {
  const { t } = cli
  const dispute = program
    .command('dispute')
    .description(t('who spoiled a round of averaging', '联邦平均某一轮的更新有争议时，查明原因'))
  const command = (usage: string, about: string, example: string) =>
    withReader(dispute.command(usage), cli)
      .description(about)
      .option('--config <file>', t('agent.yaml of your party', '本方的 agent.yaml'), 'agent.yaml')
      .option('--json', t('as JSON', '以 JSON 输出'))
      .addHelpText('after', `\nExample:\n  tributary dispute ${example}`)
  command(
    'open',
    t('ask all parties to show their update of one round (guest)', '请各方出示某一轮的更新（发起方）'),
    'open job-3f2a… --round 2 --reason "loss rose" --as li-wei --out dispute.json --config park-a/agent.yaml',
  )
    .argument('<job>')
    .requiredOption('--round <number>', t('training round', '训练轮次'))
    .requiredOption('--reason <text>', t('why; the others read it', '理由，其他各方可见'))
    .requiredOption('--out <file>', t('file for the other parties', '发给其他各方的文件'))
    .action((job: string, options: OpenOptions) => openRequest(cli, job, options))
  command(
    'agree',
    t('show your update of that round to the guest, and to nobody else', '向发起方出示本方该轮的更新（仅发起方可读）'),
    'agree dispute.json --as wang-fang --out park-b.opening --config park-b/agent.yaml',
  )
    .argument('<request>')
    .requiredOption('--out <file>', t('file for the guest', '发给发起方的文件'))
    .action((file: string, options: AgreeOptions) => agree(cli, file, options))
  command(
    'report',
    t('compare what was shown, on your validation rows (guest)', '在本方验证样本上比较各方出示的更新（发起方）'),
    'report dispute.json park-b.opening park-c.opening --as li-wei --config park-a/agent.yaml',
  )
    .argument('<request>')
    .argument('<openings...>')
    .action((file: string, openings: string[], options: DisputeOptions) => report(cli, file, openings, options))
}

async function openRequest(cli: CliContext, job: string, options: OpenOptions): Promise<void> {
  const { openDispute, disputeId } = await import('#party-agent/disputes/dispute.ts')
  const { keepRequest } = await import('#party-agent/disputes/kept-requests.ts')
  const { writeSealed } = await import('#crypto/sealed-file.ts')
  const { writeDurably } = await import('#runtime/files.ts')
  using home = await openDisputeHome(cli, job, options)
  home.requireGuest()
  home.reading.require('update', job)
  const round = Number(options.round)
  await home.archive.read(job, round)
  const asked = { job, round, by: options.as ?? home.identity.party, reason: options.reason }
  const { signed, key } = openDispute(home.identity, asked, new Date())
  const id = disputeId(signed.request)
  const file = keyFile(home, id)
  await mkdir(dirname(file), { recursive: true, mode: 0o700 })
  await key.reveal((bytes) => writeSealed(file, id, home.key(KEY_FILE), bytes))
  await keepRequest(home.config.home, { id, side: 'asked', ...signed })
  await writeDurably(options.out, `${JSON.stringify(signed, null, 2)}\n`)
  if (options.json) return cli.out(JSON.stringify({ dispute: id, file: options.out }))
  for (const line of requestLines(cli, signed.request, id, isPrivate(home))) cli.out(line)
  cli.out(cli.t(`Send ${options.out} to the other parties.`, `请把 ${options.out} 发给其他各方。`))
}

async function agree(cli: CliContext, file: string, options: AgreeOptions): Promise<void> {
  const { readRequest, showOpening, disputeId } = await import('#party-agent/disputes/dispute.ts')
  const { keepRequest } = await import('#party-agent/disputes/kept-requests.ts')
  const { writeDurably } = await import('#runtime/files.ts')
  const text = await readFile(file, 'utf8')
  const job = jobIn(text)
  using home = await openDisputeHome(cli, job, options)
  const { guest } = home.spec
  const request = readRequest(text, { job, guest: guest.party }, home.signingKeyOf)
  const show = options.json ? cli.note : cli.out
  for (const line of requestLines(cli, request, disputeId(request), isPrivate(home))) show(line)
  home.reading.require('update', job)
  const { opening } = await home.archive.read(job, request.round)
  if (opening === undefined) throw new PlatformError('dispute.unknown-round', { job, round: request.round })
  const by = options.as ?? home.identity.party
  const shown = showOpening(home.identity, request, home.signingKeyOf(guest.party), opening, by)
  const { signature } = JSON.parse(text) as SignedRequest
  await keepRequest(home.config.home, { id: shown.dispute, side: 'shown', request, signature })
  await writeDurably(options.out, `${JSON.stringify(shown)}\n`)
  if (options.json) return cli.out(JSON.stringify({ dispute: shown.dispute, file: options.out }))
  cli.out(
    cli.t(
      `Send ${options.out} to ${guest.party}: only it can read it.`,
      `请把 ${options.out} 发给 ${guest.party}，仅其可读。`,
    ),
  )
}

async function report(cli: CliContext, file: string, files: readonly string[], options: DisputeOptions): Promise<void> {
  const { readRequest, readOpening, disputeId } = await import('#party-agent/disputes/dispute.ts')
  const { diagnoseRound } = await import('#party-agent/disputes/diagnosis.ts')
  const { disputedTraining } = await import('#party-agent/disputes/validation.ts')
  const { readSealed } = await import('#crypto/sealed-file.ts')
  const { silentLogger } = await import('#runtime/log.ts')
  const text = await readFile(file, 'utf8')
  const job = jobIn(text)
  using home = await openDisputeHome(cli, job, options)
  home.requireGuest()
  const { identity, archive, signingKeyOf, spec } = home
  const request = readRequest(text, { job, guest: identity.party }, signingKeyOf)
  const { round } = request
  home.reading.require('update', job)
  const id = disputeId(request)
  const key = await readSealed(keyFile(home, id), id, home.key(KEY_FILE))
  if (key === undefined) throw new PlatformError('dispute.invalid', { problem: 'it was not opened here' })
  const kept = await archive.read(job, round)
  const texts = await Promise.all(files.map((name) => readFile(name, 'utf8')))
  const others = texts.map((answer) => readOpening(identity, request, key, answer, signingKeyOf))
  const openings = kept.opening === undefined ? others : [kept.opening, ...others]
  const training = await disputedTraining(home.config, identity.party, { jobId: job, spec }, kept, silentLogger)
  const lines: readonly Diagnosis[] = await diagnoseRound(training, kept, openings)
  if (options.json) return cli.out(JSON.stringify({ dispute: id, job, round, parties: lines }))
  for (const line of [...requestLines(cli, request, id, isPrivate(home)), '', ...diagnosisLines(cli, lines)])
    cli.out(line)
}

function isPrivate({ spec }: DisputeHome): boolean {
  return spec.average?.privacy !== undefined
}

function keyFile({ config }: DisputeHome, id: string): string {
  return join(config.home, 'disputes', `${id}.key`)
}

/** Which job a request says that it is about, before anything of it is believed. */
function jobIn(text: string): string {
  try {
    return String((JSON.parse(text) as { readonly request?: { readonly job?: unknown } }).request?.job ?? '')
  } catch {
    return '' // a job that nobody knows
  }
}
