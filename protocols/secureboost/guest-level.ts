// One level of a tree at the guest: encrypts what the nodes' rows carry and sends it to the hosts, while their sums come in.
import type { Growth } from '#credit/trees/growth.ts'
import { type Quantised, streams as streamsOf } from '#credit/trees/quantise.ts'
import type { HeKeyPair, HePool } from '#crypto/he/pool.ts'
import { release } from '#crypto/he/raw.ts'
import type { RoleAudience, RoleChannel } from '#protocols/core/channel.ts'
import type { TaskContext } from '#protocols/core/contract.ts'
import type { ShownColumn } from './bodies.ts'
import { receiveSums } from './guest-sums.ts'
import { type BlockPart, blockParts, cipherStreams, type Pass, rowsPerBlock } from './layout.ts'
import type { BOOSTING } from './messages.ts'

/** A host in one tree, or a group of them. */
export interface TreeHost {
  /** 1 … K */
  readonly owner: number
  readonly name: string
  /** to the host, or to each member of the group */
  readonly channels: readonly RoleChannel<typeof BOOSTING, 'guest'>[]
  /** in the order in which it answers */
  readonly columns: readonly ShownColumn[]
  /** messages received in this round so far, of each member */
  readonly counters: { sums: number; sides: number }
}

export interface LevelRun {
  readonly task: TaskContext
  readonly pool: HePool
  readonly keyOf: (pass: Pick<Pass, 'values'>) => HeKeyPair
  readonly hosts: readonly TreeHost[]
  /** all of them, and all members of groups */
  readonly everyone: RoleAudience<typeof BOOSTING, 'guest'>
  readonly quantised: Quantised
  readonly growth: Growth
  /** messages of rows sent in this round so far */
  readonly counters: { rows: number }
  /** for people: which tree and level */
  readonly phase: string
}

/** A pass, and the node that each of its streams is about; undefined for streams of zeros, whose answers nobody opens. */
export interface NodePass extends Pass {
  readonly nodes: readonly (number | undefined)[]
}

/**
 * Sends the rows of the passes of a level to all hosts and gives the sums that they answer with to the growing tree. The
 * rows of a pass do not wait for the sums of the one before.
 */
export async function runPasses(run: LevelRun, passes: readonly NodePass[]): Promise<void> {
  const sendAll = async () => {
    for (const pass of passes) await sendRows(run, pass)
  }
  const receiveAll = async (host: TreeHost) => {
    for (const pass of passes) await receiveSums(run, pass, host)
  }
  await Promise.all([sendAll(), ...run.hosts.map(receiveAll)])
}

async function sendRows(run: LevelRun, pass: NodePass): Promise<void> {
  const { task, everyone, counters, phase } = run
  const key = run.keyOf(pass)
  const parts = blockParts(pass)
  const encrypted = encryptedParts(run, pass, parts)
  for (const [i, { end }] of parts.entries()) {
    task.signal.throwIfAborted()
    const address = { part: counters.rows++, keyId: key.publicKey.id }
    // the same ciphertexts go to every host, sealed and sent once; none are made where all were stored before a restart
    await everyone.send('rows', () => encrypted(i), address)
    const done = Math.min(pass.rowCount, end * rowsPerBlock(pass))
    task.progress({ phase, done, total: pass.rowCount, unit: 'rows' })
  }
}

/** The ciphertexts of a part, each made once; the next part is begun with it, so that no thread waits for a message. */
function encryptedParts(
  run: LevelRun,
  pass: NodePass,
  parts: readonly BlockPart[],
): (part: number) => Promise<Uint8Array[]> {
  const { pool } = run
  const key = run.keyOf(pass)
  const values = valuesOf(run, pass)
  const perBlock = rowsPerBlock(pass)
  const made = new Map<number, Promise<Uint8Array[]>>()
  const encrypt = ({ first, end }: BlockPart) =>
    Promise.all(
      Array.from({ length: cipherStreams(pass) }, (_, stream) =>
        Array.from({ length: end - first }, (__, i) => {
          const from = (first + i) * perBlock
          const rows = values
            .slice(stream * pass.values, (stream + 1) * pass.values)
            .map((all) => all.subarray(from, Math.min(pass.rowCount, from + perBlock)))
          return pool.encryptRows(key, rows[0]!, rows[1])
        }),
      ).flat(),
    )
  const begin = (part: number) => {
    const found = made.get(part) ?? encrypt(parts[part]!)
    found.catch(() => undefined) // told to whoever waits for it
    made.set(part, found)
    return found
  }
  return (part) => {
    const asked = begin(part)
    void made.get(part - 1)?.then((sent) => sent.forEach(release))
    made.delete(part - 1)
    if (part + 1 < parts.length) void begin(part + 1)
    return asked
  }
}

/** What each stream carries: residues, zero where a row is not in the node. In shared memory, where workers read it. */
function valuesOf({ quantised, growth }: LevelRun, { nodes, rows, rowCount, streams }: NodePass): Float64Array[] {
  const residues = streamsOf(quantised)
  const kinds = streams / nodes.length
  const places = new Int32Array(residues[0]!.length).fill(-1)
  for (let i = 0; i < rowCount; i++) places[rows[i]!] = i
  return nodes.flatMap((node) =>
    Array.from({ length: kinds }, (_, kind) => {
      const all = residues[kind]!
      const values = new Float64Array(new SharedArrayBuffer(8 * rowCount))
      if (node === undefined) return values
      for (const row of growth.rowsOf(node)) if (places[row]! >= 0) values[places[row]!] = all[row]!
      return values
    }),
  )
}
