// The keys of a tree: one for each parameter set that its levels need. Where a level asks for one stream of values, a
// ciphertext carries one value a row, under a smaller modulus than two.
import type { NodeSet } from '#crypto/he/params.ts'
import type { HeKeyPair, HePool } from '#crypto/he/pool.ts'
import type { TaskVault } from '#protocols/core/contract.ts'
import { hiddenLevel, type Pass, setOf, visibleLevel } from './layout.ts'
import type { BoostRows, SecureBoostParams } from './params.ts'

type Setting = BoostRows & { readonly params: SecureBoostParams }

/** Each set once, in the order in which the guest sends its keys. @throws PlatformError boost.invalid above 2^20 training rows */
export function keySets({ params, sets }: Setting): NodeSet[] {
  const none = new Uint32Array(0)
  const levels = Array.from({ length: params.boost.depth }, (_, level) =>
    params.membership === 'hidden' ? hiddenLevel(level, params, none) : visibleLevel([none], params),
  )
  return [...new Set(levels.flat().map(({ values }) => setOf(sets, values).name))]
}

/** Of keys in the order of `keySets`, the one for the ciphertexts of a pass. */
export function keyOf<Key>(keys: readonly Key[], setting: Setting, { values }: Pick<Pass, 'values'>): Key {
  return keys[keySets(setting).indexOf(setOf(setting.sets, values).name)]!
}

/** The guest's pairs for a tree (from 0), made once, also over restarts. */
export function keysOfTree(
  { pool, vault, tree }: { readonly pool: HePool; readonly vault: Pick<TaskVault, 'once'>; readonly tree: number },
  setting: Setting,
): Promise<HeKeyPair[]> {
  return Promise.all(
    keySets(setting).map(async (set) => {
      const make = async () => pool.encodeKeyPair(await pool.generateKey(set))
      return pool.decodeKeyPair(await vault.once(`key/${tree}/${set}`, make))
    }),
  )
}
