// At a guest: what the members of a group must say alike, said once.
import { refuseUnless } from '#protocols/core/codec.ts'

/** What all members said, a host of its own being a group of one. @throws PlatformError protocol.malformed where they differ */
export function sameOfAll<Said>(said: readonly Said[], what: string): Said {
  const [first, ...others] = said.map((one) => JSON.stringify(one))
  refuseUnless(
    others.every((other) => other === first),
    `the same ${what} from each member of a group`,
  )
  return said[0]!
}
