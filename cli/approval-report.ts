// Approvals as people read them.
import type { ApprovalRequest, StoredApproval } from '#party-agent/approvals/store.ts'
import type { TEMPLATES } from '#party-agent/approvals/draft.ts'
import type { Approval } from '#protocols/core/approval.ts'
import type { CliContext } from './context.ts'
import { formatTable } from './format.ts'

/** What each protocol of the approval lets everybody learn. */
export async function cardLines(cli: CliContext, approval: Approval): Promise<string[]> {
  const { CARDS, cardDigest } = await import('#party-agent/approvals/cards.ts')
  const { cardText } = await import('#protocols/core/card.ts')
  return CARDS.filter((card) => approval.protocols.some(({ name }) => name === card.protocol)).flatMap((card) => {
    const digest = cardDigest(card)
    const same = approval.protocols.some(({ card: approved }) => approved === digest)
    const other = cli.t('This approval names another edition of this card.', '批准书所指的不是这一版本的说明。')
    return [...(same ? [] : [cli.style('red', other)]), ...cardText(card, cli.language).split('\n')]
  })
}

export function approvalLines(cli: CliContext, approval: Approval, digest: string): string[] {
  const { t } = cli
  const list = (names: readonly string[]) => names.join(', ') || t('none', '无')
  const { floors } = approval
  const rows: (readonly [string, string])[] = [
    [t('approval', '批准书'), approval.id],
    [t('owner', '所有者'), approval.owner],
    [t('data set', '数据集'), `${approval.dataset} (${approval.datasetVersion})`],
    [t('columns', '列'), list(approval.columns)],
    [t('purpose', '用途'), approval.purpose],
    [t('legal basis', '法律依据'), approval.legalBasis],
    [t('guest', '发起方'), approval.guest],
    [t('counterparties', '其他参与方'), list(approval.counterparties)],
    [t('results go to', '结果接收方'), list(approval.receivers)],
    [t('smallest intersection', '最小交集'), String(floors.minIntersection)],
    [t('smallest bin', '分箱最少行数'), String(floors.minBinRows)],
    [t('smallest leaf', '叶节点最少行数'), String(floors.minLeafRows)],
    ...treeRows(cli, approval),
    ...averageRows(cli, approval),
    ...groupRows(cli, approval),
    [
      t('jobs differ by', '作业间最小差异'),
      t(`0 or ${floors.minDifference}+ rows`, `0 或至少 ${floors.minDifference} 行`),
    ],
    [t('precision', '精度'), t(`${floors.maxDigits} significant digits`, `${floors.maxDigits} 位有效数字`)],
    [t('most rounds of a task', '每个任务轮数上限'), String(floors.maxRounds)],
    [t('most released cells', '公布数上限'), String(floors.maxReleasedCells)],
    [t('valid', '有效期'), `${approval.validFrom} – ${approval.validTo}`],
    [t('runs', '次数'), String(approval.runs)],
    [t('retention', '保存期限'), approval.retention],
    ...approval.protocols.map(({ name, version, card }) => [`${name} ${version}`, `SHA-256 ${card}`] as const),
    ['SHA-256', digest],
  ]
  return formatTable(rows.map((row) => [...row]))
}

function treeRows({ t }: CliContext, { trees }: Approval): [string, string][] {
  if (trees === undefined) return [[t('trees', '树模型'), t('none', '不允许')]]
  const { membership, maxDepth, maxCells } = trees
  const words = {
    hidden: t('hosts never learn who is in a node', '数据方不知道哪些行在哪个节点'),
    visible: t('hosts see which rows are in which node', '数据方可见各节点包含哪些行'),
  }
  return [
    [t('trees', '树模型'), words[membership]],
    [t('levels of a tree', '树的层数上限'), String(maxDepth)],
    [t('sums of gradients', '梯度和个数上限'), String(maxCells)],
  ]
}

function averageRows({ t }: CliContext, { average }: Approval): [string, string][] {
  if (average === undefined) return [[t('over the rows of all parties', '跨各方样本的汇总'), t('nothing', '不允许')]]
  const { label, minRows, maxEpsilon } = average
  return [
    [
      t('over the rows of all parties', '跨各方样本的汇总'),
      label === undefined ? t('statistics', '统计') : t('statistics, training', '统计与训练'),
    ],
    [t('label that is trained on', '用于训练的标签'), label ?? t('none', '无')],
    [t('smallest number of rows', '最少行数'), String(minRows)],
    [
      t('differential privacy', '差分隐私'),
      maxEpsilon === undefined ? t('not required', '不要求') : t(`ε at most ${maxEpsilon}`, `ε 不超过 ${maxEpsilon}`),
    ],
  ]
}

function groupRows({ t }: CliContext, { group }: Approval): [string, string][] {
  if (group === undefined) return []
  const others = group.members.join(', ')
  return [
    [
      t('member of a group', '所属的组'),
      t(
        `${group.name}: sums are added over ${others} before they reach the guest`,
        `${group.name}：先在 ${others} 之间求和，再发给发起方`,
      ),
    ],
  ]
}

/** What a job makes of the privacy budget of a data set, for who decides about it. */
export function privacyLines({ t }: CliContext, privacy: ApprovalRequest['privacy']): string[] {
  if (privacy === undefined) return []
  const { dataset, rounds, before, after, delta, limit } = privacy
  const most = limit === undefined ? t('no limit', '无上限') : t(`at most ${limit.epsilon}`, `上限 ${limit.epsilon}`)
  const [now, then] = [before.toFixed(3), after.toFixed(3)]
  return [
    t(
      `privacy of ${dataset}: ε ${now} so far, ${then} after ${rounds} rounds of this job, at δ ${delta} (${most})`,
      `数据集 ${dataset} 的隐私消耗：目前 ε ${now}，本作业 ${rounds} 轮后 ${then}，δ ${delta}（${most}）`,
    ),
  ]
}

/** What each template says; everything else of an approval comes from the job. */
export function templateLines(cli: CliContext, templates: typeof TEMPLATES): string[] {
  const { t, language } = cli
  return Object.entries(templates).flatMap(([name, { about, tasks, days, runs, retention, legalBasis }]) => [
    `${cli.style('bold', name)}  ${about[language]}`,
    ...formatTable([
      [`  ${t('tasks', '任务')}`, tasks?.join(', ') ?? t('all of the job', '作业的全部任务')],
      [`  ${t('valid', '有效期')}`, t(`${days} days, ${runs} runs`, `${days} 天，${runs} 次`)],
      [`  ${t('retention', '保存期限')}`, retention],
      [`  ${t('legal basis', '法律依据')}`, legalBasis[language]],
    ]),
  ])
}

export function overviewLines(
  cli: CliContext,
  approvals: readonly StoredApproval[],
  requests: readonly ApprovalRequest[],
  stateWord: (cli: CliContext, state: string) => string,
): string[] {
  const { t } = cli
  const lines = formatTable(
    approvals.map(({ id, state, document, runs, signatures, damage }) => [
      id,
      stateWord(cli, damage === undefined ? state : 'damaged'),
      document === undefined ? '' : `${document.dataset} → ${document.guest}`,
      document === undefined
        ? ''
        : t(
            `${document.runs - runs.length} of ${document.runs} runs left`,
            `剩余 ${document.runs - runs.length}/${document.runs} 次`,
          ),
      document?.validTo ?? '',
      signatures.map(({ name }) => name).join(', '),
    ]),
  )
  for (const { job, spec, asked, privacy } of requests) {
    lines.push('', cli.style('yellow', `${job}  ${stateWord(cli, 'awaiting')}`))
    lines.push(`  ${t('purpose', '用途')}: ${spec.purpose}`)
    lines.push(`  ${t('guest', '发起方')}: ${spec.guest.party}`)
    lines.push(`  ${t('other parties', '其他参与方')}: ${spec.hosts.map(({ party }) => party).join(', ')}`)
    lines.push(`  ${t('columns', '列')} (${asked.dataset}): ${asked.columns.join(', ')}`)
    lines.push(...privacyLines(cli, privacy).map((line) => `  ${line}`))
    lines.push(`  ${t('do', '处理')}: tributary approve ${job} --as …  |  tributary refuse ${job} --as … --reason …`)
  }
  return lines.length > 0 ? lines : [t('no approvals and no jobs that wait', '没有批准书，也没有等待的作业')]
}
