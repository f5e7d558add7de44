// The who-learns-what cards of the protocols that run here: what an approval names by digest and its signers read.
import { createHash } from 'node:crypto'
import { canonicalJson } from '#crypto/log/jcs.ts'
import type { CardDigests } from '#protocols/core/approval.ts'
import type { Card } from '#protocols/core/card.ts'
import { CARD as BINNING } from '#protocols/binning-iv/card.ts'
import { CARD as FEDAVG } from '#protocols/fedavg/card.ts'
import { CARD as GROUP } from '#protocols/group/card.ts'
import { CARD as PROFILE } from '#protocols/profile/card.ts'
import { CARD as PSI } from '#protocols/psi/card.ts'
import { CARD as SECUREBOOST } from '#protocols/secureboost/card.ts'
import { CARD as VERTICAL_LR } from '#protocols/vertical-lr/card.ts'

export const CARDS: readonly Card[] = [BINNING, FEDAVG, GROUP, PROFILE, PSI, SECUREBOOST, VERTICAL_LR]

/** SHA-256 in hex of the card's canonical JSON. */
export function cardDigest(card: Card): string {
  return createHash('sha256').update(canonicalJson(card)).digest('hex')
}

export function cardDigests(cards: readonly Card[] = CARDS): CardDigests {
  return new Map(
    cards.map((card) => [
      card.protocol,
      {
        version: card.version,
        card: cardDigest(card),
        releases: card.messages.flatMap(({ schedule, step, from, arity, release }) =>
          release === undefined ? [] : [{ schedule, step, from, arity, digits: release.digits }],
        ),
      },
    ]),
  )
}
