// What a modeler needs before there is a job: templates that fit, a text to start from, and what is wrong with a text.
import type { Checked, Preflight, Template } from '#console/api/jobs.ts'
import { type JobSpec, partiesOf, planTasks } from '#protocols/core/job-spec.ts'
import type { Language } from '#runtime/bilingual.ts'
import { PlatformError, toPlatformError } from '#runtime/errors.ts'
import type { JobView } from '../link/coordinator-client.ts'
import { fillTemplate, type Surroundings } from '../planning/fill-template.ts'
import { readJobText } from '../planning/job-text.ts'
import { type LateMonths, lateMonths } from '../planning/late-months.ts'
import { CHECKS, preflight } from '../planning/preflight.ts'
import {
  type EarlierJob,
  jobTemplate,
  TEMPLATE_TITLES,
  type TemplateName,
  type TemplateParts,
  TEMPLATES,
  usualParts,
} from '../planning/templates.ts'
import type { JobsParts } from './jobs-calls.ts'
import { knownJob } from './known-jobs.ts'

/** Jobs that are looked through for one whose trees can score. */
const JOBS_LOOKED_AT = 200
const BINNED_LOOKED_AT = 20

export interface Drafts {
  templates(): Promise<Template[]>
  /** @param partners with commas between; all that fit unless given @throws PlatformError job.unknown-template */
  draft(
    template: string,
    language: Language,
    partners: string | undefined,
  ): Promise<{ text: string; partners: string[]; chosen: string[] }>
  check(text: string): Promise<Checked>
}

export function draftsOf(parts: JobsParts): Drafts {
  const { identity, coordinator } = parts
  const self = identity.party
  const surroundings = async (): Promise<Surroundings> => {
    const client = await coordinator()
    const [view, jobs] = [await client.describe(), await client.list(JOBS_LOOKED_AT)]
    return { self, view, jobs, binned: await binnedJobs(parts, jobs) }
  }
  return {
    async templates() {
      const around = await surroundings()
      return TEMPLATES.map((name) => templateFor(name, around))
    },
    async draft(template, language, partners) {
      const name = TEMPLATES.find((known) => known === template)
      if (name === undefined)
        throw new PlatformError('job.unknown-template', { template: template.slice(0, 32), known: TEMPLATES })
      const filled = fillTemplate(name, await surroundings(), partners?.split(',').filter(Boolean))
      const usual = 'lacking' in filled
      const taken = usual ? usualParts(name, self) : await withMonths(parts, name, filled.parts)
      const text = jobTemplate((en, zh) => (language === 'zh' ? zh : en), name, taken)
      const chosen = taken.hosts.map(({ party }) => party)
      return usual ? { text, partners: [], chosen: [] } : { text, partners: [...filled.partners], chosen }
    },
    async check(text) {
      const { spec, problems } = readJobText(text)
      if (spec === undefined) return { problems: problems.slice(0, 200) }
      const job = { name: spec.name, purpose: spec.purpose, parties: [...partiesOf(spec)] }
      if (spec.guest.party !== self) return { job, problems: [notOwn(text, self)] }
      return { job, problems: [], preflight: await preflightOf(parts, spec) }
    },
  }
}

/** Jobs of this party whose bins can be gone on from, as its files have them. */
async function binnedJobs({ config, identity }: JobsParts, jobs: readonly JobView[]): Promise<EarlierJob[]> {
  const found: EarlierJob[] = []
  for (const { job, guest, state } of jobs) {
    if (guest !== identity.party || state !== 'succeeded' || found.length >= BINNED_LOOKED_AT) continue
    const spec = (await knownJob(config.home, job))?.spec
    if (spec?.bin !== undefined && spec.align !== undefined && spec.groups === undefined) found.push({ job, spec })
  }
  return found
}

function templateFor(name: TemplateName, around: Surroundings): Template {
  const filled = fillTemplate(name, around)
  const lacks = 'lacking' in filled
  const said = jobTemplate((en) => en, name, lacks ? usualParts(name, around.self) : filled.parts)
  const { spec } = readJobText(said)
  return {
    name,
    title: TEMPLATE_TITLES[name],
    tasks: spec === undefined ? [] : planTasks(spec).map(({ task }) => task),
    partners: lacks ? [] : [...filled.partners],
    ...(lacks ? { lacking: filled.lacking } : {}),
  }
}

/** The months of the party's own rows decide what is out of time; the usual ones are those of the guides. */
async function withMonths(parts: JobsParts, name: TemplateName, filled: TemplateParts): Promise<TemplateParts> {
  const { outOfTime: _, ...rest } = filled
  if (filled.reuse !== undefined || name === 'parks' || name === 'score' || name === 'scan' || name === 'warning')
    return rest
  const months = await monthsOf(parts, filled.guest.dataset)
  return months === undefined ? rest : { ...rest, outOfTime: months }
}

/** Data that cannot be read are told by the pre-flight, and keep nobody from a text to start with. */
async function monthsOf({ gate, log }: JobsParts, name: string): Promise<LateMonths | undefined> {
  try {
    await using dataset = await gate.dataset(name)
    return await lateMonths(dataset)
  } catch (thrown) {
    log.warn('draft.without-months', { dataset: name, code: toPlatformError(thrown).code })
    return undefined
  }
}

function notOwn(text: string, self: string) {
  const line = text.split('\n').findIndex((each) => each.startsWith('guest:')) + 1
  return {
    line: Math.max(1, line),
    column: 1,
    key: 'guest.party',
    message: `expected "${self}": a party submits its own jobs`,
  }
}

async function preflightOf(parts: JobsParts, spec: JobSpec): Promise<Preflight> {
  const client = await parts.coordinator()
  const askedAt = performance.now()
  const view = await client.describe()
  const roundTripMs = Math.round(performance.now() - askedAt)
  const earlier = spec.bin === undefined ? [] : await binnedJobs(parts, await client.list(JOBS_LOOKED_AT))
  return reportOf(preflight(spec, view, earlier), roundTripMs)
}

/** Every check that was made, with the worst that it found. */
function reportOf({ checks, findings, estimate, rows }: ReturnType<typeof preflight>, roundTripMs: number): Preflight {
  return {
    checks: checks.map((name) => {
      const found = findings.filter(({ check }) => check === name).map(({ check: _, ...finding }) => finding)
      const isProblem = found.some(({ level }) => level === 'problem')
      const state = isProblem ? 'problem' : found.length > 0 ? 'warning' : 'passed'
      return { name, title: CHECKS[name], state, findings: found }
    }),
    estimate: estimate.map(({ task, bytes, seconds }) => ({ task, bytes: Math.round(bytes), seconds })),
    rows: Math.floor(rows),
    roundTripMs,
  }
}
