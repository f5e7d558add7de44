// For tests: a small job on tables made from a seed, with planted values.
import { openStream } from '../synth/stream.ts'
import type { LabPlan } from '../lab/lab-file.ts'
import { parseLab } from '../lab/lab-file.ts'
import type { TableFolder } from './fixtures.ts'

/** Values that no computation would make by itself; one row in ten has each. */
export const CANARIES = { guest: 271828.18284590452, host: 987654321 } as const
export const JOB_NAME = 'CANARY-JOB-NAME'

const ROWS = 1500
const SEED = 7

export interface SmallJobOptions {
  readonly rounds?: number
  readonly peerSeconds?: number
  readonly hosts?: readonly string[]
  /** bins, selection, a scorecard and what each host is worth, instead of a plain model */
  readonly scorecard?: boolean
}

const SCORECARD = {
  bin: { bins: 5 },
  select: { keep: ['TAX.F01', 'SOCIAL.F01'], maximumCorrelation: 1, maximumVif: 1000 },
  train: { columns: 'woe', rounds: 4, standardErrors: true },
  scorecard: {},
  value: {},
}

export const ID_PREFIX = '73000'
export const ID_LENGTH = 10

/** Ids of a small job: all of this length and with this prefix; they are numbers, so that the split can be by their remainder and the same in each run. */
export function smallJobIds(): readonly string[] {
  return Array.from(
    { length: ROWS },
    (_, i) => `${ID_PREFIX}${String(31 * i).padStart(ID_LENGTH - ID_PREFIX.length, '0')}`,
  )
}

/** Writes the tables and returns the plan: a guest with three columns, hosts with three each. */
export async function planSmallJob(folder: TableFolder, options: SmallJobOptions = {}): Promise<LabPlan> {
  const hosts = options.hosts ?? ['tax']
  const ids = smallJobIds()
  const latent = (stream: number) => ids.map((_, i) => openStream(SEED, stream, i).normal())
  const [guestRisk, hostRisk] = [latent(1), latent(2)]
  const noisy = (of: readonly number[], stream: number, canary?: number) =>
    of.map((x, i) => {
      const random = openStream(SEED, stream, i)
      if (canary !== undefined && random.uniform() < 0.1) return String(canary)
      return (x + random.normal()).toFixed(6)
    })
  const labels = ids.map((_, i) => {
    const logOdds = (guestRisk[i] ?? 0) + (hostRisk[i] ?? 0) - 0.5
    return openStream(SEED, 3, i).uniform() < 1 / (1 + Math.exp(-logOdds)) ? '1' : '0'
  })
  const guest = [ids, labels, noisy(guestRisk, 10, CANARIES.guest), noisy(guestRisk, 11), noisy(guestRisk, 12)]
  await folder.write('bank.csv', { header: ['id', 'y', 'a', 'b', 'c'], rows: transpose(guest) })
  const declared = (party: string) => ({
    dataset: 'rows',
    source: { csv: `${party}.csv` },
    ids: { column: 'id', kind: 'plain' },
    ...(party === 'bank' ? { label: { column: 'y' } } : {}),
  })
  for (const [k, party] of hosts.entries()) {
    const columns = [
      ids,
      noisy(hostRisk, 20 + 3 * k, CANARIES.host),
      noisy(hostRisk, 21 + 3 * k),
      noisy(hostRisk, 22 + 3 * k),
    ]
    await folder.write(`${party}.csv`, { header: ['id', 'd', 'e', 'f'], rows: transpose(columns) })
  }
  const job = {
    name: JOB_NAME,
    guest: { party: 'bank', dataset: 'rows' },
    hosts: hosts.map((party) => ({ party, dataset: 'rows' })),
    align: { minIntersection: 100 },
    split: { kind: 'id-modulo', divisor: 5, remainder: 0 },
    train: { rounds: options.rounds ?? 6 },
    ...(options.scorecard === true ? SCORECARD : {}),
    deadlines: { peerSeconds: options.peerSeconds ?? 120 },
  }
  const parties = Object.fromEntries(['bank', ...hosts].map((party) => [party, declared(party)]))
  return parseLab(JSON.stringify({ parties, job }), folder.path)
}

function transpose(columns: readonly (readonly string[])[]): string[][] {
  return (columns[0] ?? []).map((_, i) => columns.map((column) => column[i] ?? ''))
}
