// What the files of a federation hold and what an alignment of them must find, as numbers that a test can ask for.
import { type Counts, heldByAll, HOSTS, type IdCounts, type Pair } from './counts.ts'
import { monthText } from './calendar.ts'
import { CONSENT_PATH } from './chunk.ts'
import { LOAN_PURPOSE } from './consent.ts'
import { type FileParty, type Host, PARTY_FILES, tableColumns, tablePath } from './parties.ts'
import type { FederationPlan } from './plan.ts'

export interface PartyManifest {
  readonly dataset: string
  readonly file: string
  readonly columns: readonly string[]
  readonly idColumn: string
  readonly coverage: 'complete' | 'partial'
  /** after normalisation of the ids */
  readonly ids: IdCounts
  /** the registry's rows under legal representatives, of which `ids` does not speak */
  readonly representativeIds?: IdCounts
}

/** Rows of the bank's file with a valid code, by what this partner can say about them. */
export interface HostAlignment {
  /** asked and held */
  readonly present: Pair
  /** asked and not held, where the partner knows everyone: has nothing */
  readonly absent: Pair
  /** asked and not held, where the partner does not know everyone */
  readonly notCovered: Pair
  /** not asked */
  readonly noConsent: Pair
  /** of present: found under the legal representative's id only */
  readonly byRepresentative?: Pair
  /** of all rows, whatever the consents say */
  readonly presentWithoutConsent: Pair
}

export interface FederationManifest {
  readonly format: 'tributary-synth/1'
  readonly seed: number
  readonly applications: number
  readonly firms: number
  readonly scenario: string
  readonly intercept: number
  readonly overlap: number
  readonly defects: boolean
  readonly noise: boolean
  readonly labelNoise: number
  readonly bank: {
    readonly loans: number
    readonly good: number
    readonly bad: number
    /** indeterminate, or too young */
    readonly noLabel: number
    readonly badRate: number
    readonly rejected: number
    readonly invalidIds: Pair
    readonly vintages: readonly { month: string; loans: number; bad: number; good: number; noLabel: number }[]
  }
  readonly parties: Readonly<Partial<Record<FileParty, PartyManifest>>>
  readonly consent: { readonly file: string; readonly rule: string }
  readonly alignment: Readonly<Partial<Record<Host, HostAlignment>>>
  /** rows of the bank that every one of these partners holds */
  readonly joint: readonly { hosts: readonly Host[]; withConsent: Pair; withoutConsent: Pair }[]
}

export function manifestOf(plan: FederationPlan, counts: Counts): FederationManifest {
  const hosts = HOSTS.filter((host) => plan.parties.includes(host))
  const { world, applications, firms, overlap, noise, labelNoise } = plan
  return {
    format: 'tributary-synth/1',
    seed: world.seed,
    applications,
    firms,
    scenario: world.scenario,
    intercept: world.intercept,
    overlap,
    defects: world.defects,
    noise,
    labelNoise,
    bank: bankSummary(counts),
    parties: Object.fromEntries(plan.parties.map((party) => [party, partyManifest(plan, party, counts)])),
    consent: {
      file: CONSENT_PATH,
      rule: `purpose = ${LOAN_PURPOSE}, scope holds the partner's, signed_at <= applied_on <= expires_at, withdrawn_at empty`,
    },
    alignment: Object.fromEntries(hosts.map((host) => [host, hostAlignment(host, counts)])),
    joint: subsets(hosts.filter((host) => !host.startsWith('park-'))).map((set) => ({
      hosts: set,
      withConsent: heldByAll(counts.consented, set),
      withoutConsent: heldByAll(counts.matching, set),
    })),
  }
}

function bankSummary(counts: Counts): FederationManifest['bank'] {
  const { vintages } = counts.bank
  const sum = (key: 'loans' | 'good' | 'bad' | 'noLabel') => vintages.reduce((total, month) => total + month[key], 0)
  const [good, bad] = [sum('good'), sum('bad')]
  return {
    loans: sum('loans'),
    good,
    bad,
    noLabel: sum('noLabel'),
    badRate: Number((bad / Math.max(1, bad + good)).toFixed(6)),
    rejected: counts.rejected,
    invalidIds: counts.invalid,
    vintages: vintages.map(({ loans, bad: b, good: g, noLabel }, month) => ({
      month: monthText(month),
      loans,
      bad: b,
      good: g,
      noLabel,
    })),
  }
}

function partyManifest(plan: FederationPlan, party: FileParty, counts: Counts): PartyManifest {
  const { dataset, idColumn, coverage } = PARTY_FILES[party]
  const base = { dataset, file: tablePath(party, plan.format), columns: tableColumns(party), idColumn, coverage }
  if (party === 'bank') {
    const { vintages: _, ...ids } = counts.bank
    return { ...base, ids }
  }
  const { uscc, 'id-card': representatives } = counts.ids[party]
  return { ...base, ids: uscc, ...(party === 'property' ? { representativeIds: representatives } : {}) }
}

function hostAlignment(host: Host, counts: Counts): HostAlignment {
  const { present, absent, noConsent, byRepresentative } = counts.left[host]
  const nobody = { loans: 0, firms: 0 }
  const complete = PARTY_FILES[host].coverage === 'complete'
  return {
    present,
    absent: complete ? absent : nobody,
    notCovered: complete ? nobody : absent,
    noConsent,
    ...(host === 'property' ? { byRepresentative } : {}),
    presentWithoutConsent: heldByAll(counts.matching, [host]),
  }
}

/** Every subset with two members or more; parks, of which a firm is in one at most, stay out. */
function subsets(hosts: readonly Host[]): Host[][] {
  return Array.from({ length: 2 ** hosts.length }, (_, mask) =>
    hosts.filter((_host, k) => (mask & (1 << k)) !== 0),
  ).filter((set) => set.length >= 2)
}
