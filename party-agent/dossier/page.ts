// The dossier of a job: one HTML file, printable, nothing loaded from anywhere. The first page answers the questions of a
// compliance officer; the pages after it show rounds and messages one by one.
import type { BundleAbout } from '#protocols/log/bundle.ts'
import { PROBLEM_TEXTS } from '#protocols/log/problem-texts.ts'
import type { VerifyReport } from '#protocols/log/problems.ts'
import { type Content, html, type Markup } from '#runtime/markup.ts'
import { DetailPages } from './detail-pages.ts'
import type { ApprovalFact, Evidence, FlowFact, ThresholdFact } from './evidence.ts'
import { STYLE } from './style.ts'
import { CLASSES, count, moment, Words } from './words.ts'
import { table } from './table.ts'

export interface DossierInput {
  readonly language: 'en' | 'zh'
  readonly report: VerifyReport
  readonly about: BundleAbout
  readonly evidence: Evidence
  /** fingerprint: SHA-256 of the Ed25519 key, hex */
  readonly keys: readonly { readonly name: string; readonly fingerprint: string }[]
  readonly bundle: { readonly name: string; readonly sha256: string }
  /** SHA-256 of verifier/verify.html as it came with this program */
  readonly verifierSha256: string
}

const COLUMNS_SHOWN = 24

/** The whole page. */
export function formatDossier(input: DossierInput): string {
  const page = new Dossier(input)
  return `<!doctype html>\n${page.whole().html}\n`
}

class Dossier {
  readonly #in: DossierInput
  readonly #w: Words

  constructor(input: DossierInput) {
    this.#in = input
    this.#w = new Words(input.language)
  }

  whole(): Markup {
    const { language, about, evidence } = this.#in
    const details = new DetailPages(this.#w, evidence)
    const title = `${this.#w.t('Evidence dossier', '证据卷宗')} ${about.job || about.collaboration}`
    return html`<html lang="${language === 'zh' ? 'zh-CN' : 'en'}">
<head><meta charset="utf-8"><meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'">
<title>${title}</title><style>${{ html: STYLE }}</style></head>
<body>
<section class="first">
${this.#head(title)}
${this.#participants()}
${this.#approvals()}
${this.#sent()}
${this.#decryptable()}
${this.#outcome()}
${this.#howToVerify()}
</section>
<section>${details.timeline()}</section>
<section>${details.messages()}${details.thresholds()}</section>
<section>${details.inFull()}</section>
</body></html>`
  }

  #head(title: string): Markup {
    const { report, about, evidence } = this.#in
    const { problems, problemCount, facts } = report
    const n = facts.size.toLocaleString('en')
    const verdict = report.ok
      ? this.#w.t(
          `Verified: ${n} records, complete, unchanged, and cosigned by every participant.`,
          `核验通过：${n} 条记录完整、未被改动，并由全部参与方会签。`,
        )
      : this.#w.t(`NOT verified: ${problemCount} problems.`, `核验未通过：发现 ${problemCount} 个问题。`)
    const found = problems.slice(0, 20).map(({ code, index, who, text }) => {
      const place = [who ?? '', index === undefined ? '' : `#${index}`].filter(Boolean).join(' ')
      return html`<li><code>${code}</code> ${place} ${PROBLEM_TEXTS[code][this.#in.language]}: ${text}</li>`
    })
    const cut = this.#w.t('Long lists are cut; the sums are complete.', '过长的列表已截断；合计数完整。')
    return html`<h1>${title}</h1>
<p class="sub">${this.#w.t('federation', '联邦')} ${about.federation} · ${this.#w.t('collaboration', '合作')} ${about.collaboration} · ${this.#w.t('exported', '导出')} ${about.madeAt} ${this.#w.t('by', '由')} ${about.madeBy}</p>
<p class="verdict ${report.ok ? 'good' : 'bad'}">${verdict}</p>
${found.length > 0 ? html`<ul class="problems">${found}</ul>` : ''}${evidence.cut ? html`<p class="sub">${cut}</p>` : ''}
${this.#jobs()}`
  }

  #jobs(): Markup {
    const rows = this.#in.evidence.jobs.map(({ job, guest, purpose, proposed, closed }) => {
      const states = closed.map(({ state, code }) => [this.#w.state(state), code].filter(Boolean).join(' '))
      const end = [...new Set(states)].join(', ') || this.#w.t('running', '进行中')
      const last = closed.reduce((latest, { time }) => (time > latest ? time : latest), '')
      return [job, guest, purpose, moment(proposed), [end, moment(last)].filter(Boolean).join(' ')]
    })
    const heads = [
      this.#w.t('job', '作业'),
      this.#w.t('guest', '发起方'),
      this.#w.t('purpose', '用途'),
      this.#w.t('proposed', '发起时间'),
      this.#w.t('end', '结果'),
    ]
    return table(heads, rows, this.#w.none)
  }

  #participants(): Markup {
    const { keys, report, evidence } = this.#in
    const accepted = evidence.jobs.length === 1 ? (evidence.jobs[0]?.accepted ?? []) : undefined
    const rows = keys.map(({ name, fingerprint }) => {
      const time = report.facts.cosigners.find((cosigner) => cosigner.name === name)?.time
      const isLog = name === COORDINATOR_LOG
      const cosigned =
        time === undefined
          ? isLog
            ? '—'
            : this.#w.t('NOT cosigned', '未会签')
          : moment(new Date(time * 1000).toISOString())
      const shown = isLog ? this.#w.t("coordinator's log", '协调方日志') : name
      const yes = accepted?.find(({ party }) => party === name)?.time
      const joined = accepted === undefined ? [] : [yes === undefined ? '—' : moment(yes)]
      return [shown, html`<code>${fingerprint}</code>`, ...joined, cosigned]
    })
    const heads = [
      this.#w.t('participant', '参与方'),
      this.#w.t('SHA-256 of its signing key', '签名公钥的 SHA-256'),
      ...(accepted === undefined ? [] : [this.#w.t('accepted the job', '接受作业')]),
      this.#w.t('cosigned at', '会签时间'),
    ]
    return this.#w.section('Participants', '参与方', table(heads, rows, this.#w.none))
  }

  #approvals(): Markup {
    const { approvals } = this.#in.evidence
    const basisOf = ({ document: d }: ApprovalFact) =>
      `${this.#w.t('Purpose', '用途')}${this.#w.t(': ', '：')}${d.purpose}${this.#w.t('. Legal basis: ', '。法律依据：')}${d.legalBasis}`
    // said once where all owners say the same
    const common = new Set(approvals.map(basisOf)).size === 1 ? approvals.slice(0, 1).map(basisOf) : []
    const rows = approvals.map((approval) => {
      const { owner, document: d, signers, revoked } = approval
      const more =
        d.columns.length > COLUMNS_SHOWN
          ? this.#w.t(` … ${d.columns.length} columns`, ` … 共 ${d.columns.length} 列`)
          : ''
      const people = signers.map(
        ({ person, role, time }) => html`<div class="line">${person} (${this.#w.role(role)}) ${moment(time)}</div>`,
      )
      const end =
        revoked === undefined
          ? ''
          : html`<div class="bad">${this.#w.t('withdrawn', '已撤回')} ${revoked.person} ${moment(revoked.time)}</div>`
      return [
        owner,
        html`<b>${d.dataset}</b>: ${d.columns.slice(0, COLUMNS_SHOWN).join(', ')}${more}${common.length === 0 ? html`<div class="sub">${basisOf(approval)}</div>` : ''}`,
        people,
        html`<div class="line">${d.validFrom.slice(0, 10)} –</div><div class="line">${d.validTo.slice(0, 10)}</div>${end}`,
      ]
    })
    const heads = [
      this.#w.t('owner', '数据方'),
      this.#w.t('data and columns', '数据与列'),
      this.#w.t('signed by, at', '签署人与时间'),
      this.#w.t('valid', '有效期'),
    ]
    const none = this.#w.t('no approval is recorded', '日志中没有授权记录')
    const said = common.map((text) => html`<p class="sub">${text}</p>`)
    return this.#w.section('Who allowed it', '谁批准的', table(heads, rows, none), said)
  }

  #sent(): Markup {
    const { sent } = this.#in.evidence
    const parties = [...new Set(sent.map(({ party }) => party))]
    const classes = Object.keys(CLASSES).filter((name) => sent.some((sum) => sum.class === name))
    const bytesOf = (party: string, name?: string) =>
      sent
        .filter((sum) => sum.party === party && (name === undefined || sum.class === name))
        .reduce((total, { bytes }) => total + bytes, 0)
    const rows = parties.map((party) => [
      party,
      ...classes.map((name) => count(bytesOf(party, name))),
      count(bytesOf(party)),
    ])
    const heads = [
      this.#w.t('sender', '发送方'),
      ...classes.map((name) => this.#w.className(name)),
      this.#w.t('all', '合计'),
    ]
    const note = this.#w.t(
      'Bytes. Only “released aggregate” carries plain numbers, each with a release record. Sender and receiver both recorded each line.',
      '单位：字节。只有“放行的汇总数”是明文数字，且每次都有放行记录。每条都由收发双方各自记录。',
    )
    const right = heads.map((_, i) => i).slice(1)
    return this.#w.section(
      'What left each party',
      '各方发出了什么',
      table(heads, rows, this.#w.none, right),
      html`<p class="sub">${note}</p>`,
    )
  }

  #decryptable(): Markup {
    const flows = this.#in.evidence.flows.filter(({ class: name }) => name !== 'control' && name !== 'public-key')
    const rows = groupFlows(flows).map(({ flow, sets, ways, messages, bytes }) => {
      const together = [...sets].join('; ')
      const openers = sets.size > 0 ? this.#w.t(`${together}, together`, `${together} 合力`) : this.#w.openers(flow)
      return [
        this.#w.className(flow.class),
        isForReceiver(flow) ? this.#w.t('its receiver', '接收方') : openers,
        waysText(ways),
        count(messages),
        count(bytes),
      ]
    })
    const heads = [
      this.#w.t('class', '类别'),
      this.#w.t('who could open it', '谁能打开'),
      this.#w.t('from → to', '发送 → 接收'),
      this.#w.t('messages', '消息数'),
      this.#w.t('bytes', '字节'),
    ]
    return this.#w.section('Who could decrypt', '谁能解密', table(heads, rows, this.#w.none, [3, 4]))
  }

  #outcome(): Markup {
    const { thresholds, refusals, metrics, anomalies } = this.#in.evidence
    const party = this.#w.t('party', '一方')
    const released = table(
      [party, this.#w.t('name', '名称'), this.#w.t('value', '值')],
      metrics.map((m) => [m.author, m.name, m.value]),
      this.#w.none,
      [2],
    )
    const stopped = table(
      [party, this.#w.t('code', '代码'), this.#w.t('where', '位置'), this.#w.t('time', '时间')],
      [
        ...refusals.map((r) => {
          const where = [r.task, r.task === '' ? '' : r.round, r.step].join(' ').trim()
          return [r.author, r.code, where, moment(r.time)]
        }),
        ...anomalies.map((a) => [a.author, a.code, [a.task, a.peer].join(' ').trim(), moment(a.time)]),
      ],
      this.#w.none,
    )
    return html`${this.#w.section(
      'Thresholds checked before a release',
      '放行前的门槛检查',
      table(
        [
          this.#w.t('what', '内容'),
          this.#w.t('rows', '行数'),
          this.#w.t('at least', '至少'),
          this.#w.t('check', '结果'),
          this.#w.t('times', '次数'),
          this.#w.t('by', '检查方'),
        ],
        groupThresholds(thresholds).map((c) => [
          [...c.what].join(', '),
          c.count,
          count(c.threshold),
          this.#w.check(c.check),
          count(c.times),
          [...c.parties].toSorted().join(', '),
        ]),
        this.#w.none,
        [2, 4],
      ),
    )}<div class="two"><div>${this.#w.section('Results released', '公布的结果', released)}</div><div>${this.#w.section('Refusals and anomalies', '拒绝与异常', stopped)}</div></div>`
  }

  #howToVerify(): Markup {
    const { report, bundle, verifierSha256 } = this.#in
    const facts = [
      [
        this.#w.t('log', '日志'),
        `${report.facts.origin} · ${count(report.facts.size)} ${this.#w.t('records', '条记录')}`,
      ],
      [this.#w.t('root (SHA-256 Merkle tree)', '根（SHA-256 默克尔树）'), html`<code>${report.facts.root}</code>`],
      [`${bundle.name} SHA-256`, html`<code>${bundle.sha256}</code>`],
      ['verify.html SHA-256', html`<code>${verifierSha256}</code>`],
    ]
    const how = this.#w.t(
      'Check it yourself, without network: “tributary verify FILE”, or open verify.html in a browser and choose the file. The two programs share no code and must agree. Compare the keys above with the parties by another channel. This page reads the bundle; it is no evidence itself.',
      '您可以在断网环境自行核验：运行 “tributary verify 文件”，或在浏览器中打开 verify.html 并选择该文件。两个程序没有共用代码，结论必须一致。请通过其他渠道与各方核对上述公钥指纹。本页只是证据包的说明，本身不是证据。',
    )
    return this.#w.section(
      'The log, and how to verify it',
      '日志及核验方法',
      html`<table>${facts.map(([name, value]) => html`<tr><th>${name as string}</th><td>${value as Content}</td></tr>`)}</table>`,
      html`<p>${how}</p>`,
    )
  }
}

/** Name under which the coordinator's log key stands in `keys`; no party can have it. */
export const COORDINATOR_LOG = ''

interface FlowGroup {
  readonly flow: FlowFact
  /** of masked shares that only several parties together can open: these parties */
  readonly sets: Set<string>
  /** sender → receivers */
  readonly ways: Map<string, Set<string>>
  messages: number
  bytes: number
}

/** Nobody but the receiver, who needs no key: ciphertexts are always told by the owner of their key. */
function isForReceiver({ class: name, to, decryptableBy }: FlowFact): boolean {
  if (name === 'ciphertext') return false
  return decryptableBy.length === 0
    ? name === 'released-aggregate' || name === 'split-sides'
    : decryptableBy.join() === to
}

/**
 * One group for each class and each party that can open it alone, over all jobs, steps and directions; one more for the
 * masked shares that take several parties.
 */
function groupFlows(flows: readonly FlowFact[]): FlowGroup[] {
  const groups = new Map<string, FlowGroup>()
  for (const flow of flows) {
    const together = flow.class === 'masked-share' && flow.decryptableBy.length > 1
    const openers = isForReceiver(flow) ? [''] : flow.decryptableBy
    const key = [flow.class, ...(together ? ['+'] : openers)].join(' ')
    const none = { flow, sets: new Set<string>(), ways: new Map<string, Set<string>>(), messages: 0, bytes: 0 }
    const group = groups.get(key) ?? none
    if (together) group.sets.add(openers.join(' + '))
    group.ways.set(flow.from, (group.ways.get(flow.from) ?? new Set<string>()).add(flow.to))
    group.messages += flow.messages
    group.bytes += flow.bytes
    groups.set(key, group)
  }
  const rank = ({ flow }: FlowGroup) => Object.keys(CLASSES).indexOf(flow.class)
  return [...groups.values()].toSorted((a, b) => rank(a) - rank(b))
}

/** bank → social, tax; social, tax → bank: senders with the same receivers stand together. */
function waysText(ways: ReadonlyMap<string, ReadonlySet<string>>): string {
  const senders = new Map<string, string[]>()
  for (const [from, receivers] of ways) {
    const to = [...receivers].toSorted().join(', ')
    senders.set(to, [...(senders.get(to) ?? []), from])
  }
  return [...senders].map(([to, from]) => `${from.toSorted().join(', ')} → ${to}`).join('; ')
}

interface ThresholdGroup {
  readonly what: Set<string>
  readonly parties: Set<string>
  readonly count: string
  readonly threshold: number
  readonly check: string
  times: number
}

/** One line for all that was compared with the same threshold; each check by itself stands on a later page. */
function groupThresholds(thresholds: readonly ThresholdFact[]): readonly ThresholdGroup[] {
  const groups = new Map<string, ThresholdGroup>()
  for (const { what, party, count: rows, threshold, check, times } of thresholds) {
    const key = [rows, threshold, check].join('\n')
    const none = { what: new Set<string>(), parties: new Set<string>(), count: rows, threshold, check, times: 0 }
    const group = groups.get(key) ?? none
    group.what.add(what)
    group.parties.add(party)
    group.times += times
    groups.set(key, group)
  }
  return [...groups.values()]
}
