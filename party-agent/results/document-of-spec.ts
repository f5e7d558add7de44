// What the model document can state from the job that the guest signed and from the cards of its protocols.
import { setNamed, type SetName, STATISTICAL_BITS, N } from '#crypto/he/params.ts'
import type { DocumentFacts } from '#credit/report/document.ts'
import { alignOf, type JobSpec, planTasks } from '#protocols/core/job-spec.ts'
import { cardDigests } from '../approvals/cards.ts'

/** Parameter sets of the encryption, by protocol; the wide ones are for more rows than the others count. */
const SETS: Readonly<Record<string, readonly SetName[]>> = {
  'binning-iv': ['histogram', 'histogram-wide'],
  'vertical-lr': ['score', 'gradient'],
  secureboost: ['trees', 'trees-wide'],
}

const KEPT_APART = {
  zh: '发起方的样本全部保留。查得、查无（数据方声明全量覆盖）、未覆盖、无授权四种状态分别保存，无授权的客户不向数据方查询',
  en: 'Every row of the guest stays. Present, absent (where the owner declares that it covers everybody), not covered and no consent are kept apart; nobody is asked about without consent',
}

/** By the ids of the document's items; what the job has no section for is left out. */
export function factsOfSpec(spec: JobSpec): DocumentFacts {
  const { split, bin, select, train, boost } = spec
  const align = alignOf(spec)
  const left = align.mode === 'left'
  return {
    'alignment.protocol': {
      zh: `隐私集合求交（psi，curve25519），${left ? `保留发起方全部样本，诱饵比例 ${align.decoys}` : '内连接'}，最小交集 ${align.minIntersection}`,
      en: `private set intersection (psi, curve25519), ${left ? `all rows of the guest stay, ${align.decoys} decoys a match` : 'inner join'}, at least ${align.minIntersection} matches`,
    },
    'alignment.absence': absenceOf(spec),
    'sample.method': samplingOf(split, train?.batchRows),
    ...(bin === undefined ? {} : { 'features.binning': settings(bin) }),
    ...(select === undefined ? {} : { 'selection.thresholds': settings(select) }),
    'training.iterations': [train, boost].flatMap((model) => (model === undefined ? [] : [settings(model)])).join('\n'),
    'training.seeds': {
      zh: `样本切分：${split.kind}。密钥、掩码与切分由各方为本作业生成的随机数导出，保存于各方密封存储；中断后重启得到逐位相同的模型`,
      en: `split: ${split.kind}. Keys, masks and split come from random numbers that each party drew for this job and keeps sealed; after a restart the model is the same, bit for bit`,
    },
    'security.assumptions': {
      zh: '假定各方为半诚实，并辅以事后可审计；发起方与首家数据方合谋可得到其余各家的得分',
      en: 'semi-honest parties, with covert-style audit afterwards; guest and first host together could see the scores of the other hosts',
    },
    'security.parameters': encryptionOf(spec),
    'security.leakage': cardsOf(spec),
  }
}

function absenceOf(spec: JobSpec): { readonly zh: string; readonly en: string } {
  const { bin } = spec
  if (alignOf(spec).mode === 'inner')
    return {
      zh: '内连接：只保留各方都有的客户，没有缺席的样本',
      en: 'inner join: only rows that all parties have, so nothing is absent',
    }
  if (bin === undefined) return KEPT_APART
  return {
    zh: `${KEPT_APART.zh}。数据方没有行的样本与无授权的样本各成一箱，其 WOE 由数据得出；训练集中没有出现的箱 WOE 为 0`,
    en: `${KEPT_APART.en}. Rows without a record and rows without consent have bins of their own, with the WOE that the data give; a bin that training did not see has WOE 0`,
  }
}

/** A job draws nothing by chance but its split, and gives every row the same weight. */
function samplingOf(split: JobSpec['split'], batch: number | 'full' | undefined): { zh: string; en: string } {
  const rows = typeof batch === 'number' ? batch : undefined
  const each = {
    zh: rows === undefined ? '每轮使用全部训练样本' : `每轮 ${rows} 行`,
    en: rows === undefined ? 'every round uses all of them' : `${rows} rows a round`,
  }
  if (split.kind === 'id-modulo')
    return {
      zh: `不抽样：使用全部有标签的样本，权重均为 1，${each.zh}。编号除以 ${split.divisor} 余 ${split.remainder} 者为测试集`,
      en: `no sampling: all rows with a label, each with weight 1; ${each.en}. Held out: ids that leave ${split.remainder} when divided by ${split.divisor}`,
    }
  const { holdout, outOfTime } = split
  const recent = outOfTime?.recent
  return {
    zh: `不抽样：使用全部有标签的样本，权重均为 1，${each.zh}。按客户标识的密钥散列切出 ${holdout * 100}% 为测试集，同一客户的各笔同属一集${outOfTime === undefined ? '' : `；${outOfTime.column} 自 ${outOfTime.from} 起为跨时间样本`}${recent === undefined ? '' : `，自 ${recent} 起只用于稳定性`}`,
    en: `no sampling: all rows with a label, each with weight 1; ${each.en}. ${holdout * 100} % held out by a keyed hash of the customer's id, so that all rows of a customer are in one set${outOfTime === undefined ? '' : `; ${outOfTime.column} from ${outOfTime.from} on is out of time`}${recent === undefined ? '' : `, from ${recent} on for stability only`}`,
  }
}

function encryptionOf(spec: JobSpec): { zh: string; en: string } {
  const protocols = new Set(planTasks(spec).map(({ protocol }) => protocol))
  const sets = [...protocols].flatMap((protocol) => SETS[protocol] ?? []).map(setNamed)
  const bits = (primes: readonly bigint[]) =>
    Math.round(primes.reduce((sum, prime) => sum + Math.log2(Number(prime)), 0))
  const each = sets.map(
    (set) =>
      `${set.name}: log₂ q = ${bits(set.dataPrimes)} + ${bits([set.specialPrime])}, log₂ t = ${Math.round(Math.log2(set.plainModulus))}`,
  )
  return {
    zh: `BFV，N = ${N}（128 位安全）；返回给密钥持有者的密文加 2^-${STATISTICAL_BITS} 统计安全的淹没噪声。参数集（行数多时用 wide）：\n${each.join('\n')}\n信封：X25519 + HKDF + AES-256-GCM，Ed25519 签名；求交：curve25519`,
    en: `BFV, N = ${N} (128-bit security); every answer to a key's owner is flooded with noise, statistical distance 2^-${STATISTICAL_BITS}. Parameter sets (wide ones for many rows):\n${each.join('\n')}\nenvelopes: X25519 + HKDF + AES-256-GCM, signed with Ed25519; alignment: curve25519`,
  }
}

function cardsOf(spec: JobSpec): { zh: string; en: string } {
  const digests = cardDigests()
  const names = [...new Set(planTasks(spec).map(({ protocol }) => protocol))]
  const cards = names.map((name) => {
    const card = digests.get(name)
    return `${name} v${card?.version ?? ''}: ${card?.card ?? ''}`
  })
  return {
    zh: `各协议的“各方能知道什么”说明（docs/cards）及其摘要：\n${cards.join('\n')}`,
    en: `cards of who learns what (docs/cards), with their digests:\n${cards.join('\n')}`,
  }
}

/** As in the job file. */
export function settings(section: Readonly<Record<string, unknown>>): string {
  const written = (value: unknown) => (Array.isArray(value) ? `[${value.join(', ')}]` : JSON.stringify(value))
  return Object.entries(section)
    .map(([key, value]) => `${key} ${written(value)}`)
    .join(', ')
}
