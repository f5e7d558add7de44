// `tributary job …`: submit, watch, list, show and cancel the jobs of your party.
import { type Command, InvalidArgumentError } from 'commander'
import type { CliContext } from '../context.ts'
import type { JobView } from '#party-agent/link/coordinator-client.ts'
import { EXIT } from '../exit-codes.ts'
import { formatTable } from '../format.ts'
import { failureLines, stateWord } from '../job-progress.ts'
import { jobLines, localLines, resultLines } from '../job-report.ts'
import { watchJob } from '../job-watch.ts'
import { registerJobPlan } from './job-plan.ts'
import { registerJobResults } from './job-results.ts'
import { bytesByKind, type LocalJob, lossCurve, readLocalJob } from '#party-agent/results/local-job.ts'
import { type ReadingOptions, withReader } from '../reading-options.ts'
import type { PartySession } from '../session.ts'

interface JobOptions extends ReadingOptions {
  readonly config: string
  readonly json?: true
}

export function registerJob(program: Command, cli: CliContext): void {
  const { t } = cli
  const job = program.command('job').description(t('submit jobs and follow them', '提交与跟踪作业'))
  const command = (usage: string, about: string, example: string) =>
    job
      .command(usage)
      .description(about)
      .option('--config <file>', t('agent.yaml of your party', '本方的 agent.yaml'), 'agent.yaml')
      .option('--json', t('as JSON', '以 JSON 输出'))
      .addHelpText('after', `\nExample:\n  tributary job ${example}`)

  registerJobPlan(job, cli)
  registerJobResults(job, cli)
  withReader(
    command(
      'submit',
      t('submit a job file, signed by your party', '提交作业文件（由本方签名）'),
      'submit credit.yaml --config bank/agent.yaml --watch',
    ),
    cli,
  )
    .argument('<file>')
    .option('--watch', t('follow it to its end', '跟踪至结束'))
    .action((file: string, options: JobOptions & { watch?: true }) => submit(cli, file, options))
  withReader(
    command('watch', t('follow a job to its end', '跟踪作业至结束'), 'watch job-3f2a… --config bank/agent.yaml'),
    cli,
  )
    .argument('<job>')
    .action((id: string, options: JobOptions) => watch(cli, id, options))
  command('list', t('the jobs that your party takes part in', '列出本方参与的作业'), 'list --limit 5')
    .option('--limit <n>', t('at most so many', '最多条数'), count, 20)
    .action((options: JobOptions & { limit: number }) => list(cli, options))
  withReader(
    command(
      'show',
      t(
        'state of a job, and at your party its result, coefficients and record',
        '作业状态，以及本方的结果、系数与记录',
      ),
      'show job-3f2a…',
    ),
    cli,
  )
    .argument('<job>')
    .action((id: string, options: JobOptions) => show(cli, id, options))
  command('cancel', t('end a job for all its parties', '为所有参与方取消作业'), 'cancel job-3f2a…')
    .argument('<job>')
    .action((id: string, options: JobOptions) => cancel(cli, id, options))
}

async function submit(cli: CliContext, file: string, options: JobOptions & { readonly watch?: true }): Promise<void> {
  const { jobBytes, readJobFile } = await import('#party-agent/planning/job-file.ts')
  const { JOB_SPEC_CONTEXT } = await import('#protocols/core/job-spec.ts')
  const bytes = jobBytes(readJobFile(file))
  using session = await open(cli, options)
  const view = await session.client.submit(bytes, session.identity.sign(JOB_SPEC_CONTEXT, bytes))
  if (options.watch) return await follow(cli, session, view.job, options)
  if (options.json) return cli.out(JSON.stringify(view))
  cli.out(cli.t(`submitted as ${view.job}`, `已提交：${view.job}`))
  cli.out(
    cli.t(
      `follow it: tributary job watch ${view.job} --config ${options.config}`,
      `跟踪：tributary job watch ${view.job} --config ${options.config}`,
    ),
  )
}

async function watch(cli: CliContext, job: string, options: JobOptions): Promise<void> {
  using session = await open(cli, options)
  await follow(cli, session, job, options)
}

async function follow(cli: CliContext, session: PartySession, job: string, options: JobOptions): Promise<void> {
  const { home } = session.config
  const view = await watchJob(cli, session.client, job, { home, quiet: options.json === true })
  const local = await readPermitted(cli, session, job, options)
  const result = local.result ?? local.targetResult ?? local.average
  if (options.json) cli.out(JSON.stringify({ ...view, ...(result === undefined ? {} : { result }) }))
  else if (view.state !== 'succeeded') {
    for (const line of failureLines(cli, view)) cli.note(line)
  } else for (const line of resultLines(cli, local)) cli.out(line)
  if (view.state !== 'succeeded') process.exitCode = EXIT.failed
}

async function list(cli: CliContext, options: JobOptions & { readonly limit: number }): Promise<void> {
  using session = await open(cli, options)
  const jobs = await session.client.list(options.limit)
  if (options.json) return cli.out(JSON.stringify(jobs))
  if (jobs.length === 0) return cli.note(cli.t('no jobs yet', '暂无作业'))
  const row = (view: JobView) => [view.job, stateWord(cli, view.state), view.guest, view.submitted_at, view.name]
  for (const line of formatTable(jobs.map(row))) cli.out(line)
}

async function show(cli: CliContext, job: string, options: JobOptions): Promise<void> {
  using session = await open(cli, options)
  const view = await session.client.get(job)
  const local = await readPermitted(cli, session, job, options)
  if (options.json) {
    const sent = bytesByKind(local.record, 'sent')
    const { model, ledger } = local
    const result = local.result ?? local.targetResult ?? local.average
    const left = ledger.at(-1)?.totals ?? {}
    return cli.out(JSON.stringify({ ...view, result, model, losses: lossCurve(local.events), sent, left }))
  }
  for (const line of [...jobLines(cli, view), ...localLines(cli, session.identity.party, local)]) cli.out(line)
}

async function cancel(cli: CliContext, job: string, options: JobOptions): Promise<void> {
  using session = await open(cli, options)
  const view = await session.client.cancel(job)
  cli.out(options.json ? JSON.stringify(view) : `${view.job}  ${stateWord(cli, view.state)}`)
}

/** What this party keeps of the job, as far as the reader's role allows; each part read is stated. */
async function readPermitted(
  cli: CliContext,
  session: PartySession,
  job: string,
  options: JobOptions,
): Promise<LocalJob> {
  const { permittedOf } = await import('#party-agent/log/reading.ts')
  const { openReadingIfNamed } = await import('../reading.ts')
  const { config, identity } = session
  using reading = await openReadingIfNamed(cli, config, options, identity)
  if (reading === undefined) {
    const text = 'what your party keeps of the job is shown to a person of yours: name yourself with --as'
    cli.note(cli.t(text, '本方留存的作业内容只向本方人员展示：请用 --as 写明身份'))
  }
  return permittedOf(reading, job, await readLocalJob(config.home, job))
}

/** The session's libraries take half a second to load: only a command that runs pays. */
async function open(cli: CliContext, options: JobOptions): Promise<PartySession> {
  const { openSession } = await import('../session.ts')
  return openSession(cli, options.config)
}

function count(text: string): number {
  const value = Number(text)
  if (!Number.isInteger(value) || value < 1 || value > 1000)
    throw new InvalidArgumentError('expected a whole number in [1, 1000]')
  return value
}
