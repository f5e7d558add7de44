// Fills a template with what the parties of the federation offer: data sets whose ids match, columns that are the same
// where they have to be, as many rows as there are. Says why where nothing fits.
import type { Bilingual } from '#runtime/bilingual.ts'
import type { FederationView, JobView } from '../link/coordinator-client.ts'
import { rowsForErrors } from './estimate.ts'
import {
  BINNING_TEMPLATES,
  type EarlierJob,
  type TemplateName,
  type TemplateParts,
  USUAL_DATASETS,
  usualParts,
} from './templates.ts'

type Party = FederationView['parties'][number]
type Data = Party['datasets'][number]

interface Offer {
  readonly party: string
  readonly data: Data
}

export interface Surroundings {
  /** the party that submits */
  readonly self: string
  readonly view: FederationView
  /** jobs of this party, the newest first: whose trees can score */
  readonly jobs: readonly JobView[]
  /** those of them that have binned columns and succeeded, the newest first */
  readonly binned: readonly EarlierJob[]
}

export type Filled =
  | {
      readonly parts: TemplateParts
      /** hosts that could take part, those of `parts` among them */
      readonly partners: readonly string[]
    }
  | { readonly lacking: Bilingual }

const ROWS_ASKED = 1000
const LEAST_ASKED = 50
/** of the rows that a party offers, asked for in common where it offers few */
const COMMON_SHARE = 0.25
const LEAST_MEMBERS = 3
/** of the guest's rows: without those held out and out of time */
const TRAINED_SHARE = 0.5
/** as many as selection keeps by itself, and as a regression gives standard errors of */
const MOST_COLUMNS = 60

/** @param chosen of the partners, those that take part; all unless given */
export function fillTemplate(name: TemplateName, around: Surroundings, chosen?: readonly string[]): Filled {
  if (name === 'score') return fillScoring(around)
  const guest = ownOffer(name, around)
  if (guest === undefined) return { lacking: NO_LABEL }
  if (name === 'parks') return fillParks(guest, around, chosen)
  const all = hostOffers(guest, around)
  if (all.length === 0) return { lacking: NO_PARTNER }
  const hosts = among(all, chosen)
  if (hosts.length === 0) return { lacking: NOBODY }
  const common = { ...usualParts(name, guest.party), ...partsOf(guest, hosts), groups: [] }
  const partners = all.map(({ party }) => party)
  if (name === 'hybrid') return fillHybrid(common, partners, hosts)
  const reuse = BINNING_TEMPLATES.includes(name) ? around.binned.find((job) => isOfSameData(job, common)) : undefined
  return { partners, parts: { ...common, ...(reuse === undefined ? {} : { reuse }) } }
}

/** Whether a job is of these parties and data sets, in whichever order of the hosts. */
function isOfSameData({ spec }: EarlierJob, { guest, hosts }: TemplateParts): boolean {
  const key = ({ party, dataset }: TemplateParts['guest']) => `${party}/${dataset}`
  const others = hosts.map(key).sort()
  return key(spec.guest) === key(guest) && spec.hosts.map(key).sort().join() === others.join()
}

const NO_LABEL = {
  en: 'your party offers no data set with a label',
  zh: '本方没有提供带标签的数据集',
}
const NO_PARTNER = {
  en: 'no other party offers a data set with a kind of ids in common with yours',
  zh: '没有其他参与方提供与本方标识类型相同的数据集',
}
const NOBODY = { en: 'nobody is chosen to take part', zh: '尚未选择参与方' }
const NO_PARKS = {
  en: 'it takes two other parties or more that offer labelled data with the same columns as yours',
  zh: '需要至少两个其他参与方提供与本方列相同且带标签的数据',
}
const NO_GROUP = {
  en: 'it takes three parties or more that offer the same columns, and another partner beside them',
  zh: '需要至少三个参与方提供相同的列，另有一个其他合作方',
}
const NO_TREES = {
  en: 'no job of your party has grown trees yet, or a party of it offers no data now',
  zh: '本方尚无训练完成的提升树，或其参与方目前没有提供数据',
}

/** The usual one, or the largest with a label. */
function ownOffer(name: TemplateName, { self, view }: Surroundings): Offer | undefined {
  const own = view.parties.find(({ party }) => party === self)?.datasets ?? []
  const data = preferred(
    own.filter(({ label }) => label !== ''),
    USUAL_DATASETS[name] ?? 'loans',
  )
  return data === undefined ? undefined : { party: self, data }
}

/** Of each other party the data set that fits: ids in common, and no label, for those are no features. */
function hostOffers(guest: Offer, { self, view }: Pick<Surroundings, 'self' | 'view'>): Offer[] {
  return view.parties.flatMap(({ party, datasets }) => {
    if (party === self) return []
    const fitting = datasets.filter((data) => haveIdsInCommon(data, guest.data))
    const plain = fitting.filter(({ label }) => label === '')
    const data = preferred(plain.length > 0 ? plain : fitting, 'features')
    return data === undefined ? [] : [{ party, data }]
  })
}

function fillParks(guest: Offer, { self, view }: Surroundings, chosen?: readonly string[]): Filled {
  const columns = columnKey(guest.data)
  const all = view.parties.flatMap(({ party, datasets }) => {
    const same = datasets.filter((data) => data.label !== '' && columnKey(data) === columns)
    const data = party === self ? undefined : preferred(same, guest.data.name)
    return data === undefined ? [] : [{ party, data }]
  })
  if (all.length < 2) return { lacking: NO_PARKS }
  const hosts = among(all, chosen)
  if (hosts.length < 2) return { lacking: NOBODY }
  const parts = { ...usualParts('parks', guest.party), ...partsOf(guest, hosts), groups: [] }
  return { partners: all.map(({ party }) => party), parts }
}

/** The largest set of partners with the same columns is the group; the first host is none of them. */
function fillHybrid(common: TemplateParts, partners: readonly string[], hosts: readonly Offer[]): Filled {
  const byColumns = Map.groupBy(hosts, ({ data }) => columnKey(data))
  const members = [...byColumns.values()].sort((a, b) => b.length - a.length)[0] ?? []
  const others = hosts.filter((host) => !members.includes(host))
  if (members.length < LEAST_MEMBERS || others.length === 0) return { lacking: NO_GROUP }
  const name = groupName(members, partners)
  const parts = {
    ...common,
    hosts: [...others, ...members].map(named),
    groups: [{ name, members: members.map(({ party }) => party) }],
  }
  return { partners, parts }
}

function fillScoring({ self, view, jobs }: Surroundings): Filled {
  const grown = ({ guest, state, tasks }: JobView) =>
    guest === self && state === 'succeeded' && tasks.some(({ task }) => task === 'boost')
  const trees = jobs.find(grown)
  const own = view.parties.find(({ party }) => party === self)?.datasets ?? []
  const data = preferred(own, USUAL_DATASETS.score ?? '')
  if (trees === undefined || data === undefined) return { lacking: NO_TREES }
  const guest = { party: self, data }
  const offers = hostOffers(guest, { self, view })
  const hosts = trees.hosts.flatMap((host) => offers.filter(({ party }) => party === host))
  if (hosts.length < trees.hosts.length) return { lacking: NO_TREES }
  const parts = { ...usualParts('score', self), ...partsOf(guest, hosts), groups: [], minIntersection: LEAST_ASKED }
  return { partners: [...trees.hosts], parts: { ...parts, job: trees.job } }
}

const named = ({ party, data }: Offer) => ({ party, dataset: data.name })

function partsOf(guest: Offer, hosts: readonly Offer[]) {
  const least = Math.min(...[guest, ...hosts].map(({ data }) => Number(data.rows)))
  return {
    guest: named(guest),
    hosts: hosts.map(named),
    minIntersection: Math.max(LEAST_ASKED, Math.min(ROWS_ASKED, Math.floor(least * COMMON_SHARE))),
    ...columnsFor(Number(guest.data.rows) * TRAINED_SHARE),
  }
}

/** So many that their standard errors do not take more of the rows than a job may: 5 (n + 1) (n + 2). */
function columnsFor(rows: number): { maximumColumns?: number } {
  let columns = 1
  while (columns < MOST_COLUMNS && rowsForErrors(columns + 1) <= rows) columns += 1
  return columns < MOST_COLUMNS ? { maximumColumns: columns } : {}
}

function among(offers: readonly Offer[], chosen: readonly string[] | undefined): Offer[] {
  return offers.filter(({ party }) => chosen === undefined || chosen.includes(party))
}

/** By name, or else the one with most rows. */
function preferred(offers: readonly Data[], name: string): Data | undefined {
  return offers.find((data) => data.name === name) ?? offers.toSorted((a, b) => Number(b.rows) - Number(a.rows))[0]
}

function haveIdsInCommon(one: Data, other: Data): boolean {
  const kinds = other.id_kind.split('+')
  return one.id_kind.split('+').some((kind) => kinds.includes(kind))
}

const columnKey = ({ columns }: Data) => JSON.stringify(columns.toSorted())

/** What their names begin with, as parks of park-a and park-b; no name of a party. */
function groupName(members: readonly Offer[], parties: readonly string[]): string {
  const [first = '', ...others] = members.map(({ party }) => party)
  let length = first.length
  while (length > 0 && others.some((other) => !other.startsWith(first.slice(0, length)))) length -= 1
  const stem = first.slice(0, length).replace(/-+$/, '')
  const name = stem === '' ? 'group' : `${stem}s`
  return parties.includes(name) ? `${name}-group` : name
}
