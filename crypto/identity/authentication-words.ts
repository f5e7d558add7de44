// The short authentication string: six words that two officers read to each other over another channel.
// words.txt is the English list of BIP-39 (2,048 words, MIT licence): no two share their first four letters.
import { createHash, scrypt } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { promisify } from 'node:util'

const WORDS = 6
const BITS_PER_WORD = 11
/** makes each guess cost 32 MiB and tens of milliseconds, so 66 bits cannot be searched for a second bundle */
const COST = { N: 2 ** 15, r: 8, p: 1, maxmem: 64 * 1024 * 1024 }

const derive = promisify(scrypt) as (
  secret: Uint8Array,
  salt: string,
  length: number,
  cost: typeof COST,
) => Promise<Buffer>
let list: readonly string[] | undefined

/** The 2,048 words in their order. */
export function wordList(): readonly string[] {
  list ??= readFileSync(join(import.meta.dirname, 'words.txt'), 'utf8')
    .trimEnd()
    .split('\n')
  return list
}

/**
 * Six words for a bundle: equal at two places only when both look at the same bytes.
 * @param digest SHA-256 of what is compared, hex
 */
export async function authenticationWords(digest: string): Promise<string> {
  const hash = createHash('sha256').update(`tributary/authentication-words/v1\0${digest}`).digest()
  const bytes = await derive(hash, 'tributary/authentication-words/v1', 16, COST)
  let bits = BigInt(`0x${bytes.toString('hex')}`)
  const words: string[] = []
  for (let i = 0; i < WORDS; i += 1) {
    words.push(wordList()[Number(bits & ((1n << BigInt(BITS_PER_WORD)) - 1n))] as string)
    bits >>= BigInt(BITS_PER_WORD)
  }
  return words.join(' ')
}

/** True for the same words, however they were typed. */
export function sameWords(a: string, b: string): boolean {
  const plain = (text: string) =>
    text
      .toLowerCase()
      .match(/[a-z]+/g)
      ?.join(' ') ?? ''
  return plain(a) !== '' && plain(a) === plain(b)
}
