// What can be known about a job before anyone is asked to approve it: who is there, what is offered, what it will cost.
// Nothing is sent to a data owner for it; all of it comes from what the agents offer the coordinator.
import { groupDifferences, groupsOf } from '#protocols/core/job-groups.ts'
import { isHorizontal } from '#protocols/core/job-rules.ts'
import { type JobSpec, partiesOf } from '#protocols/core/job-spec.ts'
import { DEFAULT_BUCKET } from '#protocols/psi/params.ts'
import type { Bilingual } from '#runtime/bilingual.ts'
import type { FederationView } from '../link/coordinator-client.ts'
import type { EarlierJob } from './templates.ts'
import { estimateJob, type JobShape, largestAlignment, rowsForErrors, type TaskEstimate } from './estimate.ts'

/** What is looked at, in this order. */
export const CHECKS = {
  parties: { en: 'every party is in the federation', zh: '各方均在联邦中' },
  connected: { en: 'every agent is connected', zh: '各方代理均在线' },
  datasets: { en: 'every data set is offered', zh: '各数据集均已提供' },
  columns: { en: 'every column is offered', zh: '各列均已提供' },
  ids: { en: 'kinds of ids match', zh: '标识类型相符' },
  label: { en: 'there are labels to learn from', zh: '有可供学习的标签' },
  'same-columns': { en: 'all parties bring the same columns', zh: '各方的列相同' },
  groups: { en: 'members of a group bring the same columns', zh: '组内成员的列相同' },
  bins: { en: 'bins do not come near those of an earlier job', zh: '分箱不与先前作业的分箱相近' },
  rows: { en: 'there are enough rows', zh: '行数足够' },
  decoys: { en: 'decoys cost few rows', zh: '诱饵占用的行不多' },
  features: { en: 'few enough columns for so many rounds', zh: '列数与轮数相对行数不过多' },
  partners: { en: 'more than one partner', zh: '合作方多于一个' },
  membership: { en: 'partners do not see which rows are in which node', zh: '合作方看不到行所在的节点' },
  coalitions: { en: 'few enough models for the partner values', zh: '各方价值所需的模型不过多' },
} as const satisfies Readonly<Record<string, Bilingual>>
export type CheckName = keyof typeof CHECKS

export interface Finding {
  readonly check: CheckName
  readonly level: 'problem' | 'warning'
  /** the party that must act; the guest for what the modeler can change */
  readonly party: string
  readonly text: Bilingual
  /** what to do about it */
  readonly mend: Bilingual
}

export interface Preflight {
  /** what was looked at; without the rest where a party or data set is missing */
  readonly checks: readonly CheckName[]
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

/** Notes what is wrong at a party. */
type Tell = (level: Finding['level'], party: string, text: Bilingual, mend: Bilingual) => void

/** @param earlier jobs of this party that have binned columns, the newest first, where they are known */
export function preflight(spec: JobSpec, view: FederationView, earlier: readonly EarlierJob[] = []): Preflight {
  const findings: Finding[] = []
  const checks: CheckName[] = []
  const look = (check: CheckName): Tell => {
    if (!checks.includes(check)) checks.push(check)
    return (level, party, text, mend) => void findings.push({ check, level, party, text, mend })
  }
  const offers = [spec.guest, ...spec.hosts].map((part) => findOffer(part, view, look))
  const [guest, ...hosts] = offers.filter((offer) => offer !== undefined)
  if (guest === undefined || hosts.length < spec.hosts.length)
    return { checks, findings, shape: undefined, estimate: [], rows: 0 }
  if (isHorizontal(spec)) compareColumns(spec, [guest, ...hosts], look)
  else {
    compareIds(spec, guest, hosts, look)
    compareMembers(spec, hosts, look)
    compareBins(spec, earlier, look)
  }
  const shape: JobShape = {
    guestRows: guest.rows,
    hostRows: hosts.map((host) => host.rows),
    columns: [guest, ...hosts].map((offer) => offer.columns.length),
  }
  const rows = largestAlignment(spec, shape)
  judgeSizes(spec, guest, shape, rows, look)
  return { checks, findings, shape, estimate: estimateJob(spec, shape), rows }
}

type Look = (check: CheckName) => Tell

function findOffer(part: JobSpec['guest'], view: FederationView, look: Look): Offer | undefined {
  const { party, dataset, columns } = part
  const found = view.parties.find((candidate) => candidate.party === party)
  const tellParty = look('parties')
  if (found === undefined) {
    tellParty(
      'problem',
      party,
      { en: `${party} is not in the federation`, zh: `联邦中没有 ${party}` },
      { en: 'name a party that the catalogue lists', zh: '改为目录中列出的参与方' },
    )
    return undefined
  }
  const tellConnected = look('connected')
  if (!found.connected)
    tellConnected(
      'warning',
      party,
      { en: `${party} is away: the job would wait for its agent`, zh: `${party} 不在线：作业会等待其代理` },
      { en: `ask the operator of ${party} to start its agent`, zh: `请 ${party} 的运维人员启动其代理` },
    )
  const tellDataset = look('datasets')
  const offered = found.datasets.find((candidate) => candidate.name === dataset)
  if (offered === undefined) {
    const names = found.datasets.map(({ name }) => name).join(', ')
    tellDataset(
      'problem',
      party,
      {
        en: `${party} offers no ${dataset}; it offers: ${names || 'nothing'}`,
        zh: `${party} 没有提供 ${dataset}；提供的有：${names || '无'}`,
      },
      { en: 'name a data set that it offers, or ask the owner', zh: '改为其提供的数据集，或联系数据方' },
    )
    return undefined
  }
  const tellColumns = look('columns')
  const asked = columns === 'all' ? offered.columns : columns
  const unknown = asked.filter((column) => !offered.columns.includes(column))
  if (unknown.length > 0) {
    tellColumns(
      'problem',
      party,
      {
        en: `${party}/${dataset} offers no ${unknown.join(', ')}`,
        zh: `${party}/${dataset} 没有提供 ${unknown.join('、')}`,
      },
      { en: 'leave them out, or ask the owner', zh: '去掉这些列，或联系数据方' },
    )
    return undefined
  }
  const { id_kind: idKind, rows, label } = offered
  return { party, dataset, idKind, rows: Number(rows), columns: asked, label }
}

function compareIds({ score }: JobSpec, guest: Offer, hosts: readonly Offer[], look: Look): void {
  const tell = look('ids')
  for (const { party, idKind } of hosts) {
    if (idKind.split('+').some((kind) => guest.idKind.split('+').includes(kind))) continue
    const text = {
      en: `${party} has ids of the kind ${idKind}, ${guest.party} of ${guest.idKind}: nothing can match`,
      zh: `${party} 的标识类型是 ${idKind}，${guest.party} 是 ${guest.idKind}：无法匹配`,
    }
    tell('problem', party, text, {
      en: 'choose data sets with a kind of ids in common; a second id of yours can be declared as ids.second',
      zh: '选择有相同标识类型的数据集；本方的第二标识可用 ids.second 声明',
    })
  }
  if (score !== undefined) return
  const tellLabel = look('label')
  if (guest.label !== '') return
  const text = { en: `${guest.dataset} declares no label`, zh: `${guest.dataset} 没有声明标签列` }
  tellLabel('problem', guest.party, text, LABEL_MEND)
}

const LABEL_MEND = {
  en: 'choose a data set with a label, or declare label.column in agent.yaml',
  zh: '选择有标签的数据集，或在 agent.yaml 中声明 label.column',
}

/** Members of a group bring the same columns. */
function compareMembers(spec: JobSpec, hosts: readonly Offer[], look: Look): void {
  if (spec.groups === undefined) return
  const tell = look('groups')
  const columnsOf = (party: string) => hosts.find((host) => host.party === party)?.columns ?? []
  for (const { group, party, first, lacks, adds } of groupDifferences(spec, columnsOf)) {
    const some = (names: readonly string[], comma: string, none: string) => names.slice(0, 5).join(comma) || none
    const text = {
      en: `members of ${group} bring the same columns: ${party} lacks ${some(lacks, ', ', 'nothing')} of ${first} and adds ${some(adds, ', ', 'nothing')}`,
      zh: `${group} 组的成员须提供相同的列：与 ${first} 相比，${party} 缺少 ${some(lacks, '、', '无')}，多出 ${some(adds, '、', '无')}`,
    }
    tell('problem', party, text, {
      en: 'name the columns that all members have in `hosts`',
      zh: '在 `hosts` 中写明各成员共有的列',
    })
  }
}

/** Owners remember the bins that they have shown: others that differ by a few rows would tell of these rows. */
function compareBins({ bin, reuse, groups, hosts }: JobSpec, earlier: readonly EarlierJob[], look: Look): void {
  if (bin === undefined || groups !== undefined) return
  const tell = look('bins')
  if (reuse !== undefined && reuse.through !== 'align') return
  for (const { party, dataset } of hosts) {
    const isOfSame = (host: JobSpec['guest']) => host.party === party && host.dataset === dataset
    const before = earlier.find(({ spec }) => spec.hosts.some(isOfSame))
    if (before === undefined) continue
    const text = {
      en: `${before.job} has binned ${party}/${dataset} already: its owner refuses bins that differ from those by a few rows`,
      zh: `${before.job} 已对 ${party}/${dataset} 分箱：与之只差少数行的新分箱会被数据方拒绝`,
    }
    return tell('warning', party, text, {
      en: `go on from it with \`reuse: { job: ${before.job}, through: bin }\`, and its purpose, parties, align, split and bin`,
      zh: `用 \`reuse: { job: ${before.job}, through: bin }\` 继续，目的、参与方、align、split、bin 须与其相同`,
    })
  }
}

/** By name, for of aliases an owner tells nothing before the job: their agents compare those when it starts. */
function compareColumns(spec: JobSpec, offers: readonly Offer[], look: Look): void {
  const [guest] = offers
  const tellLabel = spec.average === undefined ? undefined : look('label')
  const tellRows = look('rows')
  const tell = look('same-columns')
  for (const { party, dataset, columns, label, rows } of offers) {
    if (label === '') {
      const text = { en: `${party}/${dataset} declares no label`, zh: `${party}/${dataset} 没有声明标签列` }
      tellLabel?.('problem', party, text, LABEL_MEND)
    }
    const least = spec.average?.minimumRows ?? 0
    if (rows < least) {
      const text = {
        en: `${rows} rows, and average.minimumRows is ${least}`,
        zh: `共 ${rows} 行，而 average.minimumRows 为 ${least}`,
      }
      tellRows('problem', party, text, {
        en: 'leave the party out, or ask for fewer rows',
        zh: '去掉该方，或降低所需行数',
      })
    }
    const other = columns.filter((column) => guest?.columns.includes(column) === false)
    const mend = { en: 'name the columns that all have in the job', zh: '在作业中写明各方共有的列' }
    if (columns.length !== guest?.columns.length) {
      const text = {
        en: `${columns.length} columns, ${guest?.party} has ${guest?.columns.length}: all parties bring the same`,
        zh: `${columns.length} 列，而 ${guest?.party} 有 ${guest?.columns.length} 列：各方的列须相同`,
      }
      tell('problem', party, text, mend)
    } else if (other.length > 0) {
      const text = {
        en: `${other.slice(0, 5).join(', ')}: not among the columns of ${guest.party}, unless by an alias`,
        zh: `${other.slice(0, 5).join('、')}：不在 ${guest.party} 的列中（除非声明了别名）`,
      }
      tell('warning', party, text, mend)
    }
  }
}

function judgeSizes(spec: JobSpec, guest: Offer, shape: JobShape, rows: number, look: Look): void {
  const { minIntersection = 0 } = spec.align ?? {}
  const { party } = guest
  const tellRows = look('rows')
  for (const [i, hostRows] of shape.hostRows.entries()) {
    const common = Math.min(hostRows, guest.rows)
    if (common >= minIntersection) continue
    const host = spec.hosts[i]?.party ?? ''
    const text = {
      en: `at most ${common} rows in common with ${host}, and align.minIntersection is ${minIntersection}`,
      zh: `与 ${host} 至多有 ${common} 行共有，而 align.minIntersection 为 ${minIntersection}`,
    }
    tellRows('problem', party, text, {
      en: 'ask for fewer (50 at least), or for a larger data set',
      zh: '降低要求（至少 50），或换用更大的数据集',
    })
  }
  for (const { name, members } of groupsOf(spec)) {
    const tell = look('decoys')
    const most = members.length * DEFAULT_BUCKET
    if (spec.align?.decoys === 0 || most < guest.rows) continue
    const text = {
      en: `decoys of the ${members.length} members of ${name} stand in rows of their own: up to ${most} rows and more beside ${guest.rows} of yours; align.decoys: 0 has none`,
      zh: `${name} 组 ${members.length} 个成员的诱饵各占不同的行：在本方 ${guest.rows} 行之外可达 ${most} 行以上；align.decoys: 0 则没有`,
    }
    tell('warning', party, text, {
      en: 'set align.decoys to 0, or take the time',
      zh: '将 align.decoys 设为 0，或接受更长时间',
    })
  }
  judgeChoices(spec, guest.party, { shape, rows }, look)
}

/** What the modeler chose, and may want to choose otherwise. */
function judgeChoices(
  spec: JobSpec,
  party: string,
  { shape, rows }: { readonly shape: JobShape; readonly rows: number },
  look: Look,
): void {
  const { train, boost, value, split, hosts, select } = spec
  const trained = rows * (1 - (split.kind === 'keyed-hash' ? split.holdout : 1 / split.divisor))
  const widest = Math.max(...shape.columns)
  if (train?.columns === 'standardised') {
    const tell = look('features')
    const needed = 10 * widest * train.rounds
    const text = {
      en: `${widest} columns in ${train.rounds} rounds need ${needed} training rows; there are at most ${Math.floor(trained)}`,
      zh: `${widest} 列、${train.rounds} 轮需要 ${needed} 行训练数据；至多有 ${Math.floor(trained)} 行`,
    }
    const mend = { en: 'fewer columns, fewer rounds, or more rows', zh: '减少列数或轮数，或增加行数' }
    if (needed > trained) tell('warning', party, text, mend)
  }
  if (train?.standardErrors === true) {
    const tell = look('features')
    const all = shape.columns.reduce((sum, width) => sum + width, 0)
    const columns = Math.min(all, select?.maximumColumns ?? all)
    const text = {
      en: `standard errors of ${columns} columns need ${rowsForErrors(columns)} training rows; there are at most ${Math.floor(trained)}`,
      zh: `${columns} 列的标准误需要 ${rowsForErrors(columns)} 行训练数据；至多有 ${Math.floor(trained)} 行`,
    }
    const mend = {
      en: 'keep fewer columns with select.maximumColumns, or leave out train.standardErrors',
      zh: '用 select.maximumColumns 减少列数，或去掉 train.standardErrors',
    }
    if (rowsForErrors(columns) > trained) tell('warning', party, text, mend)
  }
  if (train !== undefined) {
    const tell = look('partners')
    const text = {
      en: 'with one partner, the bank sees the partner’s score of each row that is scored',
      zh: '只有一个合作方时，银行会看到该合作方对每个被评分行的得分',
    }
    const mend = { en: 'add a partner, or have the owner agree to it', zh: '增加合作方，或请数据方知悉并同意' }
    if (hosts.length === 1) tell('warning', party, text, mend)
  }
  if (boost !== undefined) {
    const tell = look('membership')
    const text = {
      en: 'partners see which rows are in which node of a tree: their approvals have to say so',
      zh: '合作方可见哪些行在树的哪个节点：须在其批准书中写明',
    }
    const mend = { en: 'take boost.membership: hidden, or ask them', zh: '使用 boost.membership: hidden，或征得其同意' }
    if (boost.membership === 'visible') tell('warning', party, text, mend)
  }
  if (value !== undefined) {
    const tell = look('coalitions')
    const text = { en: 'shapley trains one model for every coalition', zh: 'shapley 会为每种组合各训练一个模型' }
    const mend = {
      en: 'take value.coalitions: partners, or the time',
      zh: '使用 value.coalitions: partners，或接受更长时间',
    }
    if (partiesOf(spec).length > 5 && value.coalitions === 'shapley') tell('warning', party, text, mend)
  }
}
