// Bodies of the messages: plain values inside, protobuf at the wire. Foreign bytes are trusted or refused here.
import { checkPoints, POINT_BYTES } from '#crypto/psi/points.ts'
import { messageCodec, refuseUnless } from '#protocols/core/codec.ts'
import { type AlignedSet, SET_NAMES, type SetName } from '#protocols/core/aligned-rows.ts'
import type { Codec } from '#protocols/core/schedule.ts'
import type { PsiCommitment__Output } from '#protos/gen/tributary/v1/PsiCommitment.ts'
import type { PsiIntersection__Output } from '#protos/gen/tributary/v1/PsiIntersection.ts'
import type { PsiPoints__Output } from '#protos/gen/tributary/v1/PsiPoints.ts'
import type { PsiPositions__Output } from '#protos/gen/tributary/v1/PsiPositions.ts'
import type { PsiReceipt__Output } from '#protos/gen/tributary/v1/PsiReceipt.ts'
import type { PsiRowOrder__Output } from '#protos/gen/tributary/v1/PsiRowOrder.ts'
import type { PsiTerms__Output } from '#protos/gen/tributary/v1/PsiTerms.ts'
import { PlatformError } from '#runtime/errors.ts'
import { type Coverage, POINTS_PER_PART, POSITIONS_PER_PART } from './params.ts'
import type { ProfileSummary } from './profile.ts'

export interface PsiTerms {
  readonly protocolVersion: number
  readonly normalisationVersion: number
  readonly idKind: string
  readonly minIntersection: number
  readonly bucket: number
  readonly group: string
  readonly mode: 'inner' | 'left'
  /** of a host in left mode: whether no row means that there is nothing; empty otherwise */
  readonly coverage: Coverage | ''
  /** decoys for each match, in thousandths; 0 in inner mode */
  readonly decoysPermille: number
  readonly profile: ProfileSummary
}

/** Of a set before it is seen. */
export interface Commitment {
  /** 32 bytes */
  readonly sha256: Uint8Array
  /** points of the padded set */
  readonly count: number
}

export type Intersection =
  | { readonly tooSmall: true }
  | { readonly tooSmall: false; readonly count: number; readonly rowKey: Uint8Array }

/** The sets of the common order in left mode. */
export type RowOrder = { readonly tooSmall: true } | { readonly tooSmall: false; readonly sets: readonly AlignedSet[] }

/** rows and digest of the positions that the host applied; 0 and zeros where the intersection was too small */
export interface Receipt {
  readonly count: number
  readonly sha256: Uint8Array
}

export const terms: Codec<PsiTerms> = messageCodec<PsiTerms__Output, PsiTerms>(
  'tributary.v1.PsiTerms',
  (body) => ({
    protocol_version: body.protocolVersion,
    normalisation_version: body.normalisationVersion,
    id_kind: body.idKind,
    min_intersection: body.minIntersection,
    bucket: body.bucket,
    group: body.group,
    mode: body.mode,
    coverage: body.coverage,
    decoys_permille: body.decoysPermille,
    profile: { valid_pct: body.profile.validPct, shapes: body.profile.shapes.map((shape) => ({ ...shape })) },
  }),
  (wire) => {
    refuseUnless(wire.id_kind.length <= 32 && wire.group.length <= 64, 'an id kind and a group of at most 64 letters')
    refuseUnless(wire.profile !== null, 'an id profile')
    const { valid_pct: validPct, shapes } = wire.profile as NonNullable<typeof wire.profile>
    refuseUnless(validPct <= 100 && shapes.length <= 5, 'a share up to 100 % and at most 5 shapes')
    for (const shape of shapes) {
      refuseUnless(shape.pct <= 100 && SHAPE.test(shape.pattern), 'shapes in classes of characters')
    }
    const { mode, coverage } = wire
    refuseUnless(mode === 'inner' || mode === 'left', 'mode inner or left')
    refuseUnless(coverage === '' || coverage === 'complete' || coverage === 'partial', 'coverage complete or partial')
    return {
      protocolVersion: wire.protocol_version,
      normalisationVersion: wire.normalisation_version,
      idKind: wire.id_kind,
      minIntersection: wire.min_intersection,
      bucket: wire.bucket,
      group: wire.group,
      mode: mode as PsiTerms['mode'],
      coverage: coverage as PsiTerms['coverage'],
      decoysPermille: wire.decoys_permille,
      profile: { validPct, shapes },
    }
  },
)

/** What `shapeOf` of protocols/core/ids.ts writes: classes and run lengths, so that no id can stand here. */
const SHAPE = /^(?:[9AaW汉_?-](?:\{\d{1,2}\})?){1,64}…?$/u

export const commitment: Codec<Commitment> = messageCodec<PsiCommitment__Output, Commitment>(
  'tributary.v1.PsiCommitment',
  (body) => ({ sha256: Buffer.from(body.sha256), count: body.count }),
  (wire) => {
    refuseUnless(wire.sha256.length === 32, 'a digest of 32 bytes')
    return { sha256: wire.sha256, count: wire.count }
  },
)

/** Points that are canonical and not of small order: n×32 bytes, n in 1 … 4,096. */
export const points: Codec<Uint8Array> = messageCodec<PsiPoints__Output, Uint8Array>(
  'tributary.v1.PsiPoints',
  (body) => ({ points: Buffer.from(body) }),
  (wire) => {
    refuseUnless(wire.points.length % POINT_BYTES === 0, 'whole points')
    refuseUnless(wire.points.length <= POINTS_PER_PART * POINT_BYTES, `at most ${POINTS_PER_PART} points a message`)
    checkPoints(wire.points)
    return wire.points
  },
)

export const intersection: Codec<Intersection> = messageCodec<PsiIntersection__Output, Intersection>(
  'tributary.v1.PsiIntersection',
  (body) => ({
    too_small: body.tooSmall,
    count: body.tooSmall ? 0 : body.count,
    row_key: body.tooSmall ? Buffer.alloc(0) : Buffer.from(body.rowKey),
  }),
  (wire) => {
    if (wire.too_small) {
      refuseUnless(wire.count === 0 && wire.row_key.length === 0, 'nothing beside "too small"')
      return { tooSmall: true }
    }
    refuseUnless(wire.row_key.length === 32, 'a row key of 32 bytes')
    return { tooSmall: false, count: wire.count, rowKey: wire.row_key }
  },
)

export const rowOrder: Codec<RowOrder> = messageCodec<PsiRowOrder__Output, RowOrder>(
  'tributary.v1.PsiRowOrder',
  (body) => ({ too_small: body.tooSmall, sets: body.tooSmall ? [] : body.sets.map((set) => ({ ...set })) }),
  (wire) => {
    if (wire.too_small) {
      refuseUnless(wire.sets.length === 0, 'nothing beside "too small"')
      return { tooSmall: true }
    }
    const places = wire.sets.map(({ name }) => SET_NAMES.findIndex((known) => known === name))
    refuseUnless(
      places.length > 0 && places.every((place, i) => place > (places[i - 1] ?? -1)),
      'sets by name, each once, in their order',
    )
    refuseUnless(
      wire.sets.every(({ rows }) => rows > 0),
      'sets with rows',
    )
    return { tooSmall: false, sets: wire.sets.map(({ name, rows }) => ({ name: name as SetName, rows })) }
  },
)

export const positions: Codec<Uint32Array> = messageCodec<PsiPositions__Output, Uint32Array>(
  'tributary.v1.PsiPositions',
  (body) => {
    const bytes = Buffer.alloc(body.length * 4)
    for (const [i, position] of body.entries()) bytes.writeUInt32LE(position, i * 4)
    return { positions: bytes }
  },
  (wire) => {
    const bytes = wire.positions
    refuseUnless(bytes.length % 4 === 0 && bytes.length <= POSITIONS_PER_PART * 4, 'positions of 4 bytes')
    const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length)
    return Uint32Array.from({ length: bytes.length / 4 }, (_, i) => view.getUint32(i * 4, true))
  },
)

export const receipt: Codec<Receipt> = messageCodec<PsiReceipt__Output, Receipt>(
  'tributary.v1.PsiReceipt',
  (body) => ({ count: body.count, sha256: Buffer.from(body.sha256) }),
  (wire) => {
    refuseUnless(wire.sha256.length === 32, 'a digest of 32 bytes')
    return { count: wire.count, sha256: wire.sha256 }
  },
)

/** @throws PlatformError psi.count unless `got` items came where `expected` were announced */
export function checkCount(expected: number, got: number, peer: string): void {
  if (expected !== got) throw new PlatformError('psi.count', { peer, expected, got })
}
