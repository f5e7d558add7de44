// Consents of customers: which partner may be asked about whom. Read before any id is masked; an id without a consent is
// not among what a host gets, in whatever form.
import { createHash } from 'node:crypto'
import { type IdKind, normaliseId } from '#protocols/core/ids.ts'
import { PlatformError } from '#runtime/errors.ts'
import { dayOf } from './day.ts'
import type { ConsentConfig } from './dataset-keys.ts'
import { sqlName } from './engine.ts'
import { nearDetail } from './near-names.ts'
import { openSource } from './source.ts'

export interface Consents {
  /** Names rule and file in reports: first 16 hex digits of SHA-256. */
  readonly policyId: string
  /**
   * Whether a consent of this id for the purposes and for this host held on the day: signed on it or before, not ended
   * before it, never withdrawn.
   * @param id normalised @param day YYYY-MM-DD; undefined is no day, and nothing is allowed
   */
  allows(id: string, host: string, day: string | undefined): boolean
}

interface Grant {
  readonly scopes: readonly string[]
  readonly from: string
  readonly to: string
}

/**
 * @param dataset name for errors @param hosts of the job: each must have its word in `scopes`
 * @throws PlatformError data.no-consent-scope, data.missing-column, data.unreadable, data.empty
 */
export async function readConsents(
  dataset: string,
  config: ConsentConfig,
  kind: IdKind,
  hosts: readonly string[],
): Promise<Consents> {
  const unnamed = hosts.filter((host) => !Object.hasOwn(config.scopes, host))
  if (unnamed.length > 0) throw new PlatformError('data.no-consent-scope', { dataset, hosts: unnamed })
  using source = await openSource(config.source, `${dataset} consent`, MEMORY_MB)
  const { id, scope, purpose, signedAt, expiresAt, withdrawnAt } = config
  const names = [id, scope, purpose, signedAt, expiresAt, ...(withdrawnAt === undefined ? [] : [withdrawnAt])]
  const known = source.columns.map((column) => column.name)
  const columns = names.filter((name) => !known.includes(name))
  if (columns.length > 0) {
    const near = nearDetail(columns, known)
    throw new PlatformError('data.missing-column', { dataset: source.dataset, columns, ...near })
  }
  const select = names.map((name, i) => `CAST(${sqlName(name)} AS VARCHAR) AS c${i}`).join(', ')
  const grants = new Map<string, Grant[]>()
  for await (const chunk of source.engine.stream(`SELECT ${select} FROM ${source.relation}`)) {
    const cells = names.map((_, i) => chunk.getColumnValues(i) as (string | null)[])
    for (let row = 0; row < chunk.rowCount; row++) {
      const grant = grantOf(config, (i) => cells[i]?.[row]?.trim() ?? '')
      if (grant === undefined) continue
      const owner = normaliseId(kind, cells[0]?.[row] ?? null)
      if ('id' in owner) grants.set(owner.id, [...(grants.get(owner.id) ?? []), grant])
    }
  }
  await source.assertUnchanged()
  const { source: _, ...rule } = config
  return {
    policyId: createHash('sha256')
      .update(JSON.stringify([rule, source.fingerprint]))
      .digest('hex')
      .slice(0, 16),
    allows(of, host, day) {
      const wanted = config.scopes[host]
      if (wanted === undefined || day === undefined) return false
      const held = grants.get(of) ?? []
      return held.some(({ scopes, from, to }) => from <= day && day <= to && scopes.includes(wanted))
    },
  }
}

const MEMORY_MB = 256

/** @param cell in the order of the columns above, trimmed */
function grantOf({ purposes }: ConsentConfig, cell: (i: number) => string): Grant | undefined {
  const [from, to] = [dayOf(cell(3)), dayOf(cell(4))]
  if (!purposes.includes(cell(2)) || cell(5) !== '' || from === undefined || to === undefined) return undefined
  return {
    scopes: cell(1)
      .split('|')
      .map((word) => word.trim()),
    from,
    to,
  }
}
