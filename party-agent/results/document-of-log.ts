// What the model document can state from the log that all parties cosigned: who approved what, which parts make up the
// model, what was released, and how anybody checks it.
import type { DocumentFacts } from '#credit/report/document.ts'
import { ANY } from '#protocols/core/approval.ts'
import { type JobSpec, partiesOf } from '#protocols/core/job-spec.ts'
import type { RecordOf } from '#protocols/log/records.ts'
import { PlatformError } from '#runtime/errors.ts'
import type { JobLog } from '../log/read-log.ts'
import { boundModel, ofKind } from './registry.ts'

type Granted = RecordOf<'approval.granted'>

export function factsOfLog(log: JobLog, spec: JobSpec, job: string): DocumentFacts {
  return {
    'partners.list': partnersOf(log, spec),
    'partners.approvals': approvalsOf(log, spec),
    ...allowedColumns(log, spec),
    ...versionsOf(log, spec),
    'security.released': releasedOf(log),
    ...modelOf(log, job),
    'annex.roundLog': rootOf(log, job),
  }
}

function grantOf({ approvals }: JobLog, party: string): Granted | undefined {
  return approvals.find(({ author }) => author === party)
}

function partnersOf(log: JobLog, { guest, hosts }: JobSpec): { zh: string; en: string } {
  const lines = (zh: boolean) =>
    [guest, ...hosts].map(({ party, dataset }, i) => {
      const columns = grantOf(log, party)?.document.columns
      const count = columns === undefined || columns[0] === ANY ? undefined : columns.length
      const role = zh ? (i === 0 ? '发起方' : '数据提供方') : i === 0 ? 'guest, has the labels' : 'host'
      const offered = count === undefined ? '' : zh ? `，批准 ${count} 列` : `, ${count} columns approved`
      return `${party} (${role}): ${dataset}${offered}`
    })
  return { zh: lines(true).join('\n'), en: lines(false).join('\n') }
}

/** One line a party: number, validity, retention, signers and digest, or that its people were not asked. */
function approvalsOf(log: JobLog, spec: JobSpec): { zh: string; en: string } {
  const lines = (zh: boolean) =>
    partiesOf(spec).map((party) => {
      const granted = grantOf(log, party)
      if (granted === undefined) return zh ? `${party}：该方未要求人工批准` : `${party}: asked none of its people`
      const { document, signers, approval } = granted
      const people = signers.map(({ person, role, time }) => `${person} (${role}, ${time})`).join(zh ? '、' : ', ')
      const { id, purpose, legalBasis, validFrom, validTo, retention, runs } = document
      return zh
        ? `${party}：${id}，目的“${purpose}”，依据“${legalBasis}”，有效期 ${validFrom} 至 ${validTo}，可用 ${runs} 次，保存期限 ${retention}；签署：${people}；摘要 ${approval}`
        : `${party}: ${id}, purpose "${purpose}", basis "${legalBasis}", valid ${validFrom} to ${validTo}, ${runs} runs, retention ${retention}; signed by ${people}; digest ${approval}`
    })
  return { zh: lines(true).join('\n'), en: lines(false).join('\n') }
}

/** Only where every owner's approval names its columns. */
function allowedColumns(log: JobLog, spec: JobSpec): DocumentFacts {
  const granted = partiesOf(spec).map((party) => grantOf(log, party))
  if (granted.some((one) => one === undefined || one.document.columns[0] === ANY)) return {}
  const lines = granted.map((one) => `${one?.author ?? ''}: ${one?.document.columns.join(', ') ?? ''}`)
  return {
    'selection.allowed': {
      zh: `各方批准的列（其余列不能进入作业）：\n${lines.join('\n')}`,
      en: `columns that the owners approved (no other can enter the job):\n${lines.join('\n')}`,
    },
  }
}

/** Versions that approvals name; the digest of the job binds them to the rows that took part. */
function versionsOf(log: JobLog, spec: JobSpec): DocumentFacts {
  const proposed = ofKind(recordsOf(log), 'job.proposed')[0]
  const sets = [spec.guest, ...spec.hosts].map(({ party, dataset }) => {
    const version = grantOf(log, party)?.document.datasetVersion
    return `${party}/${dataset}: ${version === undefined || version === ANY ? '—' : version}`
  })
  if (proposed === undefined) return {}
  return {
    'data.versions': {
      zh: `${sets.join('\n')}\n作业文件 SHA-256：${proposed.specDigest}`,
      en: `${sets.join('\n')}\nSHA-256 of the job file: ${proposed.specDigest}`,
    },
  }
}

/** How many releases each owner's agent let out, by task, and how many it refused. The log has each with its threshold. */
function releasedOf(log: JobLog): { zh: string; en: string } {
  const released = ofKind(recordsOf(log), 'cell.released')
  const metrics = ofKind(recordsOf(log), 'metric.released').map(({ name, value }) => `${name} ${value}`)
  const byAuthor = Map.groupBy(released, ({ author }) => author)
  const lines = (zh: boolean) =>
    [...byAuthor].map(([author, own]) => {
      const passed = Map.groupBy(
        own.filter(({ check }) => check === 'passed'),
        ({ task }) => task,
      )
      const tasks = [...passed].map(([task, each]) => `${task} ${each.length}`).join(', ')
      const refused = own.filter(({ check }) => check === 'refused').length
      return zh
        ? `${author}：公布 ${tasks || 0}；拒绝 ${refused}`
        : `${author}: released ${tasks || 0}; refused ${refused}`
    })
  const measures = metrics.join(', ')
  return {
    zh: [...lines(true), `指标：${measures || '无'}`].join('\n'),
    en: [...lines(false), `measures: ${measures || 'none'}`].join('\n'),
  }
}

function modelOf(log: JobLog, job: string): DocumentFacts {
  try {
    const { parts, digest } = boundModel(recordsOf(log), job)
    const lines = parts.map(
      ({ party, sha256, model }) => `${party}${model === undefined ? '' : ` (${model})`}: ${sha256}`,
    )
    return {
      'annex.digest': {
        zh: `模型 ${digest}\n由下列各部分绑定（SHA-256）：\n${lines.join('\n')}`,
        en: `model ${digest}\nbinds the parts (SHA-256):\n${lines.join('\n')}`,
      },
    }
  } catch (thrown) {
    if (thrown instanceof PlatformError && thrown.code === 'model.incomplete') return {}
    throw thrown
  }
}

function rootOf(log: JobLog, job: string): { zh: string; en: string } {
  const { collaboration, parties, size, sealedSize, sealedRoot, records } = log
  const check = `tributary log export ${job} --out evidence.tar; tributary verify evidence.tar`
  return {
    zh: `合作日志 ${collaboration}，本作业 ${records.length} 条记录；日志共 ${size} 条，其中 ${sealedSize} 条经 ${parties.join('、')} 共同签署，根 ${sealedRoot}\n核验：${check}，或在浏览器中打开 verifier/verify.html`,
    en: `log ${collaboration}, ${records.length} records of this job; ${size} in the log, of which ${sealedSize} are cosigned by ${parties.join(', ')}, root ${sealedRoot}\nto check: ${check}, or open verifier/verify.html in a browser`,
  }
}

function recordsOf({ records }: JobLog) {
  return records.map(({ record }) => record)
}
