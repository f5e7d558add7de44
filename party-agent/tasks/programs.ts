// Binds the tasks of a job to the protocols and to this party's data.
import type { EngineChoice } from '#crypto/he/engine.ts'
import { HePool } from '#crypto/he/pool.ts'
import type { TaskPlan } from '#protocols/core/job-spec.ts'
import type { DataGate } from '../gate.ts'
import type { RoundArchive } from '../disputes/round-archive.ts'
import type { BinningLedger } from '../ledger/binnings.ts'
import type { DifferencingGuard } from '../ledger/guard.ts'
import type { PrivacyBudget } from '../ledger/privacy-budget.ts'
import { bindAlignment } from './align-task.ts'
import type { BoundJob, TaskBinding, TaskPrograms } from './binding.ts'
import { bindAverage } from './average-task.ts'
import { bindBinning } from './bin-task.ts'
import { bindBoosting } from './boost-task.ts'
import { bindProfile } from './profile-task.ts'
import { bindScoring } from './score-task.ts'
import { bindSelection } from './select-task.ts'
import { bindStatistics } from './statistics-task.ts'
import { bindValue } from './value-task.ts'
import { takeOver } from './reuse.ts'
import { bindTraining } from './train-task.ts'

/** All tasks share one pool of encryption workers, opened when the first needs it. */
export class Programs implements TaskPrograms, AsyncDisposable {
  readonly #gate: DataGate
  readonly #he: { readonly workers: number; readonly engine: EngineChoice }
  readonly #guard: DifferencingGuard
  readonly #binnings: BinningLedger
  readonly #privacy: PrivacyBudget
  readonly #archive: RoundArchive | undefined
  #pool: Promise<HePool> | undefined

  constructor(
    gate: DataGate,
    he: { readonly workers: number; readonly engine: EngineChoice },
    guard: DifferencingGuard,
    binnings: BinningLedger,
    privacy: PrivacyBudget,
    archive?: RoundArchive,
  ) {
    this.#gate = gate
    this.#he = he
    this.#guard = guard
    this.#binnings = binnings
    this.#privacy = privacy
    this.#archive = archive
  }

  async open({ task }: Pick<TaskPlan, 'task'>, job: BoundJob): Promise<TaskBinding> {
    // The policy may have changed since the invitation: it is asked again before each task reads data.
    await this.#gate.admit(job.spec)
    const { spec, self } = job
    await takeOver(job.jobDir, spec, self)
    const part = [spec.guest, ...spec.hosts].find(({ party }) => party === self)
    // Closed once it is read: a task holds what it needs, and no engine, for as long as it runs.
    await using dataset = await this.#gate.dataset(part?.dataset ?? '')
    if (task === 'align') return await bindAlignment(job, dataset, this.#guard)
    if (task === 'profile') return await bindProfile(job, dataset, await this.#gate.columnsFor(spec))
    if (task === 'statistics' || task === 'average') {
      const columns = await this.#gate.columnsFor(spec)
      if (task === 'average') return await bindAverage(job, dataset, columns, this.#guard, this.#privacy, this.#archive)
      return await bindStatistics(job, dataset, columns, this.#guard)
    }
    if (task === 'score') return await bindScoring(job, dataset, await this.#gate.columnsFor(spec))
    const pool = await this.#openPool()
    if (task === 'select') return await bindSelection(job, dataset, pool)
    const columns = await this.#gate.columnsFor(spec)
    if (task === 'bin') return await bindBinning(job, dataset, columns, pool, this.#binnings)
    if (task === 'boost') return await bindBoosting(job, dataset, columns, pool)
    if (task === 'value') return await bindValue(job, dataset, columns, pool)
    return await bindTraining(job, dataset, columns, pool)
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await (await this.#pool)?.[Symbol.asyncDispose]()
  }

  #openPool(): Promise<HePool> {
    this.#pool ??= HePool.open(this.#he)
    return this.#pool
  }
}
