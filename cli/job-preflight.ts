// What can be known about a job before anyone is asked to approve it: who is there, what is offered, what it will cost.
// Nothing is sent to a data owner for it; all of it comes from what the agents offer the coordinator.
import { groupDifferences, groupsOf } from '#protocols/core/job-groups.ts'
import { isHorizontal } from '#protocols/core/job-rules.ts'
import { type JobSpec, partiesOf } from '#protocols/core/job-spec.ts'
import { DEFAULT_BUCKET } from '#protocols/psi/params.ts'
import type { CliContext } from './context.ts'
import type { FederationView } from '#party-agent/link/coordinator-client.ts'
import { estimateJob, type JobShape, largestAlignment, type TaskEstimate } from './job-estimate.ts'

export interface Finding {
  readonly level: 'problem' | 'warning'
  /** the party that must act; the guest for what the modeler can change */
  readonly party: string
  readonly text: string
}

export interface Preflight {
  readonly findings: readonly Finding[]
  readonly shape: JobShape | undefined
  readonly estimate: readonly TaskEstimate[]
  /** most rows that can be trained on, held out and tested together */
  readonly rows: number
}

interface Offer {
  readonly party: string
  readonly dataset: string
  readonly idKind: string
  readonly rows: number
  readonly columns: readonly string[]
  readonly label: string
}

export function preflight(cli: CliContext, spec: JobSpec, view: FederationView): Preflight {
  const findings: Finding[] = []
  const offers = [spec.guest, ...spec.hosts].map((part) => findOffer(cli, part, view, findings))
  const [guest, ...hosts] = offers.filter((offer) => offer !== undefined)
  if (guest === undefined || hosts.length < spec.hosts.length)
    return { findings, shape: undefined, estimate: [], rows: 0 }
  if (isHorizontal(spec)) compareColumns(cli, spec, [guest, ...hosts], findings)
  else {
    compareIds(cli, spec, guest, hosts, findings)
    compareMembers(cli, spec, hosts, findings)
  }
  const shape: JobShape = {
    guestRows: guest.rows,
    hostRows: hosts.map((host) => host.rows),
    columns: [guest, ...hosts].map((offer) => offer.columns.length),
  }
  const rows = largestAlignment(spec, shape)
  judgeSizes(cli, spec, guest, shape, rows, findings)
  return { findings, shape, estimate: estimateJob(spec, shape), rows }
}

function findOffer(
  { t }: CliContext,
  part: JobSpec['guest'],
  view: FederationView,
  findings: Finding[],
): Offer | undefined {
  const { party, dataset, columns } = part
  const problem = (text: string): undefined => {
    findings.push({ level: 'problem', party, text })
  }
  const found = view.parties.find((candidate) => candidate.party === party)
  if (found === undefined) return problem(t(`${party} is not in the federation`, `联邦中没有 ${party}`))
  if (!found.connected)
    findings.push({
      level: 'warning',
      party,
      text: t(`${party} is away: the job would wait for its agent`, `${party} 不在线：作业会等待其代理`),
    })
  const offered = found.datasets.find((candidate) => candidate.name === dataset)
  if (offered === undefined) {
    const names = found.datasets.map(({ name }) => name).join(', ') || t('nothing', '无')
    return problem(
      t(`${party} offers no ${dataset}; it offers: ${names}`, `${party} 没有提供 ${dataset}；提供的有：${names}`),
    )
  }
  const asked = columns === 'all' ? offered.columns : columns
  const unknown = asked.filter((column) => !offered.columns.includes(column))
  if (unknown.length > 0)
    return problem(
      t(`${party}/${dataset} offers no ${unknown.join(', ')}`, `${party}/${dataset} 没有提供 ${unknown.join('、')}`),
    )
  const { id_kind: idKind, rows, label } = offered
  return { party, dataset, idKind, rows: Number(rows), columns: asked, label }
}

function compareIds(
  { t }: CliContext,
  { score }: JobSpec,
  guest: Offer,
  hosts: readonly Offer[],
  findings: Finding[],
): void {
  for (const { party, idKind } of hosts) {
    if (idKind.split('+').some((kind) => guest.idKind.split('+').includes(kind))) continue
    const text = t(
      `${party} has ids of the kind ${idKind}, ${guest.party} of ${guest.idKind}: nothing can match`,
      `${party} 的标识类型是 ${idKind}，${guest.party} 是 ${guest.idKind}：无法匹配`,
    )
    findings.push({ level: 'problem', party, text })
  }
  if (guest.label === '' && score === undefined)
    findings.push({
      level: 'problem',
      party: guest.party,
      text: t(`${guest.dataset} declares no label`, `${guest.dataset} 没有声明标签列`),
    })
}

/** Members of a group bring the same columns. */
function compareMembers({ t }: CliContext, spec: JobSpec, hosts: readonly Offer[], findings: Finding[]): void {
  const columnsOf = (party: string) => hosts.find((host) => host.party === party)?.columns ?? []
  for (const { group, party, first, lacks, adds } of groupDifferences(spec, columnsOf)) {
    const some = (names: readonly string[]) => names.slice(0, 5).join(t(', ', '、')) || t('nothing', '无')
    const text = t(
      `members of ${group} bring the same columns: ${party} lacks ${some(lacks)} of ${first} and adds ${some(adds)}`,
      `${group} 组的成员须提供相同的列：与 ${first} 相比，${party} 缺少 ${some(lacks)}，多出 ${some(adds)}`,
    )
    findings.push({ level: 'problem', party, text })
  }
}

/** By name, for of aliases an owner tells nothing before the job: their agents compare those when it starts. */
function compareColumns({ t }: CliContext, spec: JobSpec, offers: readonly Offer[], findings: Finding[]): void {
  const [guest] = offers
  for (const { party, dataset, columns, label, rows } of offers) {
    const say = (level: Finding['level'], text: string) => void findings.push({ level, party, text })
    if (spec.average !== undefined && label === '')
      say('problem', t(`${party}/${dataset} declares no label`, `${party}/${dataset} 没有声明标签列`))
    const least = spec.average?.minimumRows ?? 0
    if (rows < least)
      say(
        'problem',
        t(`${rows} rows, and average.minimumRows is ${least}`, `共 ${rows} 行，而 average.minimumRows 为 ${least}`),
      )
    const other = columns.filter((column) => guest?.columns.includes(column) === false)
    if (columns.length !== guest?.columns.length)
      say(
        'problem',
        t(
          `${columns.length} columns, ${guest?.party} has ${guest?.columns.length}: all parties bring the same`,
          `${columns.length} 列，而 ${guest?.party} 有 ${guest?.columns.length} 列：各方的列须相同`,
        ),
      )
    else if (other.length > 0)
      say(
        'warning',
        t(
          `${other.slice(0, 5).join(', ')}: not among the columns of ${guest.party}, unless by an alias`,
          `${other.slice(0, 5).join('、')}：不在 ${guest.party} 的列中（除非声明了别名）`,
        ),
      )
  }
}

function judgeSizes(
  { t }: CliContext,
  spec: JobSpec,
  guest: Offer,
  shape: JobShape,
  rows: number,
  findings: Finding[],
): void {
  const { minIntersection = 0 } = spec.align ?? {}
  const say = (level: Finding['level'], text: string) => void findings.push({ level, party: guest.party, text })
  for (const [i, hostRows] of shape.hostRows.entries())
    if (Math.min(hostRows, guest.rows) < minIntersection) {
      const party = spec.hosts[i]?.party ?? ''
      say(
        'problem',
        t(
          `at most ${Math.min(hostRows, guest.rows)} rows in common with ${party}, and align.minIntersection is ${minIntersection}`,
          `与 ${party} 至多有 ${Math.min(hostRows, guest.rows)} 行共有，而 align.minIntersection 为 ${minIntersection}`,
        ),
      )
    }
  for (const { name, members } of groupsOf(spec)) {
    const most = members.length * DEFAULT_BUCKET
    if (spec.align?.decoys === 0 || most < guest.rows) continue
    const text = t(
      `decoys of the ${members.length} members of ${name} stand in rows of their own: up to ${most} rows and more beside ${guest.rows} of yours; align.decoys: 0 has none`,
      `${name} 组 ${members.length} 个成员的诱饵各占不同的行：在本方 ${guest.rows} 行之外可达 ${most} 行以上；align.decoys: 0 则没有`,
    )
    say('warning', text)
  }
  const holdout = spec.split.kind === 'keyed-hash' ? spec.split.holdout : 1 / spec.split.divisor
  const widest = Math.max(...shape.columns)
  const { train } = spec
  if (train?.columns === 'standardised' && widest * train.rounds > (rows * (1 - holdout)) / 10)
    say(
      'warning',
      t(
        `${widest} columns in ${train.rounds} rounds need ${10 * widest * train.rounds} training rows; there are at most ${Math.floor(rows * (1 - holdout))}`,
        `${widest} 列、${train.rounds} 轮需要 ${10 * widest * train.rounds} 行训练数据；至多有 ${Math.floor(rows * (1 - holdout))} 行`,
      ),
    )
  if (spec.hosts.length === 1 && train !== undefined)
    say(
      'warning',
      t(
        'with one partner, the bank sees the partner’s score of each row that is scored',
        '只有一个合作方时，银行会看到该合作方对每个被评分行的得分',
      ),
    )
  if (spec.boost?.membership === 'visible')
    say(
      'warning',
      t(
        'partners see which rows are in which node of a tree: their approvals have to say so',
        '合作方可见哪些行在树的哪个节点：须在其批准书中写明',
      ),
    )
  if (partiesOf(spec).length > 5 && spec.value?.coalitions === 'shapley')
    say('warning', t('shapley trains one model for every coalition', 'shapley 会为每种组合各训练一个模型'))
}
