// What the model document can state from the files that the job left at the guest.
import { join } from 'node:path'
import type { DocumentFacts } from '#credit/report/document.ts'
import { cellWord } from '#credit/report/words.ts'
import type { Table } from '#credit/evaluation/pack.ts'
import type { JobSpec } from '#protocols/core/job-spec.ts'
import type { PsiReport } from '#protocols/psi/report.ts'
import { softwareVersion } from '#runtime/version.ts'
import { settings } from './document-of-spec.ts'
import { loadResultFile, readJson, readJsonLines, type StoredProfiles, type StoredSelection } from './stored.ts'

interface Trained {
  readonly alignment?: PsiReport
  readonly rounds?: number
  readonly converged?: boolean
  readonly losses?: readonly number[]
  /** absent: a regression */
  readonly protocol?: 'secureboost'
}

interface JobEvent {
  readonly time: string
  readonly event: string
  readonly task?: string
}

/** @throws PlatformError storage.damaged */
export async function factsOfResults(jobDir: string, spec: JobSpec): Promise<DocumentFacts> {
  const [result, selection, profiles, events] = await Promise.all([
    readJson<Trained>(join(jobDir, 'result.json')),
    loadResultFile(jobDir, 'selection'),
    loadResultFile(jobDir, 'profiles'),
    readJsonLines<JobEvent>(join(jobDir, 'events.jsonl')),
  ])
  return {
    ...(result?.alignment === undefined ? {} : alignmentFacts(result.alignment)),
    ...(selection === undefined || spec.select === undefined ? {} : chosen(selection, settings(spec.select))),
    ...(profiles === undefined ? {} : declared(profiles)),
    ...iterations(spec, result, events),
    'training.software': {
      zh: `发起方：${softwareVersion()}。各方在开始前核对协议版本；训练由作业文件完全确定，没有另外的脚本`,
      en: `guest: ${softwareVersion()}. The parties compare versions of protocols before they begin; the job file says all of the training, there is no other script`,
    },
  }
}

function alignmentFacts(report: PsiReport): DocumentFacts {
  const { nInput, nValid, nDuplicate, nIntersection, mode, hosts = [], pairwise, setCommitments } = report
  const covered = hosts.map((at) => ({
    zh: `${at.host}：查得 ${at.present}，查无 ${at.absent}，未覆盖 ${at.notCovered}，无授权 ${at.noConsent}（行）；查询 ${at.idsAsked} 个客户，命中 ${at.idsMatched}，诱饵 ${at.decoys}${at.decoysShort ? '（少于所要求的，数据方没有更多客户）' : ''}`,
    en: `${at.host}: present ${at.present}, absent ${at.absent}, not covered ${at.notCovered}, no consent ${at.noConsent} (rows); asked about ${at.idsAsked} ids, matched ${at.idsMatched}, ${at.decoys} decoys${at.decoysShort ? ' (fewer than asked for: the host has no more ids)' : ''}`,
  }))
  const pairs = pairwise.map(({ host, count }) => ({ zh: `${host}：共有 ${count}`, en: `${host}: ${count} in common` }))
  const lines = covered.length > 0 ? covered : pairs
  const whole = {
    zh: `发起方 ${nInput} 行，标识有效 ${nValid} 行，与他行同一标识 ${nDuplicate} 行；${mode === 'left' ? '各方都查得的行' : '各方共有'} ${nIntersection}`,
    en: `guest: ${nInput} rows, ${nValid} with a valid id, ${nDuplicate} with the id of another row; ${mode === 'left' ? 'rows that every host has' : 'in common to all'}: ${nIntersection}`,
  }
  const commitments = setCommitments.map(({ peer, sha256 }) => `${peer}: ${sha256}`)
  return {
    'alignment.counts': {
      zh: [whole.zh, ...lines.map(({ zh }) => zh)].join('\n'),
      en: [whole.en, ...lines.map(({ en }) => en)].join('\n'),
    },
    'data.checksums': {
      zh: `发起方对参与求交的标识集合的承诺（SHA-256，按对方）：\n${commitments.join('\n')}`,
      en: `what the guest committed to as its set of ids (SHA-256, by peer):\n${commitments.join('\n')}`,
    },
  }
}

/** The limits, and how many columns each of them dropped. */
function chosen({ tables, chosen: kept }: StoredSelection, limits: string): DocumentFacts {
  const log = tables.find(({ name }) => name === 'selection_log')
  if (log === undefined) return {}
  const dropped = (language: 'zh' | 'en') =>
    [...countDropped(log)].map(([rule, count]) => `${cellWord('rule', rule, language)} ${count}`).join(', ')
  const left = Object.entries(kept).map(([party, names]) => `${party} ${names.length}`)
  return {
    'selection.thresholds': {
      zh: `${limits}\n入模：${left.join('，')}。按规则剔除：${dropped('zh') || '无'}。逐列原因见变量筛选记录`,
      en: `${limits}\nkept: ${left.join(', ')}. Dropped by rule: ${dropped('en') || 'none'}. The selection log has the reason for each column`,
    },
  }
}

function countDropped({ columns, rows }: Table): Map<string, number> {
  const [rule, kept] = [columns.indexOf('rule'), columns.indexOf('kept')]
  const counts = new Map<string, number>()
  for (const row of rows) {
    if (row[kept] === false) counts.set(String(row[rule]), (counts.get(String(row[rule])) ?? 0) + 1)
  }
  return counts
}

/** What owners told of their columns. */
function declared({ parties }: StoredProfiles): DocumentFacts {
  const each = Object.entries(parties).map(([party, columns]) => {
    const named = columns.filter(({ zh, en }) => zh !== '' || en !== '').length
    const signed = columns.filter(({ sign }) => sign !== 0).length
    return {
      zh: `${party}：${columns.length} 列，说明含义 ${named} 列，声明方向 ${signed} 列`,
      en: `${party}: ${columns.length} columns, ${named} with a meaning, ${signed} with a direction`,
    }
  })
  const lines = (language: 'zh' | 'en') => each.map((line) => line[language]).join('\n')
  return {
    'features.signs': {
      zh: `数据所有者在其数据集声明中给出（名称见特征画像，方向是否相符见模型系数）：\n${lines('zh')}`,
      en: `as the owners declare in their data sets (names are in the profiles, agreement of directions with the coefficients):\n${lines('en')}`,
    },
  }
}

function iterations(spec: JobSpec, result: Trained | undefined, events: readonly JobEvent[]): DocumentFacts {
  const parameters = [spec.train, spec.boost].flatMap((model) => (model === undefined ? [] : [settings(model)]))
  const [begin, end] = [events[0]?.time, events.at(-1)?.time]
  const trained = events.filter(
    ({ event, task }) => (event === 'round.trained' && task === 'train') || (event === 'tree' && task === 'boost'),
  )
  const loss = result?.losses ?? []
  const isTrees = result?.protocol === 'secureboost'
  const ended = isTrees
    ? {
        zh: result.converged === true ? '提前停止' : '全部生长',
        en: result.converged === true ? 'stopped early' : 'all grown',
      }
    : {
        zh: result?.converged === true ? '已收敛' : '达到最大轮次',
        en: result?.converged === true ? 'converged' : 'stopped at the last round',
      }
  const lines = (zh: boolean) => [
    ...parameters,
    ...(begin === undefined || end === undefined ? [] : [zh ? `起止：${begin} 至 ${end}` : `from ${begin} to ${end}`]),
    ...(trained.length === 0
      ? []
      : [
          zh
            ? `训练轮次起止：${trained[0]?.time} 至 ${trained.at(-1)?.time}`
            : `rounds of training from ${trained[0]?.time} to ${trained.at(-1)?.time}`,
        ]),
    ...(result?.rounds === undefined
      ? []
      : [
          zh
            ? `${result.rounds} ${isTrees ? '棵树' : '轮'}，${ended.zh}；损失 ${loss[0] ?? '—'} → ${loss.at(-1) ?? '—'}，逐轮见训练轮次`
            : `${result.rounds} ${isTrees ? 'trees' : 'rounds'}, ${ended.en}; loss ${loss[0] ?? '—'} → ${loss.at(-1) ?? '—'}, each round in the table below`,
        ]),
  ]
  return { 'training.iterations': { zh: lines(true).join('\n'), en: lines(false).join('\n') } }
}
