// Runs of the tamper tests, for the quick and the slow suite: how many of each kind, everything from a seed.
import { createHash } from 'node:crypto'
import type { TrustBundle } from '#crypto/identity/trust.ts'
import { bundleBytes } from '#protocols/log/bundle.ts'
import { editionBytes } from '#protocols/log/trust-edition.ts'
import { type Draft, type EvidenceParts, LogEditor } from './log-editing.ts'
import type { Tampering, World } from './tampering.ts'
import { bothVerdicts } from './two-verifiers.ts'

/** Integers below n that follow from the seed. */
export function seeded(seed: string): (n: number) => number {
  let count = 0
  return (n) => {
    const digest = createHash('sha256').update(`${seed} ${count++}`).digest()
    return Number(digest.readBigUInt64BE() % BigInt(n))
  }
}

/** The bundle that an export would make of these parts. */
export async function packParts(
  editor: LogEditor,
  { leaves, checkpoint, editions = editor.log.editions }: EvidenceParts,
): Promise<Uint8Array> {
  const [, federation = '', collaboration = ''] = editor.log.origin.split('/')
  const about = {
    v: 1,
    federation,
    collaboration,
    job: '',
    madeAt: '2026-11-21T08:00:00.000Z',
    madeBy: 'bank',
  } as const
  const pieces: Uint8Array[] = []
  const contents = {
    about,
    origin: editor.log.origin,
    logKey: editor.log.logKey,
    participants: editor.log.participants,
    checkpoint,
    trust: editionText(editions.at(-1) as TrustBundle),
    trustHistory: new Map(editions.slice(0, -1).map((edition) => [edition.edition, editionText(edition)])),
    leaves: () => streamOf(leaves),
  }
  for await (const piece of bundleBytes(contents)) pieces.push(piece)
  return Buffer.concat(pieces)
}

function editionText(edition: TrustBundle): string {
  return Buffer.from(editionBytes(edition)).toString('utf8')
}

async function* streamOf(leaves: readonly Uint8Array[]): AsyncGenerator<Uint8Array> {
  yield* leaves
}

const SEEDS = 4
const honestWorlds = new Map<string, Omit<World, 'below'>>()

/** An honest log of so many jobs; made once for each of a few sets of keys. */
function honestWorld(number: number, { jobs = 1, averaging = false }: Tampering): Omit<World, 'below'> {
  const name = `tamper-${number % SEEDS}/${jobs}/${averaging}`
  let world = honestWorlds.get(name)
  if (world === undefined) {
    const editor = new LogEditor(`tamper-${number % SEEDS}`, averaging)
    const drafts = editor.drafts({ jobs })
    world = { editor, drafts, honest: editor.agreeOn(drafts) }
    honestWorlds.set(name, world)
  }
  return world
}

/** What is wrong with the verifiers, in plain words; empty when both found each instance, for the right reasons. */
export async function missed(tampering: Tampering, times: number): Promise<string[]> {
  const complaints: string[] = []
  for (let number = 0; number < times; number++) {
    const seed = `${tampering.name} ${number}`
    const world: World = { ...honestWorld(number, tampering), below: seeded(seed) }
    const packed = await packParts(world.editor, tampering.apply(world))
    const { own, page } = await bothVerdicts(tampering.onBundle?.(packed, world.below) ?? packed)
    const found = new Set<string>(own.codes)
    const right =
      tampering.all.every((code) => found.has(code)) && (tampering.any ?? own.codes).some((code) => found.has(code))
    if (own.ok || !right) complaints.push(`${seed}: own verifier says ${own.codes.join(' ') || 'valid'}`)
    if (own.ok !== page.ok || own.codes.join() !== page.codes.join()) {
      complaints.push(`${seed}: own verifier says ${own.codes.join(' ')}, the page ${page.codes.join(' ')}`)
    }
  }
  return complaints
}

/** The same for valid logs: any length, other orders of what parties do at the same time, other records in between. */
export async function falseAlarms(times: number): Promise<string[]> {
  const complaints: string[] = []
  for (let number = 0; number < times; number++) {
    const below = seeded(`valid ${number}`)
    const editor = new LogEditor(`valid-${number}`, number % 5 === 4)
    const drafts = shuffled(editor.drafts({ records: 1 + below(number % 10 === 0 ? 400 : 60) }), below)
    const { own, page } = await bothVerdicts(await packParts(editor, editor.agreeOn(withNotes(drafts, below))))
    if (!own.ok || !page.ok) complaints.push(`valid ${number}: ${own.codes.join(' ')} / ${page.codes.join(' ')}`)
  }
  return complaints
}

const IN_ROUND = new Set(['round.opened', 'round.closed', 'msg.sent', 'msg.received', 'key.published', 'cell.released'])

/** Within a round each party writes at its own pace. */
function shuffled(drafts: readonly Draft[], below: (n: number) => number): Draft[] {
  const placeOf = ({ kind, fields }: Draft) =>
    IN_ROUND.has(kind) ? `${fields['job']} ${fields['task']} ${fields['round']}` : ''
  const result: Draft[] = []
  for (let start = 0; start < drafts.length; ) {
    const place = placeOf(drafts[start] as Draft)
    let end = start + 1
    while (end < drafts.length && place !== '' && placeOf(drafts[end] as Draft) === place) end += 1
    const queues = Object.values(Object.groupBy(drafts.slice(start, end), ({ author }) => author)) as Draft[][]
    while (queues.some((queue) => queue.length > 0)) {
      const waiting = queues.filter((queue) => queue.length > 0)
      result.push((waiting[below(waiting.length)] as Draft[]).shift() as Draft)
    }
    start = end
  }
  const times = drafts.map(({ fields }) => fields['time'])
  return result.map((draft, i) => ({ ...draft, fields: { ...draft.fields, time: times[i] } }))
}

/** Records that any party may write at any time. */
function withNotes(drafts: readonly Draft[], below: (n: number) => number): Draft[] {
  return drafts.flatMap((draft, i) => {
    if (i === 0 || below(10) > 0) return [draft]
    const { v, collaboration, author, time } = draft.fields
    const common = { v, collaboration, author, time, job: '' }
    const notes = [
      {
        kind: 'policy.refused',
        fields: { task: '', round: 0, step: '', code: 'policy.purpose', approval: '', decision: 'denied' },
      },
      { kind: 'anomaly', fields: { task: 'train', round: 3, code: 'envelope.replayed', peer: 'tax' } },
      {
        kind: 'access',
        fields: { actor: '王芳 <script>', role: 'auditor', object: 'log', purpose: '审计', decision: 'allowed' },
      },
      { kind: 'export.made', fields: { actor: 'Li Wei', size: i, root: 'cd'.repeat(32) } },
    ]
    const note = notes[below(notes.length)] as { kind: string; fields: object }
    return [{ author: draft.author, kind: note.kind, fields: { ...common, ...note.fields } }, draft]
  })
}
