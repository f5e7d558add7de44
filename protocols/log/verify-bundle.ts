// From an evidence bundle to a report: what the command line and the tests call.
import { PlatformError } from '#runtime/errors.ts'
import { openBundle, type BundleKeys } from './bundle.ts'
import type { Problem, VerifyReport } from './problems.ts'
import { trustProblems } from './trust-edition.ts'
import { type VerifyInput, verifyLog } from './verify.ts'

/**
 * Verifies a bundle. A bundle says itself whose keys it is signed with: give the keys you know to compare them.
 * @param from the bytes of the bundle or the path of its file
 * @param options.known keys from the verifier's own trust bundle
 */
export async function verifyBundle(
  from: Uint8Array | string,
  options: { readonly known?: BundleKeys } & Pick<VerifyInput, 'workers' | 'watch'> = {},
): Promise<VerifyReport> {
  try {
    await using bundle = await openBundle(from)
    const { origin, participants, logKey, checkpoint, about } = bundle
    if (origin !== `tributary/${about.federation}/${about.collaboration}`) {
      throw new PlatformError('log.malformed', { problem: 'about.json is of another log' })
    }
    const { known, ...how } = options
    const report = await verifyLog({ origin, participants, logKey, checkpoint, leaves: bundle.leaves(), ...how })
    return withProblems(report, [...trustProblems(bundle, report.facts.trust), ...foreignKeys(bundle, known)])
  } catch (thrown) {
    if (!(thrown instanceof PlatformError) || !/^log\.(malformed|not-canonical)$/.test(thrown.code)) throw thrown
    const problem = String(thrown.detail.problem ?? thrown.code)
    return withProblems(EMPTY, [{ code: 'bundle-malformed', text: `the bundle cannot be read: ${problem}` }])
  }
}

function foreignKeys(bundle: BundleKeys, known: BundleKeys | undefined): Problem[] {
  if (known === undefined) return []
  const problems: Problem[] = []
  const other = (a: Uint8Array, b: Uint8Array | undefined) => b === undefined || Buffer.compare(a, b) !== 0
  if (bundle.origin !== known.origin) problems.push({ code: 'unknown-key', text: `a bundle of ${bundle.origin}` })
  if (other(bundle.logKey, known.logKey))
    problems.push({ code: 'unknown-key', text: 'the log key is not the one known' })
  for (const { name, signingKey } of bundle.participants) {
    const party = known.participants.find((participant) => participant.name === name)
    if (other(signingKey, party?.signingKey))
      problems.push({ code: 'unknown-key', who: name, text: `the key of ${name} is not the one known` })
  }
  return problems
}

function withProblems(report: VerifyReport, more: readonly Problem[]): VerifyReport {
  if (more.length === 0) return report
  return {
    ...report,
    ok: false,
    problems: [...more, ...report.problems],
    problemCount: report.problemCount + more.length,
  }
}

const EMPTY: VerifyReport = {
  ok: true,
  problems: [],
  problemCount: 0,
  facts: {
    origin: '',
    size: 0,
    root: '',
    cosigners: [],
    kinds: {},
    authors: [],
    trust: '',
    jobs: { proposed: 0, closed: 0 },
    sent: [],
  },
}
