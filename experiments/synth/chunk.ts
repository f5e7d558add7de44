// The work of one chunk: a range of places in the files of one table, as bytes. It depends on the plan and the range
// alone, so that chunks can be made on any thread, in any order, and the files come out the same.
import { CONSENT_COLUMNS, consentRows, drawConsents } from './consent.ts'
import { type Counts, countFirm, emptyCounts } from './counts.ts'
import { bankRows, type FirmIds, partnerRows } from './feature-rows.ts'
import { bankNoise } from './holders.ts'
import { drawApplication } from './loans.ts'
import { spell } from './noise.ts'
import { ORACLE_FILES, oracleRows } from './oracle.ts'
import { FILE_PARTIES, type FileParty, PARTY_FILES, tableColumns, tablePath } from './parties.ts'
import { drawPeople, idCardMaker } from './people.ts'
import { permutation } from './permutation.ts'
import type { FederationPlan } from './plan.ts'
import { RAW_TABLES } from './raw/all.ts'
import { drawRecord, SYNTH_PARTIES, type SynthRecord } from './record.ts'
import { openStream, STREAM } from './stream.ts'
import type { SynthParty } from './tables/table.ts'
import { usccMaker } from './uscc.ts'

/** The files that are made in one pass: those of one table, or the oracle with the counts. */
export type Section = SynthParty | 'oracle'

export interface ChunkTask {
  readonly plan: FederationPlan
  readonly section: Section
  /** places in the section's order, `to` not included */
  readonly from: number
  readonly to: number
}

export interface Chunk {
  /** bytes to append, by path inside the folder of the federation */
  readonly files: Readonly<Record<string, Uint8Array>>
  /** of the section oracle */
  readonly counts?: Counts
}

export const CONSENT_PATH = 'bank/consent.csv'

/** Places of a section. The bank knows applicants only. */
export function sectionLength(plan: FederationPlan, section: Section): number {
  return section === 'bank' ? plan.applications : plan.firms
}

/** Header line of every file of a section. */
export function sectionHeads(plan: FederationPlan, section: Section): Readonly<Record<string, string>> {
  const heads: Record<string, string> = {}
  if (section === 'oracle') {
    for (const [path, columns] of Object.entries(ORACLE_FILES)) heads[path] = `${columns.join(',')}\n`
    return heads
  }
  for (const party of partiesOf(plan, section)) {
    heads[tablePath(party)] = `${tableColumns(party).join(',')}\n`
    if (!plan.raw) continue
    for (const table of RAW_TABLES[section]) heads[rawPath(party, table.name)] = `${table.columns.join(',')}\n`
  }
  if (section === 'bank') heads[CONSENT_PATH] = `${CONSENT_COLUMNS.join(',')}\n`
  return heads
}

export function partiesOf(plan: FederationPlan, table: SynthParty): readonly FileParty[] {
  return FILE_PARTIES.filter((party) => plan.parties.includes(party) && PARTY_FILES[party].table === table)
}

export function rawPath(party: FileParty, table: string): string {
  return `${party}/raw/${table}.csv`
}

/** Makes a chunk. Pure. */
export function makeChunk(task: ChunkTask): Chunk {
  const lines = new Lines()
  const ids = idMakers(task.plan.world.seed)
  if (task.section === 'oracle') {
    const counts = emptyCounts()
    for (let row = task.from; row < task.to; row++) {
      const record = drawRecord(task.plan.world, row, ['bank', 'property', 'parks'])
      countFirm(counts, task.plan, record)
      for (const [path, rows] of Object.entries(oracleRows(task.plan, record, ids(record)))) lines.add(path, rows)
    }
    return { files: lines.bytes(), counts }
  }
  const { section } = task
  const order = permutation(
    task.plan.world.seed,
    200 + SYNTH_PARTIES.indexOf(section),
    sectionLength(task.plan, section),
  )
  for (let place = task.from; place < task.to; place++) {
    const record = drawRecord(task.plan.world, order(place), [section])
    if (!record.covered.has(section)) continue
    if (section === 'bank') addBank(lines, task.plan, record, ids(record))
    else addPartner(lines, task.plan, section, record, ids)
  }
  return { files: lines.bytes() }
}

function idMakers(seed: number): (record: SynthRecord) => FirmIds {
  const uscc = usccMaker(seed)
  const idCard = idCardMaker(seed)
  return ({ applicant, values }) => ({
    uscc: uscc(applicant, values['park'] ?? 0),
    legalRepresentative: idCard(applicant),
  })
}

function addBank(lines: Lines, plan: FederationPlan, record: SynthRecord, ids: FirmIds): void {
  const { applicant: a } = record
  const { seed } = plan.world
  lines.add(tablePath('bank'), bankRows(plan, record, ids))
  const { appliedOn } = drawApplication(plan.world, a, record.values)
  const signer = drawPeople(seed, a).legalRepresentative
  lines.add(CONSENT_PATH, consentRows(drawConsents(seed, a, appliedOn), ids.uscc, signer, appliedOn))
  if (plan.raw) addRaw(lines, plan, 'bank', record, ids, spell(ids.uscc, bankNoise(seed, a, plan.noise)))
}

function addPartner(
  lines: Lines,
  plan: FederationPlan,
  table: SynthParty,
  record: SynthRecord,
  makeIds: (record: SynthRecord) => FirmIds,
): void {
  const party = partiesOf(plan, table).find(
    (candidate) => table !== 'parks' || PARTY_FILES[candidate].park === record.values['park'],
  )
  if (party === undefined) return
  const ids = makeIds(record)
  const { rows, key } = partnerRows(plan, table, record, ids)
  if (rows.length === 0) return
  lines.add(tablePath(party), rows)
  if (plan.raw) addRaw(lines, plan, party, record, ids, key)
}

const RAW_STREAMS_APART = 1000

function addRaw(
  lines: Lines,
  plan: FederationPlan,
  party: FileParty,
  record: SynthRecord,
  ids: FirmIds,
  key: string,
): void {
  const { table } = PARTY_FILES[party]
  for (const [k, raw] of RAW_TABLES[table].entries()) {
    const stream = STREAM.raw + RAW_STREAMS_APART * (1 + 20 * SYNTH_PARTIES.indexOf(table) + k)
    const random = openStream(plan.world.seed, stream, record.applicant.row)
    lines.add(rawPath(party, raw.name), raw.rows({ plan, record, ids, key, values: record.values }, random))
  }
}

/** Text by path. */
class Lines {
  readonly #text = new Map<string, string>()

  add(path: string, rows: readonly string[]): void {
    if (rows.length === 0) return
    this.#text.set(path, `${this.#text.get(path) ?? ''}${rows.join('\n')}\n`)
  }

  bytes(): Record<string, Uint8Array> {
    return Object.fromEntries([...this.#text].map(([path, text]) => [path, Buffer.from(text, 'utf8')]))
  }
}
