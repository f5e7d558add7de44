// The commands of `tributary`. Each group registers itself; heavy parts are imported when a command runs.
import { Command, Option } from 'commander'
import { registerAgent } from './commands/agent.ts'
import { registerApprovals } from './commands/approvals.ts'
import { registerCoordinator } from './commands/coordinator.ts'
import { registerData } from './commands/data.ts'
import { registerDemo } from './commands/demo.ts'
import { registerDispute } from './commands/dispute.ts'
import { registerDoctor } from './commands/doctor.ts'
import { registerFederation } from './commands/federation.ts'
import { registerInit, registerParty } from './commands/init.ts'
import { registerJob } from './commands/job.ts'
import { registerKeys } from './commands/keys.ts'
import { registerLab } from './commands/lab.ts'
import { registerLedger } from './commands/ledger.ts'
import { registerLog } from './commands/log.ts'
import { registerModel } from './commands/model.ts'
import { registerParties } from './commands/parties.ts'
import { registerSchema } from './commands/schema.ts'
import { registerSynth } from './commands/synth.ts'
import { registerTrust } from './commands/trust.ts'
import { registerVerify } from './commands/verify.ts'
import type { CliContext } from './context.ts'
import { packageVersion } from '#runtime/version.ts'

export function buildProgram(cli: CliContext): Command {
  const { t } = cli
  const program = new Command('tributary')
    .description(
      t(
        'Joint credit models over several data owners; not one row leaves its owner.',
        '汇流：多方数据联合建模，原始数据不出各方。',
      ),
    )
    .version(packageVersion())
    .addOption(
      new Option('--lang <en|zh>', t('language (default: from LANG)', '语言（默认取自 LANG）')).choices(['en', 'zh']),
    )
    .addHelpText('after', () => `\n${helpFooter(cli)}`)
    .exitOverride()
    .configureOutput({ outputError: (text, write) => write(cli.style('red', text)) })
  for (const register of [
    registerDemo,
    registerLab,
    registerInit,
    registerParty,
    registerFederation,
    registerTrust,
    registerCoordinator,
    registerAgent,
    registerDoctor,
    registerData,
    registerParties,
    registerJob,
    registerModel,
    registerApprovals,
    registerDispute,
    registerKeys,
    registerLedger,
    registerLog,
    registerVerify,
    registerSynth,
    registerSchema,
  ]) {
    register(program, cli)
  }
  inheritSettings(program)
  return program
}

function helpFooter({ t }: CliContext): string {
  return t(
    `Examples:
  tributary demo                                  a bank and three partners on this machine, in about a minute
  tributary lab my-lab.yaml                       your own files, every party a process on this machine
  tributary init --party tax --federation demo --home ./tax
  tributary job submit job.yaml --config agent.yaml --watch

Exit codes: 0 done, 1 failed, 2 wrong input, 3 somebody cannot be reached, 4 not allowed, 130 stopped.
The passphrase of a key store comes from TRIBUTARY_PASSPHRASE, from passphraseFile in the configuration, or is asked for.`,
    `示例：
  tributary demo                                  在本机运行银行与三家数据方的演示，约一分钟
  tributary lab my-lab.yaml                       用自己的文件做实验，各方都是本机进程
  tributary init --party tax --federation demo --home ./tax
  tributary job submit job.yaml --config agent.yaml --watch

退出码：0 完成，1 失败，2 输入有误，3 无法连通，4 不允许，130 被中断。
密钥库口令取自 TRIBUTARY_PASSPHRASE、配置中的 passphraseFile，或在终端输入。`,
  )
}

/** exitOverride and the output settings hold for subcommands too. */
function inheritSettings(command: Command): void {
  for (const child of command.commands) {
    child.copyInheritedSettings(command)
    inheritSettings(child)
  }
}
