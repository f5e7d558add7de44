// The calls of this party's data sets: what is declared, what a check finds, what was spent and released, and the policy.
import {
  type CheckedDataset,
  type DatasetBudget,
  type DatasetFacts,
  type DatasetRow,
  dataCalls,
  type Policy,
} from '#console/api/data.ts'
import { type Served, served } from '#console/server/calls.ts'
import { Sittings } from '#console/server/sittings.ts'
import { ERROR_CODES } from '#runtime/error-catalogue.ts'
import { ERROR_CODES_ZH } from '#runtime/error-catalogue.zh.ts'
import { PlatformError } from '#runtime/errors.ts'
import type { AgentConfig, DatasetConfig } from '../config.ts'
import { missingRule } from '../data/aligned-view.ts'
import { checkDataset, type CheckPart, type DataProblem, type DatasetReport } from '../data/data-check.ts'
import { aliasesOf } from '../data/feature-keys.ts'
import { DifferencingGuard, LEAST_DIFFERENCE } from '../ledger/guard.ts'
import type { OfferedDataset } from '../gate.ts'
import { type AgentParts, readingOf } from './parts.ts'
import { SharedCheck } from './shared-check.ts'

const MOST_CELLS = 500

type DataParts = Pick<AgentParts, 'config' | 'identity' | 'people' | 'gate' | 'privacy' | 'now'>

export function dataServed(parts: DataParts): Served {
  const { config, identity, gate, privacy } = parts
  const guard = new DifferencingGuard(config.home, identity.storageKey)
  const checks = new Map<string, SharedCheck<DatasetReport>>()
  const sittings = new Sittings(() => parts.now().getTime())
  const offeredAs = async (name: string) => (await gate.catalog()).find((offered) => offered.name === name)
  return served(dataCalls, {
    async datasets() {
      const offered = await gate.catalog()
      const rowOf = ([name, declared]: [string, DatasetConfig]) =>
        datasetRow(
          name,
          declared,
          offered.find((one) => one.name === name),
        )
      return { items: Object.entries(config.datasets).map(rowOf) }
    },
    async dataset({ params }) {
      const declared = declaredOf(config, params.name)
      return datasetFacts(identity.party, params.name, declared, await offeredAs(params.name))
    },
    checkDataset: ({ params: { name } }, { signal }) => {
      const declared = declaredOf(config, name)
      const check = (begun: (part: CheckPart) => void) => checkDataset(name, declared, config.resources.memoryMb, begun)
      const running = checks.get(name) ?? new SharedCheck(check, checkedDataset)
      if (!checks.has(name)) {
        checks.set(name, running)
        void running.ended.then(() => checks.delete(name))
      }
      return running.follow(signal)
    },
    async datasetBudget({ params }, { visitor, session }): Promise<DatasetBudget> {
      declaredOf(config, params.name)
      using reading = readingOf(parts, visitor)
      sittings.state(session, 'released', '', () => reading.require('released', ''))
      const { epsilon, delta, limit, jobs } = await privacy.spent(params.name)
      const cells = await guard.released(params.name)
      return {
        privacy: {
          epsilon,
          delta,
          ...(limit === undefined ? {} : { limit: limit.epsilon }),
          jobs: jobs.map(({ job, unit, rounds, epsilon: ofJob, last }) => ({
            job,
            unit,
            rounds,
            epsilon: ofJob,
            last,
          })),
        },
        leastDifference: LEAST_DIFFERENCE,
        cells: cells
          .toReversed()
          .slice(0, MOST_CELLS)
          .map(({ version, job, what, count, total, predicate, time }) => ({
            version,
            job,
            what,
            count,
            total,
            set: predicate.slice(0, 12),
            time,
          })),
        cellCount: cells.length,
        jobs: new Set(cells.map(({ job }) => job)).size,
      }
    },
    policy: () => policyOf(config),
  })
}

/** @throws PlatformError job.unknown-dataset */
function declaredOf({ datasets }: AgentConfig, name: string): DatasetConfig {
  const declared = Object.hasOwn(datasets, name) ? datasets[name] : undefined
  if (declared === undefined) throw new PlatformError('job.unknown-dataset', { dataset: name })
  return declared
}

/** @param offered what others see of it; absent where it cannot be read */
function datasetRow(name: string, declared: DatasetConfig, offered: OfferedDataset | undefined): DatasetRow {
  const { source, ids, label, coverage = 'partial', consent, privacy, columns } = declared
  return {
    name,
    source: source.kind,
    idKind: ids.kind,
    ...(offered === undefined ? {} : { rows: Number(offered.rows) }),
    columns: offered?.columns.length ?? (columns === 'all' ? 0 : columns.length),
    ...(label === undefined ? {} : { label: { column: label.column, kind: label.kind ?? 'binary' } }),
    coverage,
    consent: consent !== undefined,
    ...(privacy === undefined ? {} : { limit: privacy.epsilon }),
  }
}

function datasetFacts(
  party: string,
  name: string,
  declared: DatasetConfig,
  offered: OfferedDataset | undefined,
): DatasetFacts {
  const { ids, features = {}, missing, consent, columns } = declared
  const names = offered?.columns ?? (columns === 'all' ? [] : columns)
  const aliases = offered === undefined ? new Map<string, string>() : aliasesOf(party, name, names, features)
  return {
    row: datasetRow(name, declared, offered),
    columns: names.map((column) => {
      const { en, zh, unit, sign, cuts = [], specials = [] } = features[column] ?? {}
      return {
        name: column,
        alias: aliases.get(column) ?? '',
        ...(en === undefined ? {} : { en }),
        ...(zh === undefined ? {} : { zh }),
        ...(unit === undefined ? {} : { unit }),
        ...(sign === undefined ? {} : { sign }),
        missing: missingRule(missing, column),
        cuts: cuts.length,
        specials: specials.length,
      }
    }),
    ids: {
      column: ids.column,
      kind: ids.kind,
      duplicates: ids.duplicates,
      ...(ids.orderBy === undefined ? {} : { orderBy: ids.orderBy }),
      ...(ids.second === undefined ? {} : { second: `${ids.second.column} (${ids.second.kind})` }),
      ...(ids.sampleId === undefined ? {} : { sampleId: ids.sampleId }),
    },
    ...(consent === undefined
      ? {}
      : {
          consent: {
            purposes: [...consent.purposes],
            hosts: Object.keys(consent.scopes),
            observedAt: consent.observedAt,
          },
        }),
  }
}

function checkedDataset({
  ok,
  rows,
  idKind,
  ids,
  columns,
  label,
  consents = {},
  problems,
}: DatasetReport): CheckedDataset {
  return {
    ok,
    ...(rows === undefined ? {} : { rows }),
    ...(ids === undefined
      ? {}
      : {
          ids: {
            kind: idKind,
            total: ids.total,
            valid: ids.valid,
            empty: ids.empty,
            badFormat: ids.badFormat,
            badCheck: ids.badCheck,
            duplicates: ids.duplicates,
          },
        }),
    columns: columns.map(({ name, missingShare, constant, rule }) => ({ name, missingShare, constant, rule })),
    ...(label === undefined ? {} : { label: { ...label } }),
    consents: { ...consents },
    problems: problems.map(problemWords),
  }
}

function problemWords({ code, level, message, mend }: DataProblem): CheckedDataset['problems'][number] {
  const zh = ERROR_CODES_ZH[code]
  const { summary } = ERROR_CODES[code]
  return {
    code,
    level,
    message,
    summary: { en: summary, zh: zh?.summary ?? summary },
    mend: { en: mend, zh: zh?.mend ?? mend },
  }
}

function policyOf({ policy, approvals }: AgentConfig): Policy {
  const listed = (names: 'any' | readonly string[]) => (names === 'any' ? names : [...names])
  return {
    rules: policy.jobs.map(({ guest, purposes, protocols, datasets, peers, minIntersection, maxRounds }) => ({
      guest,
      purposes: listed(purposes),
      protocols: [...protocols],
      datasets: Object.entries(datasets).map(([name, { columns }]) => ({
        name,
        columns: columns === 'all' ? columns : [...columns],
      })),
      peers: listed(peers),
      minIntersection,
      maxRounds,
    })),
    approvals: approvals === 'off' ? approvals : { ownJobs: approvals.ownJobs, waitSeconds: approvals.waitSeconds },
  }
}
