// Puts verifier/verifier.js into verifier/verify.html, which has to be one file: the second verifier has one source, and the
// pages of the console run the same bytes. `node scripts/embed-verifier.ts`, with --check only compares.
import { readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { syncFiles } from './generated-files.ts'

const PAGE = 'verifier/verify.html'
const BEGIN = '/* BEGIN VERIFIER'
const END = '/* END VERIFIER */\n'
/** the one line that a page with a plain script cannot have */
const EXPORT = 'export { Verifier }\n'
const read = (path: string) => readFileSync(new URL(`../${path}`, import.meta.url), 'utf8')

/** The page with the verifier of the module in it, by path. @throws RangeError where one of the two has lost its marks */
export function verifierPage(): ReadonlyMap<string, string> {
  const [page, module] = [read(PAGE), read('verifier/verifier.js')]
  const [begin, end] = [page.indexOf(BEGIN), page.indexOf(END)]
  if (begin < 0 || end < begin) throw new RangeError('verify.html has no marks')
  if (!module.endsWith(`${END}${EXPORT}`)) throw new RangeError('verifier.js does not end with its export')
  const source = module.slice(0, -EXPORT.length)
  return new Map([[PAGE, page.slice(0, begin) + source + page.slice(end + END.length)]])
}

if (process.argv[1] === fileURLToPath(import.meta.url))
  process.exitCode = syncFiles(verifierPage(), process.argv.includes('--check'))
