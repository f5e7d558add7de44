// What the platform itself can state in the model document, from the job that the guest signed and the cards of its protocols.
import { cardDigests } from '../approvals/cards.ts'
import type { DocumentFacts } from '#credit/report/document.ts'
import { type JobSpec, planTasks } from '#protocols/core/job-spec.ts'

/** By the ids of the document's items; what the job has no section for is left out. */
export function platformFacts(spec: JobSpec): DocumentFacts {
  const { align, split, bin, select, train, boost } = spec
  const protocols = [...new Set(planTasks(spec).map(({ protocol }) => protocol))]
  const cards = protocols.map((name) => `${name}: ${cardDigests().get(name)?.card.slice(0, 16) ?? ''}`).join('; ')
  const left = align.mode === 'left'
  return {
    'alignment.protocol': {
      zh: `隐私集合求交（psi，curve25519），${left ? `保留发起方全部样本，诱饵比例 ${align.decoys}` : '内连接'}，最小交集 ${align.minIntersection}`,
      en: `private set intersection (psi, curve25519), ${left ? `all rows of the guest stay, ${align.decoys} decoys a match` : 'inner join'}, at least ${align.minIntersection} matches`,
    },
    ...(bin === undefined ? {} : { 'features.binning': settings(bin) }),
    ...(select === undefined ? {} : { 'selection.thresholds': settings(select) }),
    'training.iterations': [train, boost].flatMap((model) => (model === undefined ? [] : [settings(model)])).join('; '),
    'training.seeds': {
      zh: `样本切分：${split.kind}。密钥、掩码与切分由各方为本作业生成的随机数导出，保存于各方密封存储；中断后重启得到逐位相同的模型`,
      en: `split: ${split.kind}. Keys, masks and split come from random numbers that each party drew for this job and keeps sealed; after a restart the model is the same, bit for bit`,
    },
    'security.assumptions': {
      zh: '假定各方为半诚实，并辅以事后可审计；发起方与首家数据方合谋可得到其余各家的得分',
      en: 'semi-honest parties, with covert-style audit afterwards; guest and first host together could see the scores of the other hosts',
    },
    'security.leakage': {
      zh: `各协议的“各方能知道什么”说明（docs/cards），摘要前 16 位：${cards}`,
      en: `cards of who learns what (docs/cards), first 16 digits of their digests: ${cards}`,
    },
  }
}

/** As in the job file. */
function settings(section: Readonly<Record<string, unknown>>): string {
  const written = (value: unknown) => (Array.isArray(value) ? `[${value.join(', ')}]` : JSON.stringify(value))
  return Object.entries(section)
    .map(([key, value]) => `${key} ${written(value)}`)
    .join(', ')
}
