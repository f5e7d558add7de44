// Tampering with the file of a bundle, and with the trust bundle in it.
import { bundleDigest } from '#crypto/identity/bundle-signatures.ts'
import type { TrustBundle, TrustedParty } from '#crypto/identity/trust.ts'
import { type Draft, type EvidenceParts, flipBit, replaced } from './log-editing.ts'
import { syntheticKey } from './synthetic-log.ts'
import type { OnBundle, Tampering, World } from './tampering.ts'

/** A flip within one file of the archive, or within its header. */
function flipInFile(name: string, part: 'header' | 'contents'): OnBundle {
  return (bundle, below) => {
    const header = Buffer.from(bundle).indexOf(`${name}\0`, 0, 'latin1')
    const size = Number.parseInt(Buffer.from(bundle.subarray(header + 124, header + 135)).toString('latin1'), 8)
    return flipBit(bundle, part === 'header' ? header + below(512) : header + 512 + below(size), below(8))
  }
}

export const BUNDLE_TAMPERINGS: readonly Tampering[] = [
  {
    name: 'a bit flipped in the keys of the bundle',
    by: 'file',
    all: [],
    any: ['bundle-malformed', 'checkpoint-signature', 'unknown-key'],
    apply: ({ honest }) => honest,
    onBundle: flipInFile('keys.json', 'contents'),
  },
  {
    name: 'a bit flipped in the checkpoint',
    by: 'file',
    all: [],
    any: ['checkpoint-signature', 'cosignature-invalid', 'cosignature-missing'],
    apply: ({ honest }) => honest,
    onBundle: flipInFile('checkpoint', 'contents'),
  },
  {
    name: 'a bit flipped in a header of the archive',
    by: 'file',
    all: ['bundle-malformed'],
    apply: ({ honest }) => honest,
    onBundle: flipInFile('entries.jsonl', 'header'),
  },
  {
    name: 'the file of the bundle cut short',
    by: 'file',
    all: ['bundle-malformed'],
    apply: ({ honest }) => honest,
    onBundle: (bundle, below) => bundle.slice(0, below(bundle.length)),
  },
]

/** Another trust bundle in the place of one of those in the bundle. */
function onEdition(
  pick: (below: World['below']) => number,
  change: (edition: TrustBundle, below: World['below']) => TrustBundle,
) {
  return ({ editor, honest, below }: World): EvidenceParts => {
    const { editions } = editor.log
    const at = pick(below)
    return { ...honest, editions: replaced(editions, at, change(editions[at] as TrustBundle, below)) }
  }
}

const stranger = Buffer.from(syntheticKey('stranger', 'party').publicKey).toString('base64')
export const TRUST_TAMPERINGS: readonly Tampering[] = [
  {
    name: 'a bit flipped in the trust bundle',
    by: 'file',
    all: [],
    any: ['bundle-malformed', 'trust-mismatch'],
    apply: ({ honest }) => honest,
    onBundle: flipInFile('trust/bundle.yaml', 'contents'),
  },
  {
    name: 'a bit flipped in an earlier trust bundle',
    by: 'file',
    all: [],
    any: ['bundle-malformed', 'trust-mismatch'],
    apply: ({ honest }) => honest,
    onBundle: flipInFile('trust/history/1.yaml', 'contents'),
  },
  {
    name: 'another key of a party in the trust bundle',
    by: 'file',
    all: ['trust-mismatch'],
    apply: onEdition(
      () => 2,
      (edition, below) => {
        const at = below(edition.parties.length)
        const member = { ...(edition.parties[at] as TrustedParty), signingKey: stranger }
        return { ...edition, parties: replaced(edition.parties, at, member) }
      },
    ),
  },
  {
    name: 'another root certificate in an earlier trust bundle',
    by: 'file',
    all: ['trust-mismatch'],
    apply: onEdition(
      (below) => below(2),
      (edition) => ({ ...edition, coordinator: { ...edition.coordinator, rootPem: 'another root\n' } }),
    ),
  },
  {
    name: 'the trust bundle of an earlier time',
    by: 'file',
    all: ['trust-mismatch'],
    apply: ({ editor, honest, below }) => ({ ...honest, editions: editor.log.editions.slice(0, 1 + below(2)) }),
  },
  {
    name: 'an edition of the trust bundle left out',
    by: 'file',
    all: ['trust-mismatch'],
    apply: ({ editor, honest }) => ({ ...honest, editions: editor.log.editions.toSpliced(1, 1) }),
  },
  {
    name: 'opened with a trust bundle that has another key of a party',
    by: 'authors',
    all: ['trust-mismatch'],
    apply({ editor, drafts, below }) {
      const { editions } = editor.log
      const last = editions.at(-1) as TrustBundle
      const at = below(last.parties.length)
      const member = { ...(last.parties[at] as TrustedParty), signingKey: stranger }
      const lie = { ...last, parties: replaced(last.parties, at, member) }
      const [opening, ...rest] = drafts as [Draft, ...Draft[]]
      const told = { ...opening, fields: { ...opening.fields, bundleDigest: bundleDigest(lie) } }
      return { ...editor.agreeOn([told, ...rest]), editions: [...editions.slice(0, -1), lie] }
    },
  },
]
