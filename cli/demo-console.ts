// The pages of a demonstration: every party's console stays open after the job, with addresses that sign in by themselves.
import { spawn } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import { once } from 'node:events'
import type { RunningLab } from '#experiments/lab/lab.ts'
import type { LabResult } from '#experiments/lab/lab-result.ts'
import type { CliContext } from './context.ts'
import { formatTable } from './format.ts'

export interface DemoConsole {
  readonly passphrase: string
  /** Tells the addresses, opens the first, and waits until the person in front has seen enough. */
  readonly stay: (lab: RunningLab, result: LabResult) => Promise<void>
}

/** @param opens whether a browser is started, where this machine has one */
export function demoConsole(cli: CliContext, opens: boolean): DemoConsole {
  const passphrase = randomBytes(9).toString('base64url')
  const stay = async (lab: RunningLab, result: LabResult): Promise<void> => {
    if (cli.signal.aborted || result.state !== 'succeeded') return
    const places = placesOf(cli, lab, passphrase)
    cli.out('')
    cli.out(
      cli.t(
        'The pages of all parties are open, signed in and with a guided tour:',
        '各方控制台已打开（自动登录，附导览）：',
      ),
    )
    for (const line of formatTable(places.map(({ who, address }) => [who, address]))) cli.out(line)
    cli.out(
      cli.t(
        `Other people: lab-steward, lab-compliance, lab-modeler, lab-operator, lab-auditor; passphrase ${passphrase}`,
        `其他人员：lab-steward、lab-compliance、lab-modeler、lab-operator、lab-auditor；口令 ${passphrase}`,
      ),
    )
    const [first] = places
    if (opens && first !== undefined) openBrowser(first.address)
    cli.out(cli.t('Ctrl-C ends the demonstration.', '按 Ctrl-C 结束演示。'))
    if (!cli.signal.aborted) await once(cli.signal, 'abort')
  }
  return { passphrase, stay }
}

/** One for each of the people whom the console is for, at the result of the job. */
function placesOf(cli: CliContext, lab: RunningLab, passphrase: string) {
  const { job, plan } = lab
  const [guest, host = guest] = [plan.job.guest.party, plan.job.hosts[0]?.party]
  const place = (who: string, party: string, person: string, to: string, tour: string) => {
    const origin = lab.process(party).announcement['console']
    const values = new URLSearchParams({ person, passphrase, to, tour, language: cli.language })
    return { who, address: `${String(origin)}/#enter?${values}` }
  }
  return [
    place(cli.t(`modeler at ${guest}`, `${guest} 建模人员`), guest, 'lab-modeler', `/results/${job}`, 'modeler'),
    place(cli.t(`data owner at ${host}`, `${host} 数据管理员`), host, 'lab-steward', '/', 'owner'),
    place(
      cli.t(`compliance at ${guest}`, `${guest} 合规官`),
      guest,
      'lab-compliance',
      `/record/runs/${job}`,
      'compliance',
    ),
    place(cli.t('operator of the coordinator', '协调方运维'), 'coordinator', 'lab-operator', '/', 'operator'),
  ]
}

/** Best effort: the address stands on the screen too. */
function openBrowser(address: string): void {
  const [program, ...before] =
    process.platform === 'darwin' ? ['open'] : process.platform === 'win32' ? ['explorer'] : ['xdg-open']
  const child = spawn(program as string, [...before, address], { stdio: 'ignore', detached: true })
  child.on('error', () => undefined)
  child.unref()
}
