// The gate in front of this party's data: what is offered, which jobs may come in, and the data sets themselves.
import { createHash } from 'node:crypto'
import type { Objective } from '#credit/trees/params.ts'
import type { AskedOfOwner } from '#protocols/core/approval.ts'
import { groupOf } from '#protocols/core/job-groups.ts'
import { isHorizontal } from '#protocols/core/job-rules.ts'
import type { JobSpec } from '#protocols/core/job-spec.ts'
import type { OfferedDataset__Output } from '#protos/gen/tributary/v1/OfferedDataset.ts'
import { PlatformError, toPlatformError } from '#runtime/errors.ts'
import type { Logger } from '#runtime/log.ts'
import { type AgentConfig, type DatasetConfig, LABEL_KINDS, type LabelKind } from './config.ts'
import { type Dataset, type DatasetDescription, labelKind, openDataset } from './data/dataset.ts'
import { nearDetail } from './data/near-names.ts'
import { sourceStamp } from './data/source.ts'
import { decide, partOf } from './policy/policy.ts'

export type OfferedDataset = OfferedDataset__Output

/** Counts that leave the party are rounded down to this. */
const ROW_STEP = 100

export interface JobGate {
  /**
   * Refuses a job that this party does not allow or cannot take part in.
   * @throws PlatformError job.unknown-party, job.unknown-dataset, job.unknown-column, policy.denied, data.*
   */
  admit(spec: JobSpec): Promise<void>
  /** What this party offers, for the coordinator. A data set that cannot be read is left out and logged. */
  catalog(): Promise<OfferedDataset[]>
}

export interface DataGate extends JobGate {
  /** Opens a data set; the caller disposes it. @throws PlatformError job.unknown-dataset, data.* */
  dataset(name: string): Promise<Dataset>
  /** The columns of this party that enter the model of a job. @throws PlatformError job.unknown-column, … as `admit` */
  columnsFor(spec: JobSpec): Promise<readonly string[]>
  /** What a job would use of this party, for its approval. @throws PlatformError as `columnsFor` */
  asked(spec: JobSpec): Promise<AskedOfOwner>
}

/** @param self the name of this party */
export async function openGate(config: AgentConfig, self: string, log: Logger): Promise<DataGate> {
  const described = new Map<string, { stamp: string; description: DatasetDescription }>()

  const declared = (name: string): DatasetConfig => {
    const found = Object.hasOwn(config.datasets, name) ? config.datasets[name] : undefined
    if (found !== undefined) return found
    const near = nearDetail([name], Object.keys(config.datasets))
    throw new PlatformError('job.unknown-dataset', { party: self, dataset: name, ...near })
  }
  const open = async (name: string) => openDataset(name, declared(name), { memoryMb: config.resources.memoryMb })

  // Counting the rows of a large CSV file takes seconds; it is done again only when the file changed.
  const describe = async (name: string): Promise<DatasetDescription> => {
    const stamp = await sourceStamp(declared(name).source, name)
    const known = described.get(name)
    if (known?.stamp === stamp) return known.description
    await using dataset = await open(name)
    const description = await dataset.describe()
    described.set(name, { stamp, description })
    return description
  }

  const columnsFor = async (spec: JobSpec): Promise<readonly string[]> => {
    const { dataset, columns } = partOf(spec, self)
    const offered = (await describe(dataset)).columns
    const asked = columns === 'all' ? offered : columns
    const unknown = asked.filter((column) => !offered.includes(column))
    if (unknown.length > 0 || asked.length === 0) {
      const near = nearDetail(unknown, offered)
      throw new PlatformError('job.unknown-column', { party: self, dataset, columns: unknown.slice(0, 20), ...near })
    }
    // members of a group agree on their columns one by one: in an order that is the same at all of them
    return groupOf(spec, self) === undefined ? asked : asked.toSorted()
  }

  return {
    dataset: open,
    columnsFor,
    async asked(spec) {
      const { dataset } = partOf(spec, self)
      const description = await describe(dataset)
      const { label } = description
      return {
        self,
        dataset,
        datasetVersion: schemaVersion(description),
        columns: await columnsFor(spec),
        ...(label === '' ? {} : { label }),
      }
    },
    async admit(spec) {
      const { dataset } = partOf(spec, self)
      const { columns, label } = await describe(dataset)
      decide(config.policy, spec, self, columns)
      await columnsFor(spec)
      if (!needsLabel(spec, self)) return
      if (label === '')
        throw new PlatformError('data.missing-column', { party: self, dataset, problem: 'no label is declared' })
      const kind = labelKind({ config: declared(dataset) })
      const needed = labelKinds(spec)
      if (!needed.includes(kind)) throw new PlatformError('data.label-kind', { party: self, dataset, kind, needed })
    },
    async catalog() {
      const offered: OfferedDataset[] = []
      for (const name of Object.keys(config.datasets)) {
        try {
          const { idKind, rows, columns, label } = await describe(name)
          const rounded = Math.floor(rows / ROW_STEP) * ROW_STEP
          offered.push({ name, id_kind: idKind, rows: rounded, columns: [...columns], label })
        } catch (thrown) {
          const error = toPlatformError(thrown)
          log.warn('dataset.left-out', { dataset: name, code: error.code, reason: error.message })
        }
      }
      return offered
    },
  }
}

/**
 * In a vertical job the guest has the labels, unless its rows are only scored; where models are averaged, every party has
 * those of its own rows.
 */
function needsLabel(spec: JobSpec, self: string): boolean {
  if (spec.score !== undefined) return false
  return isHorizontal(spec) ? spec.average !== undefined : spec.guest.party === self
}

/** What trees of each objective can learn from. */
const KINDS_OF_OBJECTIVES: Readonly<Record<Objective, readonly LabelKind[]>> = {
  logistic: ['binary'],
  squared: ['binary', 'number', 'count'],
  poisson: ['binary', 'count'],
}

/** Labels that every model of a job can learn from. Points are points of odds, so a scorecard needs classes. */
function labelKinds({ bin, train, boost, scorecard, average }: JobSpec): readonly LabelKind[] {
  if ([bin, train, scorecard, average].some((section) => section !== undefined)) return ['binary']
  return boost === undefined ? LABEL_KINDS : KINDS_OF_OBJECTIVES[boost.objective]
}

/** Changes when columns, label or kind of ids change, and not with the rows: data that is refreshed stays approved. */
function schemaVersion({ name, idKind, columns, label }: DatasetDescription): string {
  const facts = JSON.stringify([name, idKind, [...columns].sort(), label])
  return `schema-${createHash('sha256').update(facts).digest('hex').slice(0, 16)}`
}
