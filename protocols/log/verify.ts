// The verifier of a log: recomputes the root from the leaves, checks the checkpoint, and applies every rule. It streams,
// so a log of any length needs the memory of its open jobs. Big logs are checked by worker threads.
import { PlatformError } from '#runtime/errors.ts'
import { CompactRange } from '#crypto/log/merkle.ts'
import { type CheckpointFacts, parseNote, parseTreeHead, verifyCheckpoint } from '#crypto/log/note.ts'
import { type CheckedLeaf, makeLeafCheck } from './leaf-check.ts'
import { checkInWorkers } from './leaf-pool.ts'
import { ProblemList, type Problem, type VerifyFacts, type VerifyReport } from './problems.ts'
import { collaborationIdOf, type LogRecord } from './records.ts'
import { LogRules, type Participant } from './rules.ts'

export interface LogIdentity {
  /** `tributary/<federation>/<collaboration>` */
  readonly origin: string
  readonly participants: readonly Participant[]
}

export interface VerifyInput extends LogIdentity {
  /** in order, from leaf 0 */
  readonly leaves: AsyncIterable<Uint8Array>
  /** the signed note */
  readonly checkpoint: Uint8Array
  /** Ed25519 public key of the coordinator's log, 32 bytes; its name in notes is the origin */
  readonly logKey: Uint8Array
  /** worker threads for big logs; 0: none. As many as there are processors unless given. */
  readonly workers?: number
  /** sees each record whose bytes, signature and schema are right, in order */
  readonly watch?: (index: number, record: LogRecord) => void
}

/**
 * A log that grows leaf by leaf, as an agent follows it: what each new leaf breaks, and the root so far. The leaves
 * are not kept.
 */
export class LogFollower {
  readonly #check: (leaf: Uint8Array) => CheckedLeaf
  readonly #tree = new CompactRange()
  readonly #rules: LogRules
  #found: Problem[] = []

  /** @throws PlatformError log.malformed when the origin is not that of these participants */
  constructor({ origin, participants }: LogIdentity) {
    this.#check = makeLeafCheck(participants)
    const collaboration = requireOrigin(origin, participants)
    this.#rules = new LogRules({ collaboration, participants }, (problem) => this.#found.push(problem))
  }

  get size(): number {
    return this.#tree.size
  }

  /** Problems that this leaf shows; some concern earlier leaves. */
  append(leaf: Uint8Array): readonly Problem[] {
    return this.add(this.#check(leaf))
  }

  /** The same for a leaf that makeLeafCheck has seen. */
  add({ hash, digest, record, problem }: CheckedLeaf): readonly Problem[] {
    const index = this.#tree.size
    this.#tree.append(hash)
    if (problem !== undefined) this.#found.push({ ...problem, index })
    if (record !== undefined) this.#rules.add(index, record, digest)
    return this.#taken()
  }

  root(): Uint8Array {
    return this.#tree.root()
  }

  /** What can only be said when no more leaves come. */
  finish(cosigners: VerifyFacts['cosigners'] = []): readonly Problem[] {
    this.#rules.finish(cosigners)
    return this.#taken()
  }

  facts(): ReturnType<LogRules['facts']> {
    return this.#rules.facts()
  }

  #taken(): readonly Problem[] {
    if (this.#found.length === 0) return NOTHING
    const found = this.#found
    this.#found = []
    return found
  }
}

const NOTHING: readonly Problem[] = []

/**
 * Verifies a whole log. Problems are in the report, in the order found; nothing is thrown for what the log contains.
 * @throws PlatformError log.malformed when the origin is not that of the participants; what `leaves` throws
 */
export async function verifyLog(input: VerifyInput): Promise<VerifyReport> {
  const { origin, participants } = input
  const follower = new LogFollower(input)
  const problems = new ProblemList()
  const checkpoint = readCheckpoint(input, problems)
  let rootThen: Uint8Array | undefined = checkpoint?.size === 0 ? follower.root() : undefined
  const checked = checkInWorkers(input.leaves, participants, input.workers)
  for await (const batch of checked) {
    for (const leaf of batch) {
      if (leaf.record !== undefined) input.watch?.(follower.size, leaf.record)
      for (const problem of follower.add(leaf)) problems.add(problem)
      if (follower.size === checkpoint?.size) rootThen = follower.root()
    }
  }
  if (checkpoint !== undefined) compareHeads(checkpoint, follower.size, rootThen, problems)
  for (const problem of follower.finish(checkpoint?.cosigners)) problems.add(problem)
  const root = Buffer.from(follower.root()).toString('hex')
  const cosigners = checkpoint?.cosigners ?? []
  const facts = { origin, size: follower.size, root, cosigners, ...follower.facts() }
  return { ok: problems.count === 0, problems: problems.kept, problemCount: problems.count, facts }
}

/** Signatures and origin; undefined when the note cannot be read. */
function readCheckpoint(input: VerifyInput, problems: ProblemList): CheckpointFacts | undefined {
  const { origin, participants, logKey, checkpoint } = input
  const cosigners = participants.map(({ name, signingKey }) => ({ name, publicKey: signingKey }))
  let facts: CheckpointFacts
  try {
    facts = verifyCheckpoint(checkpoint, { log: { name: origin, publicKey: logKey }, cosigners })
  } catch (thrown) {
    if (!(thrown instanceof PlatformError)) throw thrown
    problems.add({ code: 'checkpoint-signature', text: 'the checkpoint cannot be read' })
    return undefined
  }
  if (facts.origin !== origin)
    problems.add({ code: 'checkpoint-signature', text: `a checkpoint of another log: ${facts.origin}` })
  if (!facts.coordinator) problems.add({ code: 'checkpoint-signature', text: 'the log has not signed this checkpoint' })
  for (const { name } of cosigners) {
    if (facts.invalid.includes(name)) {
      problems.add({ code: 'cosignature-invalid', who: name, text: `the cosignature of ${name} does not verify` })
    } else if (!facts.cosigners.some((cosigner) => cosigner.name === name)) {
      problems.add({ code: 'cosignature-missing', who: name, text: `${name} has not cosigned` })
    }
  }
  return facts
}

/** @param rootThen root of the first `checkpoint.size` leaves, or undefined when there are fewer */
function compareHeads(
  checkpoint: CheckpointFacts,
  size: number,
  rootThen: Uint8Array | undefined,
  problems: ProblemList,
): void {
  if (checkpoint.size !== size) {
    problems.add({ code: 'size-mismatch', text: `the checkpoint has ${checkpoint.size} leaves, the log ${size}` })
  }
  if (rootThen !== undefined && Buffer.compare(rootThen, checkpoint.root) !== 0) {
    problems.add({ code: 'root-mismatch', text: `the first ${checkpoint.size} leaves have another root` })
  }
}

/** The collaboration's id. @throws PlatformError log.malformed */
function requireOrigin(origin: string, participants: readonly Participant[]): string {
  const [head, federation = '', collaboration = '', ...more] = origin.split('/')
  const names = participants.map(({ name }) => name)
  const right = head === 'tributary' && more.length === 0 && collaboration === collaborationIdOf(federation, names)
  if (!right) throw new PlatformError('log.malformed', { what: 'origin', problem: 'not that of these participants' })
  return collaboration
}

/** The size and root that a checkpoint speaks of, its signatures unread. @throws PlatformError log.malformed */
export function headOf(checkpoint: Uint8Array): { readonly size: number; readonly root: Uint8Array } {
  return parseTreeHead(parseNote(checkpoint).text)
}
