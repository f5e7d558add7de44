// What the coordinator uses and whether it has what it needs: the operator's figures, and checks in the manner of
// `tributary doctor`, each with what mends it.
import { readdir, stat } from 'node:fs/promises'
import { join } from 'node:path'
import type { Resources } from '#console/api/coordinator.ts'
import type { Check } from '#console/api/operation.ts'
import { needsLooking } from '#console/server/certificate-view.ts'
import { diskOf } from '#console/server/machine.ts'
import type { Bilingual } from '#runtime/bilingual.ts'
import { partiesOfRecord } from '../jobs/job-record.ts'
import { bytesOf } from './job-views.ts'
import type { CoordinatorParts } from './parts.ts'
import { certificates, connectedParties } from './party-views.ts'

const MIN_FREE_BYTES = 1024 ** 3
const SLOW_LOOP_MS = 250
const FULL_ADDER = 0.9
const GIB = 1024 ** 3
const DATABASES = /\.sqlite(-wal|-shm)?$/

export async function resources(parts: CoordinatorParts): Promise<Resources> {
  const { config, machine, adder, relay, trust, book } = parts
  const { used, highest } = adder.budget
  const running = book.jobs({ state: 'running' })
  return {
    machine: await machine.view(),
    adder: { used, highest, limit: config.quotas.adderBytes },
    relay: {
      jobBytesLimit: config.quotas.jobBytes,
      jobs: running.map(({ job, name }) => ({ job, name, bytes: bytesOf(relay.trafficOf(job)) })),
      queues: trust.bundle.parties.flatMap(({ party }) => {
        const outlet = relay.outletOf(party)
        return outlet === undefined ? [] : [{ party, bytes: outlet.queuedBytes, highest: outlet.highestQueuedBytes }]
      }),
    },
    files: await databasesOf(config.home),
  }
}

/** Every precondition, one by one; nothing is changed. */
export async function checks(parts: CoordinatorParts): Promise<Check[]> {
  return [
    certificateCheck(parts),
    trustCheck(parts),
    await diskCheck(parts),
    connectionCheck(parts),
    sealCheck(parts),
    loopCheck(parts),
    adderCheck(parts),
  ]
}

function certificateCheck(parts: CoordinatorParts): Check {
  const title = { en: 'Certificates', zh: '证书' }
  const bad = certificates(parts).filter(needsLooking)
  const names = bad.map(({ holder, what, validTo }) => `${holder} (${what}, ${validTo.slice(0, 10)})`).join(', ')
  if (bad.length === 0) return green('certificates', title, { en: 'none ends soon', zh: '无即将到期的证书' })
  const found = { en: `ending soon, over or revoked: ${names}`, zh: `即将到期、已过期或已吊销：${names}` }
  return red('certificates', title, found, {
    en: 'a server or agent certificate renews itself while its program runs: look at its clock and its log; an ending root needs `tributary init` in a new home and a new trust bundle',
    zh: '服务端与代理证书在程序运行时自动续期：请检查其时钟与日志；根证书到期需在新目录运行 `tributary init` 并更新信任清单',
  })
}

function trustCheck({ trust }: CoordinatorParts): Check {
  const title = { en: 'Trust bundle', zh: '信任清单' }
  const { edition, parties, coordinator } = trust.bundle
  const found = { en: `edition ${edition}, ${parties.length} parties`, zh: `第 ${edition} 版，共 ${parties.length} 方` }
  if (parties.length > 0 && coordinator.logKey !== undefined) return green('trust-bundle', title, found)
  if (parties.length === 0)
    return red('trust-bundle', title, found, {
      en: 'invite the founders with `tributary federation invite` and let them join',
      zh: '用 `tributary federation invite` 邀请发起方并等待其加入',
    })
  return red(
    'trust-bundle',
    title,
    { en: 'names no key of the round log', zh: '未列出轮次日志的公钥' },
    {
      en: 'make the bundle anew with `tributary trust`: agents accept no job without coordinator.logKey',
      zh: '用 `tributary trust` 重新生成清单：缺少 coordinator.logKey 时代理不接受作业',
    },
  )
}

async function diskCheck({ config }: CoordinatorParts): Promise<Check> {
  const title = { en: 'Disk', zh: '磁盘' }
  const { free } = await diskOf(config.home)
  const found = { en: `${inGib(free)} GiB free`, zh: `剩余 ${inGib(free)} GiB` }
  if (free >= MIN_FREE_BYTES) return green('disk', title, found)
  return red('disk', title, found, { en: 'free at least 1 GiB', zh: '至少释放 1 GiB' })
}

function connectionCheck(parts: CoordinatorParts): Check {
  const title = { en: 'Parties of running jobs', zh: '运行中作业的参与方' }
  const connected = new Set(connectedParties(parts))
  const needed = new Set(parts.book.jobs({ state: 'running' }).flatMap(partiesOfRecord))
  const away = [...needed].filter((party) => !connected.has(party))
  if (away.length === 0)
    return green('connections', title, {
      en: `${needed.size} needed, all connected`,
      zh: `需 ${needed.size} 方，均已连接`,
    })
  return red(
    'connections',
    title,
    { en: `not connected: ${away.join(', ')}`, zh: `未连接：${away.join('、')}` },
    {
      en: 'ask the operator of that party to look at its agent with `tributary doctor`: its jobs wait, and end at their deadlines',
      zh: '请该方运维人员用 `tributary doctor` 检查其代理：相关作业会等待，到期即终止',
    },
  )
}

function sealCheck({ logs, book }: CoordinatorParts): Check {
  const title = { en: 'Round logs', zh: '轮次日志' }
  const owing = logs
    .views()
    .flatMap(({ headSize, cosigned, waitedFor }) => waitedFor.filter((party) => (cosigned.get(party) ?? 0) < headSize))
  const names = [...new Set(owing)].sort()
  if (names.length === 0)
    return green('round-logs', title, { en: 'every checkpoint is cosigned by all', zh: '所有检查点均已由各方联署' })
  // while a job runs there is hardly a moment without a checkpoint that somebody has yet to cosign
  if (book.jobs({ state: 'running' }).length > 0)
    return green('round-logs', title, {
      en: `jobs run; still to cosign: ${names.join(', ')}`,
      zh: `作业运行中；待联署：${names.join('、')}`,
    })
  return red(
    'round-logs',
    title,
    { en: `cosignatures are missing from ${names.join(', ')}`, zh: `缺少联署：${names.join('、')}` },
    {
      en: 'see whether the agent of that party is connected: it cosigns by itself',
      zh: '请检查该方代理是否在线：联署由代理自动完成',
    },
  )
}

function loopCheck({ machine }: CoordinatorParts): Check {
  const title = { en: 'Response of the process', zh: '进程响应' }
  const ms = Math.round(machine.last.loopDelayMs)
  const found = { en: `event loop delayed by ${ms} ms at most (99 %)`, zh: `事件循环延迟不超过 ${ms} 毫秒（99%）` }
  if (ms <= SLOW_LOOP_MS) return green('event-loop', title, found)
  return red('event-loop', title, found, {
    en: 'give this machine a processor more, or move other work away from it',
    zh: '为本机增加处理器，或移走其他负载',
  })
}

function adderCheck({ adder, config }: CoordinatorParts): Check {
  const title = { en: 'Memory of the adder', zh: '密文累加内存' }
  const share = adder.budget.used / config.quotas.adderBytes
  const percent = Math.round(100 * share)
  const found = { en: `${percent} % in use`, zh: `已用 ${percent}%` }
  if (share < FULL_ADDER) return green('adder', title, found)
  return red('adder', title, found, {
    en: 'raise `quotas.adderBytes` in coordinator.yaml, or let fewer averaging jobs run at a time',
    zh: '在 coordinator.yaml 中提高 `quotas.adderBytes`，或减少同时运行的联邦平均作业',
  })
}

async function databasesOf(home: string): Promise<{ file: string; bytes: number }[]> {
  const names = (await readdir(home)).filter((name) => DATABASES.test(name)).sort()
  const sizes = await Promise.all(names.map((name) => stat(join(home, name)).catch(() => undefined)))
  return names.map((file, i) => ({ file, bytes: sizes[i]?.size ?? 0 }))
}

function inGib(bytes: number): string {
  return (bytes / GIB).toFixed(1)
}

function green(check: string, title: Bilingual, found: Bilingual): Check {
  return { check, title, state: 'green', found }
}

function red(check: string, title: Bilingual, found: Bilingual, mend: Bilingual): Check {
  return { check, title, state: 'red', found, mend }
}
