// What an alignment leaves for people: the columns of psi_report that this party may know. Never an id.
import { GROUP, POINT_BYTES } from '#crypto/psi/points.ts'
import type { AlignedSet } from '#protocols/core/aligned-rows.ts'
import type { PartyId, TaskContext } from '#protocols/core/contract.ts'
import type { IdProfile } from '#protocols/core/ids.ts'
import { PROTOCOL_VERSION } from './params.ts'

export interface PsiReport {
  readonly protocol: 'ecdh-psi'
  readonly protocolVersion: number
  readonly group: string
  readonly party: string
  readonly role: 'guest' | 'host'
  readonly mode: 'inner' | 'left'
  /** rows of the data set */
  readonly nInput: number
  /** rows whose id passes the check of its kind, duplicates included */
  readonly nValid: number
  readonly nEmpty: number
  readonly nBadFormat: number
  readonly nBadCheck: number
  /** rows left out because another row has their id, where the data set keeps one row an id */
  readonly nDuplicate: number
  /** different ids that took part */
  readonly nIds: number
  /**
   * Inner mode: ids that all parties have. Left mode: at the guest, its rows that every host has; at a host, its ids
   * that were named, decoys included.
   */
  readonly nIntersection: number
  /** intersection / different ids of this party (rows at the guest in left mode), in % */
  readonly coveragePct: number
  /** ids in common with each host by itself: at the guest only, empty at a host */
  readonly pairwise: readonly { readonly host: string; readonly count: number }[]
  /** what this party committed to, for each peer: SHA-256 in hex */
  readonly setCommitments: readonly { readonly peer: string; readonly sha256: string }[]
  readonly seconds: number
  /** points and positions that this party sent, without envelopes */
  readonly bytesSent: number
  /** left mode: rows of each set of the common order, decoys included */
  readonly sets?: readonly AlignedSet[]
  /** left mode, at the guest */
  readonly hosts?: readonly HostCoverage[]
  /** left mode, at a host */
  readonly order?: OwnOrder
}

/** What the guest knows of its rows at one host, or group of hosts: rows, where nothing else is said. */
export interface HostCoverage {
  readonly host: string
  readonly present: number
  readonly absent: number
  readonly notCovered: number
  readonly noConsent: number
  /** ids that this host was asked about */
  readonly idsAsked: number
  readonly idsMatched: number
  /** ids of the host that are no match and hide which are */
  readonly decoys: number
  /** fewer decoys than the job asked for: the host has no more ids */
  readonly decoysShort: boolean
  /** rows present by the kind of id that matched */
  readonly byKind: Readonly<Record<string, number>>
  /** of a group: rows that went to each member, and what hides which */
  readonly members?: readonly Pick<HostCoverage, 'host' | 'present' | 'idsMatched' | 'decoys'>[]
}

/** What a host knows of the common order, in rows. */
export interface OwnOrder {
  readonly rows: number
  readonly named: number
  readonly noRow: number
  /** of noRow: decoys that fell on padding, which therefore hide nothing from this host */
  readonly onPadding: number
  readonly noConsent: number
}

/** What a report says of this party's own ids. */
interface Counted {
  readonly profile: IdProfile
  readonly idCount: number
  readonly mode: 'inner' | 'left'
}

type Found = Pick<PsiReport, 'nIntersection' | 'pairwise' | 'sets' | 'hosts' | 'order'> & {
  /** that this party sent, over all peers */
  readonly points: number
  readonly positions: number
  readonly commitments: readonly (readonly [PartyId, { readonly sha256: Uint8Array }])[]
  /** what the share is of; by default the different ids */
  readonly of?: number
}

/** The report of a party, once its order is known. @param startedAt milliseconds */
export function reportOf(task: TaskContext, own: Counted, startedAt: number, found: Found): PsiReport {
  const { commitments, points, positions, of = own.idCount, ...rest } = found
  const { total, valid, empty, badFormat, badCheck, duplicates } = own.profile
  return {
    protocol: 'ecdh-psi',
    protocolVersion: PROTOCOL_VERSION,
    group: GROUP,
    party: task.self,
    role: task.self === task.guest ? 'guest' : 'host',
    mode: own.mode,
    nInput: total,
    nValid: valid,
    nEmpty: empty,
    nBadFormat: badFormat,
    nBadCheck: badCheck,
    nDuplicate: duplicates,
    nIds: own.idCount,
    coveragePct: of === 0 ? 0 : (100 * found.nIntersection) / of,
    ...rest,
    setCommitments: commitments.map(([peer, { sha256 }]) => ({ peer, sha256: Buffer.from(sha256).toString('hex') })),
    seconds: (Date.now() - startedAt) / 1000,
    bytesSent: points * POINT_BYTES + positions * Uint32Array.BYTES_PER_ELEMENT,
  }
}

/** The report in a few plain sentences. */
export function explain(report: PsiReport, lang: 'en' | 'zh'): string {
  const count = (n: number) => n.toLocaleString('en-US')
  const covered = report.coveragePct.toFixed(1)
  if (report.mode === 'left') return explainLeft(report, lang)
  const invalid = report.nInput - report.nValid
  if (lang === 'zh') {
    const lines = [
      `${report.party} 的 ${count(report.nInput)} 行数据中有 ${count(report.nIds)} 个不同的有效标识参与样本对齐（求交）。`,
      ...(invalid > 0 ? [`${count(invalid)} 行的标识未通过校验，没有参与。`] : []),
      `各方共有 ${count(report.nIntersection)} 个客户，占本方标识的 ${covered} %。`,
      ...report.pairwise.map((pair) => `与 ${pair.host} 单独共有 ${count(pair.count)} 个，仅本方知道。`),
      ...(report.role === 'host' ? ['本方只知道各方共有的客户，不知道对方的其他客户。'] : []),
      `用时 ${report.seconds.toFixed(1)} 秒。`,
    ]
    return lines.join('\n')
  }
  const lines = [
    `${count(report.nIds)} different valid ids out of ${count(report.nInput)} rows of ${report.party} took part in the alignment.`,
    ...(invalid > 0 ? [`${count(invalid)} rows were left out because their id fails its check.`] : []),
    `${count(report.nIntersection)} customers are common to all parties: ${covered} % of this party's ids.`,
    ...report.pairwise.map(
      (pair) => `${count(pair.count)} are common with ${pair.host} alone; only this party knows that.`,
    ),
    ...(report.role === 'host'
      ? ["This party learned which customers all have, and nothing of the others' further ids."]
      : []),
    `It took ${report.seconds.toFixed(1)} seconds.`,
  ]
  return lines.join('\n')
}

function explainLeft(report: PsiReport, lang: 'en' | 'zh'): string {
  const count = (n: number) => n.toLocaleString('en-US')
  const zh = lang === 'zh'
  const sets = (report.sets ?? []).map((set) => `${set.name} ${count(set.rows)}`).join(zh ? '、' : ', ')
  const lines = [
    zh
      ? `外连接对齐：发起方的所有行都保留。共同行序（含诱饵行）：${sets}。`
      : `All rows of the guest stay. Rows of the common order, decoys included: ${sets}.`,
  ]
  for (const host of report.hosts ?? []) {
    const [present, absent, notCovered, noConsent, decoys] = [
      host.present,
      host.absent,
      host.notCovered,
      host.noConsent,
      host.decoys,
    ].map(count)
    lines.push(
      zh
        ? `${host.host}：有记录 ${present} 行，确认无记录 ${absent} 行，未覆盖 ${notCovered} 行，无授权 ${noConsent} 行；诱饵 ${decoys} 个${host.decoysShort ? '（不足：该数据方没有更多标识）' : ''}。`
        : `${host.host}: ${present} rows present, ${absent} absent, ${notCovered} not covered, ${noConsent} without consent; ${decoys} decoys${host.decoysShort ? ', fewer than asked for: the host has no more ids' : ''}.`,
    )
  }
  const { order } = report
  if (order !== undefined) {
    const [named, noRow, noConsent] = [order.named, order.noRow, order.noConsent].map(count)
    lines.push(
      zh
        ? `${named} 行对应本方记录，其中发起方的客户与诱饵无法区分；${noRow} 行本方没有记录；${noConsent} 行未被询问。`
        : `${named} rows are of this party, customers of the guest and decoys alike; ${noRow} have no row here; about ${noConsent} this party was not asked.`,
    )
  }
  lines.push(zh ? `用时 ${report.seconds.toFixed(1)} 秒。` : `It took ${report.seconds.toFixed(1)} seconds.`)
  return lines.join('\n')
}
