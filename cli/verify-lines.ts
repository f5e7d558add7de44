// What `tributary verify` says to a person: the verdict, what was checked, each problem with its mend, the facts.
import { PROBLEM_TEXTS } from '#protocols/log/problem-texts.ts'
import type { Problem } from '#protocols/log/problems.ts'
import type { CliContext } from './context.ts'
import { formatBytes, formatTable } from './format.ts'
import { COORDINATOR_LOG } from '#party-agent/dossier/page.ts'
import type { ReadEvidence } from '#party-agent/dossier/read-evidence.ts'

const PROBLEMS_SHOWN = 50

export function verifyLines(cli: CliContext, read: ReadEvidence): string[] {
  const { t, style } = cli
  const { report } = read
  const { ok, problemCount, facts } = report
  const verdict = ok
    ? style('green', t('verified: complete, unchanged, cosigned by all', '核验通过：完整、未被改动、由全部参与方会签'))
    : style('red', t(`NOT verified: ${problemCount} problems`, `核验未通过：${problemCount} 个问题`))
  const checked = t(
    `${facts.size} records: signature and author of each, order and hash chain of each author, sender against receiver, approvals, rounds; root and cosignatures of the checkpoint`,
    `共 ${facts.size} 条记录：逐条核对签名与作者、各作者的编号与哈希链、收发双方是否一致、授权、轮次；并核对检查点的根与会签`,
  )
  if (facts.size === 0 && !ok) return [verdict, ...problemLines(cli, read)]
  return [verdict, checked, ...problemLines(cli, read), '', ...keyLines(cli, read), ...factLines(cli, read)]
}

function problemLines(cli: CliContext, { report }: ReadEvidence): string[] {
  const { t, style, language } = cli
  const lines = report.problems.slice(0, PROBLEMS_SHOWN).map(({ code, index, who, text }: Problem) => {
    const place = [who, index === undefined ? undefined : t(`record ${index}`, `第 ${index} 条`)].filter(Boolean)
    return `  ${style('red', code)} ${place.length === 0 ? '' : `(${place.join(', ')}) `}${PROBLEM_TEXTS[code][language]}: ${clean(text)}`
  })
  const codes = [...new Set(report.problems.map(({ code }) => code))]
  const mends = codes.map((code) => `  ${code}: ${PROBLEM_TEXTS[code].mend[language]}`)
  const more = report.problemCount - lines.length
  if (more > 0) lines.push(t(`  … and ${more} more`, `  …… 另有 ${more} 个`))
  return codes.length === 0 ? [] : ['', t('problems', '问题'), ...lines, t('what to do', '怎么办'), ...mends]
}

function keyLines({ t, style }: CliContext, { keys, compared }: ReadEvidence): string[] {
  const rows = keys.map(({ name, fingerprint }) => {
    return [`  ${name === COORDINATOR_LOG ? t("coordinator's log", '协调方日志') : name}`, fingerprint]
  })
  const how = compared
    ? t('compared with your trust bundle', '已与您的信任包核对')
    : style(
        'yellow',
        t(
          'as the bundle itself gives them: compare with --trust FILE, or by telephone',
          '取自证据包本身：请用 --trust 文件 核对，或电话核对',
        ),
      )
  return [`${t('keys (SHA-256)', '公钥（SHA-256）')}: ${how}`, ...formatTable(rows)]
}

function factLines({ t }: CliContext, { report, evidence }: ReadEvidence): string[] {
  const { facts } = report
  const { approvals, jobs, sent, flows, thresholds, refusals, metrics } = evidence
  const block = (title: string, rows: readonly (readonly string[])[]) =>
    rows.length === 0
      ? []
      : ['', title, ...formatTable(rows.map(([first, ...more]) => [`  ${first}`, ...more.map(clean)]))]
  // the same way may carry ciphertexts under the keys of both ends: one line for each set that can open them
  const openers = new Set(
    flows
      .filter((flow) => flow.class === 'ciphertext')
      .map(({ from, to, decryptableBy }) => `${from} → ${to}\n${decryptableBy.join(', ')}`),
  )
  return [
    ...block(t('log', '日志'), [
      [t('origin', '名称'), facts.origin],
      [t('root', '根'), facts.root],
      ...facts.cosigners.map(({ name, time }) => [
        t(`cosigned by ${name}`, `${name} 会签`),
        new Date(time * 1000).toISOString(),
      ]),
    ]),
    ...block(
      t('jobs', '作业'),
      jobs.map((job) => [job.job, job.guest, ...new Set(job.closed.map(({ state }) => state))]),
    ),
    ...block(
      t('approvals', '授权'),
      approvals.map(({ owner, document, signers, revoked }) => [
        owner,
        document.dataset,
        document.columns.join(','),
        document.purpose,
        signers.map(({ person, time }) => `${person} ${time}`).join('; '),
        revoked === undefined ? '' : t(`withdrawn ${revoked.time}`, `已撤回 ${revoked.time}`),
      ]),
    ),
    ...block(
      t('what left each party', '各方发出了什么'),
      sent.map((sum) => [sum.party, sum.class, String(sum.messages), formatBytes(sum.bytes)]),
    ),
    ...block(
      t('who could decrypt the ciphertexts', '谁能解密密文'),
      [...openers].toSorted().map((line) => line.split('\n')),
    ),
    ...block(
      t('thresholds', '门槛'),
      thresholds.map((c) => [c.party, c.what, `${c.count} ≥ ${c.threshold}`, c.check, `× ${c.times}`]),
    ),
    ...block(
      t('results', '结果'),
      metrics.map((m) => [m.author, m.name, m.value]),
    ),
    ...block(
      t('refusals', '拒绝'),
      refusals.map((r) => [r.author, r.code, r.job, r.time]),
    ),
  ]
}

/** A name in a log could hold signs that move a terminal's cursor. */
function clean(text: string): string {
  return text.replace(/[\p{Cc}\u202a-\u202e\u2066-\u2069]/gu, '?')
}
