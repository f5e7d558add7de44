// The pages after the first: rounds on a time line, every message by step, approvals in full, keys, who read what.
import { type Content, html, type Markup } from '#runtime/markup.ts'
import type { ApprovalFact, Evidence, RoundFact } from './evidence.ts'
import { drawTimeline } from './timeline.ts'
import { count, type Words } from './words.ts'
import { table } from './table.ts'

export class DetailPages {
  readonly #w: Words
  readonly #evidence: Evidence

  constructor(words: Words, evidence: Evidence) {
    this.#w = words
    this.#evidence = evidence
  }

  timeline(): Markup {
    const evidence = this.#evidence
    const title = this.#w.t('Time line (UTC)', '时间线（UTC）')
    const labels = {
      title,
      granted: this.#w.t('approval granted', '授权'),
      refused: this.#w.t('refusal', '拒绝'),
      rounds: this.#w.t('rounds', '各轮'),
    }
    const rows = roundRows(evidence.rounds).map(({ job, task, round, first, last, open }) => {
      const end = open.length === 0 ? last : this.#w.t(`left open by ${open.join(', ')}`, `未关闭：${open.join(', ')}`)
      return [job, task, round, first, end]
    })
    const heads = [
      this.#w.t('job', '作业'),
      this.#w.t('task', '任务'),
      this.#w.t('round', '轮'),
      this.#w.t('first opened', '最早打开'),
      this.#w.t('last closed', '最晚关闭'),
    ]
    return this.#w.section(
      'Time line by round and party',
      '按轮次与参与方的时间线',
      drawTimeline(evidence, labels),
      table(heads, rows, this.#w.none, [2]),
    )
  }

  messages(): Markup {
    const rows = this.#evidence.flows.map((flow) => [
      flow.job,
      flow.task,
      flow.step,
      `${flow.from} → ${flow.to}`,
      this.#w.className(flow.class),
      flow.class === 'control' || flow.class === 'public-key' ? '—' : this.#w.openers(flow),
      count(flow.records),
      count(flow.messages),
      count(flow.bytes),
    ])
    const heads = [
      this.#w.t('job', '作业'),
      this.#w.t('task', '任务'),
      this.#w.t('step', '步骤'),
      this.#w.t('from → to', '发送 → 接收'),
      this.#w.t('class', '类别'),
      this.#w.t('who could open it', '谁能打开'),
      this.#w.t('rounds', '轮数'),
      this.#w.t('messages', '消息数'),
      this.#w.t('bytes', '字节'),
    ]
    return this.#w.section('All messages by step', '按步骤列出的全部消息', table(heads, rows, this.#w.none, [6, 7, 8]))
  }

  thresholds(): Markup {
    const rows = this.#evidence.thresholds.map(({ party, what, count: bucket, threshold, check, times }) => [
      party,
      what,
      bucket,
      count(threshold),
      this.#w.check(check),
      count(times),
    ])
    const heads = [
      this.#w.t('party', '一方'),
      this.#w.t('what', '内容'),
      this.#w.t('rows', '行数'),
      this.#w.t('at least', '至少'),
      this.#w.t('check', '结果'),
      this.#w.t('times', '次数'),
    ]
    return this.#w.section('All thresholds by party', '各方的全部门槛检查', table(heads, rows, this.#w.none, [3, 5]))
  }

  inFull(): Markup {
    const { approvals, keys, reads } = this.#evidence
    const read = reads.map((r) =>
      r.kind === 'access'
        ? [r.time, r.author, `${r.actor} (${this.#w.role(r.role)})`, r.object, r.purpose, r.decision]
        : [r.time, r.author, r.actor, this.#w.t('export', '导出'), '', ''],
    )
    const heads = [
      this.#w.t('time', '时间'),
      this.#w.t('party', '一方'),
      this.#w.t('who', '何人'),
      this.#w.t('what', '对象'),
      this.#w.t('purpose', '目的'),
      this.#w.t('decision', '决定'),
    ]
    return html`${this.#w.section('Approvals in full', '授权全文', approvals.length === 0 ? html`<p class="none">${this.#w.none}</p>` : approvals.map((approval) => this.#approvalInFull(approval)))}
${this.#w.section(
  'Keys',
  '密钥',
  table(
    [this.#w.t('key', '密钥'), this.#w.t('owner', '持有方'), this.#w.t('purpose', '用途'), this.#w.t('job', '作业')],
    keys.map((key) => [html`<code>${key.keyId}</code>`, key.owner, key.purpose, key.job]),
    this.#w.none,
  ),
)}
${this.#w.section('Who read log, model or metrics', '谁查看过日志、模型或指标', table(heads, read, this.#w.none))}`
  }

  #approvalInFull({ approval, document: d }: ApprovalFact): Markup {
    const floors = [
      [this.#w.t('intersection at least', '交集至少'), d.floors.minIntersection],
      [this.#w.t('bin at least', '分箱至少'), d.floors.minBinRows],
      [this.#w.t('leaf at least', '叶节点至少'), d.floors.minLeafRows],
      [this.#w.t('jobs differ in no row or at least', '作业间差异为零或至少'), d.floors.minDifference],
      [this.#w.t('significant digits at most', '有效数字至多'), d.floors.maxDigits],
      [this.#w.t('rounds of a task at most', '每个任务轮数至多'), d.floors.maxRounds],
      [this.#w.t('released cells at most', '放行数至多'), d.floors.maxReleasedCells],
      [this.#w.t('jobs at most', '作业至多'), d.runs],
    ] as const
    const rows: readonly (readonly [string, Content])[] = [
      [this.#w.t('digest', '摘要'), html`<code>${approval}</code>`],
      [
        this.#w.t('owner, data set, version', '数据方、数据集、版本'),
        `${d.owner} · ${d.dataset} · ${d.datasetVersion}`,
      ],
      [this.#w.t('columns', '列'), d.columns.join(', ')],
      [
        this.#w.t('guest, counterparties, receivers', '发起方、合作方、结果接收方'),
        `${d.guest} · ${d.counterparties.join(', ') || '—'} · ${d.receivers.join(', ')}`,
      ],
      [
        this.#w.t('protocols and their cards', '协议及其告知卡'),
        d.protocols.map(({ name, version, card }) => html`<div>${name} ${version} <code>${card}</code></div>`),
      ],
      [this.#w.t('limits', '限额'), floors.map(([name, value]) => `${name} ${count(value)}`).join('; ')],
      ...this.#treeRows(d.trees),
      ...this.#averageRows(d.average),
      ...this.#groupRows(d.group),
      [this.#w.t('retention', '留存'), d.retention],
    ]
    return html`<h3>${d.id} (${d.owner})</h3><table>${rows.map(([name, value]) => html`<tr><th>${name}</th><td>${value}</td></tr>`)}</table>`
  }

  #treeRows(trees: ApprovalFact['document']['trees']): (readonly [string, string])[] {
    if (trees === undefined) return []
    const seen = trees.membership === 'visible'
    const words = [
      seen
        ? this.#w.t('hosts see who is in a node', '数据方可见节点成员')
        : this.#w.t('hosts never see who is in a node', '数据方不可见节点成员'),
      this.#w.t(`${trees.maxDepth} levels at most`, `至多 ${trees.maxDepth} 层`),
      this.#w.t(`${count(trees.maxCells)} sums at most`, `至多 ${count(trees.maxCells)} 个和`),
    ]
    return [[this.#w.t('trees', '树模型'), words.join('; ')]]
  }

  #averageRows(average: ApprovalFact['document']['average']): (readonly [string, string])[] {
    if (average === undefined) return []
    const { label, minRows, maxEpsilon } = average
    const words = [
      label === undefined
        ? this.#w.t('statistics only', '仅统计')
        : this.#w.t(`trained on the label ${label}`, `以 ${label} 为标签训练`),
      this.#w.t(`${count(minRows)} rows at least`, `至少 ${count(minRows)} 行`),
      ...(maxEpsilon === undefined ? [] : [this.#w.t(`ε at most ${maxEpsilon}`, `ε 不超过 ${maxEpsilon}`)]),
    ]
    return [[this.#w.t('over the rows of all parties', '跨各方样本的汇总'), words.join('; ')]]
  }

  #groupRows(group: ApprovalFact['document']['group']): (readonly [string, string])[] {
    if (group === undefined) return []
    const members = group.members.join(', ')
    const words = this.#w.t(
      `${group.name}: its sums are added over ${members} before they leave`,
      `${group.name}：先在 ${members} 之间求和再发出`,
    )
    return [[this.#w.t('member of a group', '所属的组'), words]]
  }
}

interface RoundRow {
  readonly job: string
  readonly task: string
  readonly round: number
  first: string
  last: string
  readonly open: string[]
}

function roundRows(rounds: readonly RoundFact[]): RoundRow[] {
  const rows = new Map<string, RoundRow>()
  for (const { job, task, round, party, opened, closed } of rounds) {
    const key = [job, task, round].join(' ')
    const row = rows.get(key) ?? { job, task, round, first: opened, last: closed, open: [] }
    if (opened < row.first) row.first = opened
    if (closed > row.last) row.last = closed
    if (closed === '') row.open.push(party)
    rows.set(key, row)
  }
  return [...rows.values()]
}
