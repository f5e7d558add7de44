// What an alignment leaves for people: the columns of psi_report that this party may know. Never an id.

export interface PsiReport {
  readonly protocol: 'ecdh-psi'
  readonly protocolVersion: number
  readonly group: string
  readonly party: string
  readonly role: 'guest' | 'host'
  /** rows of the data set */
  readonly nInput: number
  /** rows whose id passes the check of its kind, duplicates included */
  readonly nValid: number
  /** different ids that took part */
  readonly nIds: number
  /** ids that all parties have */
  readonly nIntersection: number
  /** intersection / different ids of this party, in % */
  readonly coveragePct: number
  /** ids in common with each host by itself: at the guest only, empty at a host */
  readonly pairwise: readonly { readonly host: string; readonly count: number }[]
  /** what this party committed to, for each peer: SHA-256 in hex */
  readonly setCommitments: readonly { readonly peer: string; readonly sha256: string }[]
  readonly seconds: number
}

/** The report in a few plain sentences. */
export function explain(report: PsiReport, lang: 'en' | 'zh'): string {
  const count = (n: number) => n.toLocaleString('en-US')
  const covered = report.coveragePct.toFixed(1)
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
