// `tributary doctor`: every precondition of an agent, checked one by one, red with its mend or green.
import { readFile, stat, statfs } from 'node:fs/promises'
import { dirname } from 'node:path'
import { X509Certificate } from 'node:crypto'
import { chooseEngine, type ChosenEngine } from '#crypto/he/engine.ts'
import { openPartyHome, type PartyIdentity } from '#crypto/identity/party-home.ts'
import { parseTrustBundle, type TrustBundle } from '#crypto/identity/trust.ts'
import { PlatformError } from '#runtime/errors.ts'
import { type AgentConfig, readAgentConfig } from '../config.ts'
import { dataCheck, type DatasetReport, MIN_VALID_SHARE, validShare } from '../data/data-check.ts'
import { askCoordinator, dialProblem } from './reachability.ts'
import { type DoctorCheck, type DoctorReport, green, red, redFrom, type Said, skipped } from './report.ts'

const DAY_MS = 86_400_000
/** the agent renews by itself long before */
const RENEW_DAYS = 1
const MIN_FREE_BYTES = 1024 ** 3
const MAX_CLOCK_DIFFERENCE_MS = 120_000

/** Checks what an agent needs to run; what is found is in the report, red or green. Nothing is changed. */
export async function runDoctor(configPath: string, passphrase: string): Promise<DoctorReport> {
  return await examine(configPath, { keys: (home) => openPartyHome(home, passphrase) })
}

export interface ExaminationOptions {
  /** the keys of the home, opened: by passphrase, or those of a running agent */
  readonly keys: (home: string) => Promise<PartyIdentity>
  /** also reads every data set whole; true unless given */
  readonly data?: boolean
}

/** The same with keys that are open already. */
export async function examine(configPath: string, { keys, data = true }: ExaminationOptions): Promise<DoctorReport> {
  const checks: DoctorCheck[] = []
  const config = await attempt(checks, () => checkConfiguration(configPath))
  if (config !== undefined) {
    const identity = await attempt(checks, () => checkKeys(() => keys(config.home)))
    if (identity !== undefined) checks.push(checkCertificate(identity, new Date()))
    const bundle = await attempt(checks, () => checkTrustBundle(config, identity))
    checks.push(await checkDisk(config.home))
    checks.push(kernelsCheck(chooseEngine(config.resources.heEngine)))
    checks.push(...(await checkCoordinator(config.coordinator, identity, bundle)))
    if (data) checks.push(...(await checkData(config)))
  }
  return { ok: checks.every((check) => check.ok && !check.skipped), checks }
}

interface Attempt<T> {
  readonly check: DoctorCheck
  /** for the checks that come after, also where this one is red but they can still be made */
  readonly value?: T
}

async function attempt<T>(checks: DoctorCheck[], make: () => Promise<Attempt<T>>): Promise<T | undefined> {
  const { check, value } = await make()
  checks.push(check)
  return value
}

async function checkConfiguration(path: string): Promise<Attempt<AgentConfig>> {
  try {
    const value = await readAgentConfig(path)
    const sets = Object.keys(value.datasets).length
    const rules = value.policy.jobs.length
    const found = { en: `${sets} data set(s), ${rules} rule(s) in the policy`, zh: `${sets} 个数据集，${rules} 条策略` }
    return { value, check: green('configuration', found) }
  } catch (thrown) {
    return { check: redFrom('configuration', thrown, '按所列行号逐项修改配置文件') }
  }
}

async function checkKeys(open: () => Promise<PartyIdentity>): Promise<Attempt<PartyIdentity>> {
  try {
    const value = await open()
    const { party, federation } = value
    return {
      value,
      check: green('keys', {
        en: `keys of ${party} in ${federation} open`,
        zh: `${federation} 中 ${party} 的密钥可以打开`,
      }),
    }
  } catch (thrown) {
    return { check: redFrom('keys', thrown, '检查 home 路径与口令；尚无密钥时运行 `tributary init`') }
  }
}

function checkCertificate(identity: PartyIdentity, now: Date): DoctorCheck {
  const certificate = new X509Certificate(identity.tlsCertificatePem)
  const days = Math.floor((certificate.validToDate.getTime() - now.getTime()) / DAY_MS)
  const until = certificate.validToDate.toISOString().slice(0, 10)
  const mend = {
    en: 'check the clock of this machine, then run `tributary init --renew`',
    zh: '核对本机时钟，然后运行 `tributary init --renew`',
  }
  if (now < certificate.validFromDate) {
    const from = certificate.validFromDate.toISOString()
    return red('certificate', { en: `not valid before ${from}`, zh: `${from} 之前无效` }, mend)
  }
  const found = { en: `valid until ${until}, ${days} day(s) left`, zh: `有效期至 ${until}，剩余 ${days} 天` }
  if (days < 0) return red('certificate', { en: `expired on ${until}`, zh: `已于 ${until} 过期` }, mend)
  return days < RENEW_DAYS ? red('certificate', found, mend) : green('certificate', found)
}

async function checkTrustBundle(
  config: AgentConfig,
  identity: PartyIdentity | undefined,
): Promise<Attempt<TrustBundle>> {
  let value: TrustBundle
  try {
    value = parseTrustBundle(await readText(config.trustBundle))
  } catch (thrown) {
    return { check: redFrom('trust-bundle', thrown, '向联邦管理者索取最新的信任清单') }
  }
  const members = value.parties.length
  const found = { en: `${members} parties of ${value.federation}`, zh: `${value.federation}，共 ${members} 方` }
  const problem = identity === undefined ? undefined : membershipProblem(value, identity)
  if (problem === undefined) return { value, check: green('trust-bundle', found) }
  const mend = {
    en: 'hand keys/card.json of this home to whoever keeps the trust bundle, and take the new bundle from there',
    zh: '把本目录的 keys/card.json 交给信任清单的维护者，并取回新的清单',
  }
  return { value, check: red('trust-bundle', problem, mend) }
}

function membershipProblem(
  bundle: TrustBundle,
  { federation, party, rootPem, signingPublicKey }: PartyIdentity,
): Said | undefined {
  if (bundle.federation !== federation) {
    return {
      en: `is of ${bundle.federation}, our keys are of ${federation}`,
      zh: `属于 ${bundle.federation}，本方密钥属于 ${federation}`,
    }
  }
  const member = bundle.parties.find((entry) => entry.party === party)
  if (member === undefined) return { en: `does not list ${party}`, zh: `未列出 ${party}` }
  const sameRoot = new X509Certificate(member.rootPem).fingerprint256 === new X509Certificate(rootPem).fingerprint256
  if (sameRoot && Buffer.from(member.signingKey, 'base64').equals(signingPublicKey)) return undefined
  return { en: `lists other keys for ${party} than ours`, zh: `所列 ${party} 的密钥与本方不同` }
}

async function checkDisk(home: string): Promise<DoctorCheck> {
  try {
    const { bavail, bsize } = await statfs(await existing(home))
    const free = bavail * bsize
    const gib = (free / 1024 ** 3).toFixed(1)
    const found = { en: `${gib} GiB free at ${home}`, zh: `${home} 剩余 ${gib} GiB` }
    if (free >= MIN_FREE_BYTES) return green('disk', found)
    return red('disk', found, {
      en: 'free at least 1 GiB, or move home to another disk',
      zh: '至少释放 1 GiB，或把 home 移到其他磁盘',
    })
  } catch (thrown) {
    return redFrom('disk', thrown, '检查 home 路径及其权限')
  }
}

/** Never red: without kernels everything works, only slower. */
function kernelsCheck({ engine, reason }: ChosenEngine): DoctorCheck {
  if (engine === 'kernel') return green('kernels', { en: 'WebAssembly SIMD runs', zh: 'WebAssembly SIMD 可用' })
  return green('kernels', {
    en: `none: SEAL alone computes, with the same results, several times slower (${reason})`,
    zh: `未使用：由 SEAL 单独计算，结果相同，速度慢数倍（${reason}）`,
  })
}

async function checkCoordinator(
  coordinator: string,
  identity: PartyIdentity | undefined,
  bundle: TrustBundle | undefined,
): Promise<DoctorCheck[]> {
  const problem = await dialProblem(coordinator)
  if (problem !== undefined) {
    const because = { en: 'the coordinator does not answer', zh: '协调方无应答' }
    const mend = {
      en: 'check the address, that the coordinator runs, and that the firewall lets this machine dial out to the port',
      zh: '核对地址，确认协调方正在运行，并确认防火墙允许本机向该端口发起连接',
    }
    const found = { en: `${coordinator}: ${problem}`, zh: `${coordinator}：${problem}` }
    return [red('network', found, mend), skipped('secure-connection', because), skipped('clock', because)]
  }
  const network = green('network', { en: `${coordinator} answers`, zh: `${coordinator} 有应答` })
  if (identity === undefined || bundle === undefined) {
    const because = { en: 'needs keys and trust bundle', zh: '需要密钥与信任清单' }
    return [network, skipped('secure-connection', because), skipped('clock', because)]
  }
  return [network, ...(await checkSecureConnection(coordinator, identity, bundle))]
}

async function checkSecureConnection(
  coordinator: string,
  identity: PartyIdentity,
  bundle: TrustBundle,
): Promise<DoctorCheck[]> {
  const answer = await askCoordinator(coordinator, identity, bundle)
  if ('problem' in answer) {
    const found = { en: `refused: ${answer.problem}`, zh: `被拒绝：${answer.problem}` }
    const mend = {
      en: 'compare the trust bundles of both sides: ours must have the root of the coordinator, its bundle must have ours',
      zh: '比对双方的信任清单：本方清单须含协调方根证书，协调方清单须含本方根证书',
    }
    return [
      red('secure-connection', found, mend),
      skipped('clock', { en: 'needs the secure connection', zh: '需要安全连接' }),
    ]
  }
  const secure = green('secure-connection', {
    en: `TLS 1.3 with both certificates, federation ${answer.federation}`,
    zh: `TLS 1.3 双向认证，联邦 ${answer.federation}`,
  })
  return [secure, checkClock(answer.coordinatorTime, new Date())]
}

/** @param theirs to the second */
export function checkClock(theirs: Date | undefined, ours: Date): DoctorCheck {
  if (theirs === undefined)
    return skipped('clock', { en: 'the coordinator did not say its time', zh: '协调方未给出时间' })
  const seconds = Math.round((ours.getTime() - theirs.getTime()) / 1000)
  const found = {
    en: `${Math.abs(seconds)} s ${seconds < 0 ? 'behind' : 'ahead of'} the coordinator`,
    zh: `比协调方${seconds < 0 ? '慢' : '快'} ${Math.abs(seconds)} 秒`,
  }
  if (Math.abs(seconds) * 1000 <= MAX_CLOCK_DIFFERENCE_MS) return green('clock', found)
  return red('clock', found, { en: 'set the clock of this machine by NTP', zh: '用 NTP 校准本机时钟' })
}

async function checkData(config: AgentConfig): Promise<DoctorCheck[]> {
  if (Object.keys(config.datasets).length === 0) {
    return [green('dataset', { en: 'none is declared', zh: '未声明数据集' })]
  }
  const { datasets } = await dataCheck(config)
  return datasets.flatMap((report) => [datasetCheck(report), ...idCheck(report)])
}

function datasetCheck({ dataset, rows, columns, problems }: DatasetReport): DoctorCheck {
  const errors = problems.filter(({ level, code }) => level === 'error' && code !== 'data.few-valid-ids')
  if (errors.length > 0) {
    const text = errors.map(({ message }) => message).join('; ')
    const mend = {
      en: errors.map((error) => error.mend).join('; '),
      zh: '运行 `tributary data check` 查看详情并修正数据源',
    }
    return red('dataset', { en: text, zh: text }, mend, dataset)
  }
  const warnings = problems.filter(({ level, code }) => level === 'warning' && code !== 'data.few-valid-ids').length
  const note = warnings === 0 ? '' : `, ${warnings} column(s) to look at with \`tributary data check\``
  const noteZh = warnings === 0 ? '' : `，${warnings} 列需用 \`tributary data check\` 核对`
  const found = {
    en: `${rows} rows, ${columns.length} columns offered${note}`,
    zh: `${rows} 行，提供 ${columns.length} 列${noteZh}`,
  }
  return green('dataset', found, dataset)
}

function idCheck({ dataset, ids, idKind }: DatasetReport): DoctorCheck[] {
  if (ids === undefined) return []
  const percent = `${(100 * validShare(ids)).toFixed(2)} %`
  const { empty, badFormat, badCheck, duplicates } = ids
  const found = {
    en: `${percent} valid ${idKind}; empty ${empty}, bad format ${badFormat}, bad check character ${badCheck}, duplicates ${duplicates}`,
    zh: `${idKind} 有效率 ${percent}；空 ${empty}，格式错误 ${badFormat}，校验位错误 ${badCheck}，重复 ${duplicates}`,
  }
  if (validShare(ids) >= MIN_VALID_SHARE) return [green('ids', found, dataset)]
  const mend = {
    en: 'check ids.column and ids.kind, and the export that made the file: fewer valid ids give a smaller intersection',
    zh: '核对 ids.column 与 ids.kind 以及导出数据的过程：有效标识越少，交集越小',
  }
  return [red('ids', found, mend, dataset)]
}

/** The path itself, or its nearest parent that exists. */
async function existing(path: string): Promise<string> {
  const found = await stat(path).catch(() => undefined)
  return found !== undefined || dirname(path) === path ? path : existing(dirname(path))
}

async function readText(file: string): Promise<string> {
  try {
    return await readFile(file, 'utf8')
  } catch (cause) {
    throw new PlatformError('config.unreadable', { file }, cause)
  }
}
