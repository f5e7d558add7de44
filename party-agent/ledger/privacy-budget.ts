// What the training rounds of all jobs have told about each data set, as ε: kept over restarts and over versions of the
// data, and the refusal of a round that would pass what the owner of the data set, or the job, allows.
//
// One sealed file for each data set and job, <home>/privacy-spent/<data set>/<job>.spent. A round is written down before
// it is protected and sent: what was charged and then lost is charged all the same. Only a round that was voided is taken
// back, when another takes its place: it was never opened, and what would open it never left.
import { createHash } from 'node:crypto'
import { mkdir, readdir } from 'node:fs/promises'
import { join } from 'node:path'
import {
  type PrivacyCharge,
  privacySpend,
  type PrivacySpend,
  type RoundMechanism,
} from '#protocols/fedavg/privacy/accountant.ts'
import type { PrivacySettings } from '#protocols/fedavg/privacy/settings.ts'
import { PlatformError } from '#runtime/errors.ts'
import type { Secret } from '#runtime/secret.ts'
import { readSealed, sealingKey, writeSealed } from '#crypto/sealed-file.ts'

/** At which ε is told where the owner of a data set set no limit. */
export const USUAL_DELTA = 1e-5

/** What the owner of a data set allows all jobs together. */
export interface PrivacyLimit {
  readonly epsilon: number
  readonly delta: number
}

export interface JobSpend {
  readonly job: string
  readonly unit: PrivacySettings['unit']
  readonly rounds: number
  /** of this job alone, at the δ of the data set; smaller than its part of the whole may seem: ε does not simply add up */
  readonly epsilon: number
  /** times of the first and the last round, ISO 8601 */
  readonly first: string
  readonly last: string
}

export interface DatasetSpend {
  readonly dataset: string
  /** of all jobs together, for any one row */
  readonly epsilon: number
  readonly delta: number
  readonly limit?: PrivacyLimit
  /** oldest first */
  readonly jobs: readonly JobSpend[]
}

interface StoredRound {
  /** hex label: the same round with other participants has another */
  readonly round: string
  /** see PrivacyCharge; absent in files of older versions, which have no voided rounds */
  readonly turn?: number
  readonly mechanism: RoundMechanism
  readonly time: string
}

interface StoredJob {
  readonly v: 1
  readonly dataset: string
  readonly job: string
  readonly unit: PrivacySettings['unit']
  readonly rounds: readonly StoredRound[]
}

export class PrivacyBudget {
  readonly #folder: string
  readonly #key: Secret
  readonly #now: () => Date
  readonly #limitOf: (dataset: string) => PrivacyLimit | undefined
  #last: Promise<unknown> = Promise.resolve()

  /** @param home of the party; what was spent lives in `privacy-spent/` in it */
  constructor(
    home: string,
    storageKey: Secret,
    options: {
      /** what the owner of a data set allows; undefined for no limit but that of each job */
      readonly budgetFor?: (dataset: string) => PrivacyLimit | undefined
      readonly now?: () => Date
    } = {},
  ) {
    this.#folder = join(home, 'privacy-spent')
    this.#key = sealingKey(storageKey, 'privacy-spent')
    this.#now = options.now ?? (() => new Date())
    this.#limitOf = options.budgetFor ?? (() => undefined)
  }

  /**
   * The account of one job on one data set. A round is charged once, however often it is asked for; the answer is what
   * the job has cost so far. One charge at a time, over all jobs.
   * @throws PlatformError privacy.budget-spent, privacy.round-differs, storage.full, storage.damaged
   */
  chargeFor(account: {
    readonly dataset: string
    readonly job: string
    readonly settings: Pick<PrivacySettings, 'unit' | 'budget' | 'delta'>
  }): PrivacyCharge {
    return ({ round, turn, mechanism }) => {
      const asked = { round, mechanism, ...(turn !== undefined && { turn }) }
      const done = this.#last.then(() => this.#charge(account, asked))
      this.#last = done.catch(() => undefined)
      return done
    }
  }

  /** @throws PlatformError storage.damaged */
  async spent(dataset: string): Promise<DatasetSpend> {
    const jobs = await this.#stored(dataset)
    const { limit, delta } = this.#limit(dataset)
    return {
      dataset,
      epsilon: costOf(
        jobs.flatMap(({ rounds }) => rounds),
        delta,
      ).epsilon,
      delta,
      ...(limit === undefined ? {} : { limit }),
      jobs: jobs.map(({ job, unit, rounds }) => ({
        job,
        unit,
        rounds: rounds.length,
        epsilon: costOf(rounds, delta).epsilon,
        first: rounds[0]?.time ?? '',
        last: rounds.at(-1)?.time ?? '',
      })),
    }
  }

  /** What so many rounds would make of a data set's ε. For who decides about a job. @throws PlatformError storage.damaged */
  async foresee(asked: {
    readonly dataset: string
    readonly mechanism: RoundMechanism
    readonly rounds: number
  }): Promise<{
    readonly before: number
    readonly after: number
    readonly delta: number
    readonly limit?: PrivacyLimit
  }> {
    const { dataset, mechanism, rounds } = asked
    const { limit, delta } = this.#limit(dataset)
    const before = (await this.#stored(dataset)).flatMap((one) => one.rounds)
    const more = Array.from({ length: rounds }, () => ({ mechanism }))
    return {
      before: costOf(before, delta).epsilon,
      after: costOf([...before, ...more], delta).epsilon,
      delta,
      ...(limit === undefined ? {} : { limit }),
    }
  }

  async #charge(
    { dataset, job, settings }: Parameters<PrivacyBudget['chargeFor']>[0],
    { round, turn, mechanism }: Parameters<PrivacyCharge>[0],
  ): Promise<PrivacySpend> {
    const jobs = await this.#stored(dataset)
    const own = jobs.find((one) => one.job === job) ?? { v: 1, dataset, job, unit: settings.unit, rounds: [] }
    const before = own.rounds.find((one) => one.round === round)
    if (before !== undefined) {
      if (!isSame(before.mechanism, mechanism)) throw new PlatformError('privacy.round-differs', { job, dataset })
      return costOf(own.rounds, settings.delta)
    }
    // another round of the same turn was voided: nobody has its sum, nor the keys to it
    const counted = own.rounds.filter((one) => one.turn === undefined || one.turn !== turn)
    const now = this.#now().toISOString()
    const rounds = [...counted, { round, ...(turn !== undefined && { turn }), mechanism, time: now }]
    const spend = costOf(rounds, settings.delta)
    if (spend.epsilon > settings.budget)
      throw new PlatformError('privacy.budget-spent', { of: 'job', job, budget: settings.budget })
    const { limit } = this.#limit(dataset)
    const others = jobs.filter((one) => one.job !== job).flatMap((one) => one.rounds)
    // Neither what is left nor the limit: the refusal goes to all parties.
    if (limit !== undefined && costOf([...others, ...rounds], limit.delta).epsilon > limit.epsilon)
      throw new PlatformError('privacy.budget-spent', { of: 'data set', dataset })
    const folder = join(this.#folder, digest16(dataset))
    await mkdir(folder, { recursive: true, mode: 0o700 })
    const name = `${job}.spent`
    const stored: StoredJob = { ...own, v: 1, rounds }
    await writeSealed(join(folder, name), nameIn(dataset, name), this.#key, Buffer.from(JSON.stringify(stored)))
    return spend
  }

  #limit(dataset: string): { readonly limit: PrivacyLimit | undefined; readonly delta: number } {
    const limit = this.#limitOf(dataset)
    return { limit, delta: limit?.delta ?? USUAL_DELTA }
  }

  async #stored(dataset: string): Promise<readonly StoredJob[]> {
    const folder = join(this.#folder, digest16(dataset))
    const names = await readdir(folder).catch((error: NodeJS.ErrnoException) => {
      if (error.code === 'ENOENT') return []
      throw error
    })
    const stored: StoredJob[] = []
    for (const name of names.filter((file) => file.endsWith('.spent') && !file.startsWith('.'))) {
      const bytes = await readSealed(join(folder, name), nameIn(dataset, name), this.#key)
      if (bytes !== undefined) stored.push(JSON.parse(Buffer.from(bytes).toString('utf8')) as StoredJob)
    }
    return stored.toSorted((a, b) => ((a.rounds[0]?.time ?? '') < (b.rounds[0]?.time ?? '') ? -1 : 1))
  }
}

function costOf(rounds: readonly Pick<StoredRound, 'mechanism'>[], delta: number): PrivacySpend {
  return privacySpend(
    rounds.map(({ mechanism }) => mechanism),
    delta,
  )
}

function isSame(a: RoundMechanism, b: RoundMechanism): boolean {
  return a.sampleRate === b.sampleRate && a.noiseMultiplier === b.noiseMultiplier
}

/** A file does not open in the folder of another data set. */
function nameIn(dataset: string, file: string): string {
  return `${digest16(dataset)}/${file}`
}

function digest16(text: string): string {
  return createHash('sha256').update(text).digest('hex').slice(0, 16)
}
