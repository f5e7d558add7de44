// The kinds of tampering that a verifier must find, as data. Three strengths: `file` edits what anybody can edit,
// `coordinator` also has the log's key, `authors` write, sign and cosign anew, so that only the rules can tell.
import type { ProblemCode } from '#protocols/log/problems.ts'
import { cosignTime, type Draft, type EvidenceParts, flipBit, type LogEditor, replaced } from './log-editing.ts'
import { BUNDLE_TAMPERINGS, TRUST_TAMPERINGS } from './tampering-of-bundles.ts'
import { AUTHOR_TAMPERINGS } from './tampering-by-authors.ts'
import { ADDER_TAMPERINGS } from './tampering-with-adder.ts'

export interface World {
  readonly editor: LogEditor
  readonly drafts: readonly Draft[]
  /** the honest evidence */
  readonly honest: EvidenceParts
  /** an integer from 0 to below n */
  readonly below: (n: number) => number
}

export type OnBundle = (bundle: Uint8Array, below: World['below']) => Uint8Array

export interface Tampering {
  readonly name: string
  readonly by: 'file' | 'coordinator' | 'authors'
  /** whole jobs in the log; 1 unless given */
  readonly jobs?: number
  /** in a log of jobs that average models, with an adder */
  readonly averaging?: boolean
  /** each of these must be found … */
  readonly all: readonly ProblemCode[]
  /** … and at least one of these */
  readonly any?: readonly ProblemCode[]
  readonly apply: (world: World) => EvidenceParts
  /** what is done to the file of the bundle */
  readonly onBundle?: OnBundle
}

const LEAF_BROKEN = ['leaf-malformed', 'leaf-not-canonical', 'leaf-signature', 'unknown-key'] as const

/** A flip within one field of the envelope. */
function flipIn(leaf: Uint8Array, field: string, below: World['below']): Uint8Array {
  const text = Buffer.from(leaf).toString('latin1')
  const start = text.indexOf(`"${field}":"`) + field.length + 4
  const length = text.indexOf('"', start) - start
  return flipBit(leaf, start + below(length), below(7))
}

function onLeaf(change: (leaf: Uint8Array, below: World['below']) => Uint8Array): Tampering['apply'] {
  return ({ honest, below }) => {
    const at = below(honest.leaves.length)
    return { ...honest, leaves: replaced(honest.leaves, at, change(honest.leaves[at] as Uint8Array, below)) }
  }
}

/** Another history of the same parties from a record on: what some of them did was refused instead. */
function forked({ editor, drafts, below }: World): {
  readonly drafts: readonly Draft[]
  readonly leaves: Uint8Array[]
} {
  const at = 1 + below(drafts.length - 1)
  const { author, fields } = drafts[at] as Draft
  const other = { task: '', round: 0, step: '', code: 'policy.refused', approval: '', decision: 'denied' }
  const common = Object.fromEntries(['v', 'collaboration', 'author', 'time', 'job'].map((key) => [key, fields[key]]))
  const fork = [...drafts.slice(0, at), { author, kind: 'policy.refused', fields: { ...common, ...other } }]
  return { drafts: fork, leaves: editor.write(fork) }
}

const lines = (note: Uint8Array): string[] => Buffer.from(note).toString('utf8').split('\n')
const note = (text: readonly string[]): Uint8Array => Buffer.from(text.join('\n'), 'utf8')
const cosignatures = (checkpoint: Uint8Array): string => lines(checkpoint).slice(5).join('\n')
const withCosignatures = (own: Uint8Array, of: Uint8Array): Uint8Array =>
  Buffer.concat([own, Buffer.from(cosignatures(of), 'utf8')])

const FILE_TAMPERINGS: readonly Tampering[] = [
  {
    name: 'a bit flipped in a payload',
    by: 'file',
    all: ['root-mismatch'],
    any: LEAF_BROKEN,
    apply: onLeaf((leaf, below) => flipIn(leaf, 'payload', below)),
  },
  {
    name: 'a bit flipped in a signature',
    by: 'file',
    all: ['root-mismatch'],
    any: LEAF_BROKEN,
    apply: onLeaf((leaf, below) => flipIn(leaf, 'sig', below)),
  },
  {
    name: 'a bit flipped in a key id',
    by: 'file',
    all: ['root-mismatch'],
    any: LEAF_BROKEN,
    apply: onLeaf((leaf, below) => flipIn(leaf, 'keyid', below)),
  },
  {
    name: 'a bit flipped anywhere in a record',
    by: 'file',
    all: ['root-mismatch'],
    any: LEAF_BROKEN,
    apply: onLeaf((leaf, below) => flipBit(leaf, below(leaf.length), below(8))),
  },
  {
    name: 'a record deleted',
    by: 'file',
    all: ['size-mismatch'],
    apply: ({ honest, below }) => ({ ...honest, leaves: honest.leaves.toSpliced(below(honest.leaves.length), 1) }),
  },
  {
    name: 'a record of somebody else inserted',
    by: 'file',
    all: ['size-mismatch', 'unknown-key'],
    apply({ editor, drafts, honest, below }) {
      const draft = drafts[below(drafts.length)] as Draft
      const [leaf] = editor.write([{ ...draft, signer: 'stranger' }])
      return { ...honest, leaves: honest.leaves.toSpliced(below(honest.leaves.length + 1), 0, leaf as Uint8Array) }
    },
  },
  {
    name: 'two records swapped',
    by: 'file',
    all: ['root-mismatch'],
    apply({ honest, below }) {
      const [a, b] = [below(honest.leaves.length - 1), below(honest.leaves.length - 1)]
      const [first, second] = [Math.min(a, b), Math.max(a, b) + 1]
      const { [first]: one, [second]: other } = honest.leaves as Uint8Array[]
      return {
        ...honest,
        leaves: replaced(replaced(honest.leaves, first, other as Uint8Array), second, one as Uint8Array),
      }
    },
  },
  {
    name: 'the log truncated',
    by: 'file',
    all: ['size-mismatch'],
    apply: ({ honest, below }) => ({ ...honest, leaves: honest.leaves.slice(0, below(honest.leaves.length)) }),
  },
  {
    name: 'a record duplicated',
    by: 'file',
    all: ['size-mismatch', 'duplicate-seq'],
    apply({ honest, below }) {
      const at = below(honest.leaves.length)
      const leaf = honest.leaves[at] as Uint8Array
      return { ...honest, leaves: replaced(honest.leaves, at, leaf, leaf) }
    },
  },
  {
    name: 'rolled back to an older checkpoint',
    by: 'file',
    all: ['size-mismatch'],
    apply({ editor, drafts, honest, below }) {
      const older = honest.leaves.slice(0, 1 + below(honest.leaves.length - 1))
      return { ...honest, checkpoint: editor.cosign(editor.sign(older), cosignTime(drafts)) }
    },
  },
  {
    name: 'the origin line changed',
    by: 'file',
    all: ['checkpoint-signature', 'cosignature-invalid'],
    apply: ({ honest }) => {
      const text = lines(honest.checkpoint)
      return { ...honest, checkpoint: note(replaced(text, 0, `${text[0]}0`)) }
    },
  },
  {
    name: 'the size line changed',
    by: 'file',
    all: ['checkpoint-signature', 'cosignature-invalid', 'size-mismatch'],
    apply: ({ honest, below }) => {
      const size = honest.leaves.length + 1 + below(100)
      return { ...honest, checkpoint: note(replaced(lines(honest.checkpoint), 1, String(size))) }
    },
  },
  {
    name: 'the root line changed',
    by: 'file',
    all: ['checkpoint-signature', 'cosignature-invalid', 'root-mismatch'],
    apply: ({ honest, below }) => {
      const text = lines(honest.checkpoint)
      const root = flipBit(Buffer.from(String(text[2]), 'base64'), below(32), below(8))
      return { ...honest, checkpoint: note(replaced(text, 2, Buffer.from(root).toString('base64'))) }
    },
  },
  {
    name: "the log's signature removed",
    by: 'file',
    all: ['checkpoint-signature'],
    apply: ({ honest }) => ({ ...honest, checkpoint: note(lines(honest.checkpoint).toSpliced(4, 1)) }),
  },
  {
    name: 'a cosigner removed',
    by: 'file',
    all: ['cosignature-missing'],
    apply: ({ honest, below }) => ({
      ...honest,
      checkpoint: note(lines(honest.checkpoint).toSpliced(5 + below(3), 1)),
    }),
  },
  {
    name: 'a cosignature with another time',
    by: 'file',
    all: ['cosignature-invalid'],
    apply({ honest, below }) {
      const text = lines(honest.checkpoint)
      const at = 5 + below(3)
      const [dash, name, blob] = String(text[at]).split(' ')
      const bytes = Buffer.from(String(blob), 'base64')
      bytes[11] = (bytes[11] ?? 0) ^ (1 << below(8)) // the last byte of the time, after the 4 of the key id
      return { ...honest, checkpoint: note(replaced(text, at, `${dash} ${name} ${bytes.toString('base64')}`)) }
    },
  },
]

const COORDINATOR_TAMPERINGS: readonly Tampering[] = [
  {
    name: 'a record changed and the checkpoint signed anew',
    by: 'coordinator',
    all: ['cosignature-invalid'],
    any: LEAF_BROKEN,
    apply(world) {
      const { leaves } = onLeaf((leaf, below) => flipIn(leaf, 'payload', below))(world)
      return { leaves, checkpoint: withCosignatures(world.editor.sign(leaves), world.honest.checkpoint) }
    },
  },
  {
    name: 'a record dropped and the checkpoint signed anew',
    by: 'coordinator',
    all: ['cosignature-invalid'],
    apply({ editor, honest, below }) {
      const leaves = honest.leaves.toSpliced(below(honest.leaves.length), 1)
      return { leaves, checkpoint: withCosignatures(editor.sign(leaves), honest.checkpoint) }
    },
  },
  {
    name: 'a fork after a record, with the cosignatures of the other branch',
    by: 'coordinator',
    all: ['cosignature-invalid'],
    apply(world) {
      const { leaves } = forked(world)
      return { leaves, checkpoint: withCosignatures(world.editor.sign(leaves), world.honest.checkpoint) }
    },
  },
  {
    name: 'a fork that one party did not cosign',
    by: 'coordinator',
    all: ['cosignature-missing'],
    apply(world) {
      const { leaves, drafts } = forked(world)
      const names = world.editor.log.participants.map(({ name }) => name).toSpliced(world.below(3), 1)
      return { leaves, checkpoint: world.editor.cosign(world.editor.sign(leaves), cosignTime(drafts), names) }
    },
  },
  {
    name: 'cosignatures of another size',
    by: 'coordinator',
    all: ['cosignature-invalid'],
    apply({ editor, drafts, honest, below }) {
      const older = editor.sign(honest.leaves.slice(0, 1 + below(honest.leaves.length - 1)))
      const cosigned = editor.cosign(older, cosignTime(drafts))
      return { ...honest, checkpoint: withCosignatures(editor.sign(honest.leaves), cosigned) }
    },
  },
  {
    name: 'a cosignature by a wrong key under a right name',
    by: 'coordinator',
    all: ['cosignature-invalid'],
    apply({ honest, below }) {
      const text = lines(honest.checkpoint)
      const at = 5 + below(3)
      const [dash, name, blob] = String(text[at]).split(' ')
      const other = String(text[5 + ((at - 5 + 1) % 3)]).split(' ')[2]
      // its own key id, the time and signature of another party
      const bytes = Buffer.concat([
        Buffer.from(String(blob), 'base64').subarray(0, 4),
        Buffer.from(String(other), 'base64').subarray(4),
      ])
      return { ...honest, checkpoint: note(replaced(text, at, `${dash} ${name} ${bytes.toString('base64')}`)) }
    },
  },
  {
    name: 'cosigned before the last record was written',
    by: 'coordinator',
    all: ['time-backwards'],
    apply({ editor, drafts, honest, below }) {
      const time = new Date(cosignTime(drafts).getTime() - 60_000 * (1 + below(100)))
      return { ...honest, checkpoint: editor.cosign(editor.sign(honest.leaves), time) }
    },
  },
]

export const TAMPERINGS: readonly Tampering[] = [
  ...FILE_TAMPERINGS,
  ...BUNDLE_TAMPERINGS,
  ...TRUST_TAMPERINGS,
  ...COORDINATOR_TAMPERINGS,
  ...AUTHOR_TAMPERINGS,
  ...ADDER_TAMPERINGS,
]
