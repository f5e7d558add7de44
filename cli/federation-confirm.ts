// `tributary federation confirm`: shows what would change, has two officers compare six words, signs, and takes the
// bundle over once enough have signed.
import { createInterface } from 'node:readline/promises'
import type { TrustBundle } from '#crypto/identity/trust.ts'
import { PlatformError } from '#runtime/errors.ts'
import type { CliContext } from './context.ts'
import { EXIT } from './exit-codes.ts'
import { fingerprint } from './fingerprint.ts'
import type { ProposalState } from './enrolment-client.ts'

export interface ConfirmOptions {
  readonly config: string
  readonly words?: string
  readonly wait: string
  readonly json?: true
}

const POLL_MS = 1000

/** @throws PlatformError enrolment.*, trust.*, identity.*, config.*, keys.*, transport.unavailable */
export async function confirmProposal(cli: CliContext, options: ConfirmOptions): Promise<void> {
  const { bundleDigest, signersOf } = await import('#crypto/identity/bundle-signatures.ts')
  const { authenticationWords, sameWords } = await import('#crypto/identity/authentication-words.ts')
  const { adoptBundle, openMembership, requireSignable } = await import('./membership.ts')
  const { connectEnrolment } = await import('./enrolment-client.ts')
  const seconds = Number(options.wait)
  if (!(seconds >= 0 && seconds <= 86_400)) {
    throw new PlatformError('config.invalid', { problems: ['--wait: expected 0 to 86400 seconds'] })
  }
  const deadline = Date.now() + seconds * 1000
  const membership = await openMembership(cli, options.config)
  using client = connectEnrolment(membership.address)
  const shown = await until(
    cli,
    deadline,
    () => client.show(membership.identity),
    ({ bundle }) => bundle !== undefined,
  )
  const { bundle } = shown
  if (bundle === undefined) return report(cli, options, { state: 'waiting', waitingFor: shown.waitingFor })
  const digest = bundleDigest(bundle)
  const { held } = membership
  if (held !== undefined && bundleDigest(held) === digest) return report(cli, options, { state: 'in force', bundle })
  requireSignable(membership, bundle)
  const words = await authenticationWords(digest)
  const compared = signersOf(bundle, bundle).includes(membership.identity.party)
  if (!options.json && !compared) describe(cli, bundle, held, words)
  if (!compared && options.words === undefined && (options.json === true || !(await agree(cli)))) {
    return report(cli, options, { state: 'not signed', bundle, words })
  }
  if (options.words !== undefined && !sameWords(options.words, words)) {
    throw new PlatformError('enrolment.words-differ', { edition: bundle.edition })
  }
  await client.confirm(membership.identity, bundle)
  const signed = await until(
    cli,
    deadline,
    () => client.show(membership.identity),
    ({ adopted }) => adopted,
  )
  if (!signed.adopted || signed.bundle === undefined) {
    const missing = [...signed.missing]
    return report(cli, options, {
      state: 'signed',
      bundle,
      words,
      signed: signed.signed,
      needed: signed.needed,
      missing,
    })
  }
  await adoptBundle(membership, signed.bundle, digest)
  report(cli, options, { state: 'in force', bundle: signed.bundle, words })
}

async function until(
  cli: CliContext,
  deadline: number,
  ask: () => Promise<ProposalState>,
  done: (state: ProposalState) => boolean,
): Promise<ProposalState> {
  for (;;) {
    const state = await ask()
    if (done(state) || Date.now() >= deadline || cli.signal.aborted) return state
    await new Promise((resolve) => setTimeout(resolve, POLL_MS))
  }
}

function describe(cli: CliContext, bundle: TrustBundle, held: TrustBundle | undefined, words: string): void {
  const { t, out } = cli
  out(
    t(
      `Trust bundle ${bundle.edition} of ${bundle.federation}:`,
      `联邦 ${bundle.federation} 信任清单第 ${bundle.edition} 版：`,
    ),
  )
  for (const { party, signingKey } of bundle.parties) {
    const before = held?.parties.find((entry) => entry.party === party)
    const note =
      before === undefined ? t('new', '新增') : before.signingKey === signingKey ? '' : t('NEW KEYS', '密钥变更')
    out(`  ${party}  ${fingerprint(signingKey)}  ${held === undefined ? '' : note}`.trimEnd())
  }
  const gone = held?.parties.filter(({ party }) => !bundle.parties.some((entry) => entry.party === party)) ?? []
  for (const { party } of gone) out(`  ${party}  ${t('REMOVED', '移除')}`)
  out(
    t(
      'Read these words to the officer of the other party by telephone; both must have the same:',
      '请通过电话与对方负责人核对以下六个词，双方必须一致：',
    ),
  )
  out(`\n    ${cli.style('bold', words)}\n`)
}

async function agree(cli: CliContext): Promise<boolean> {
  if (process.stdin.isTTY !== true) return false
  const reader = createInterface({ input: process.stdin, output: process.stderr })
  try {
    const answer = await reader.question(cli.t('Do both have these words? yes/no: ', '双方核对词一致吗？yes/no：'))
    return /^(yes|是)$/i.test(answer.trim())
  } finally {
    reader.close()
  }
}

interface Outcome {
  readonly state: 'waiting' | 'not signed' | 'signed' | 'in force'
  readonly bundle?: TrustBundle
  readonly words?: string
  readonly waitingFor?: readonly string[]
  readonly signed?: readonly string[]
  readonly needed?: number
  readonly missing?: readonly string[]
}

function report(cli: CliContext, options: ConfirmOptions, outcome: Outcome): void {
  const { state, bundle, waitingFor = [], signed = [], needed = 0, missing = [], words = '' } = outcome
  const edition = bundle?.edition ?? 0
  if (state === 'not signed') process.exitCode = EXIT.failed
  if (options.json) return cli.out(JSON.stringify({ state, edition, words, waitingFor, signed, needed, missing }))
  const { t } = cli
  const lines = {
    waiting: t(
      `No proposal yet: ${waitingFor.join(', ')} has not joined. Run this again later.`,
      `尚无待签清单：${waitingFor.join('、')} 尚未加入。请稍后再次运行。`,
    ),
    'not signed': t(
      'Nothing was signed. When the words agree, run this again with --words "…".',
      '未签署。核对一致后，加 --words "……" 再次运行。',
    ),
    signed: t(
      `Signed; ${stillNeeded(needed - signed.length, missing).en}. Run this again to take the bundle over.`,
      `已签署；${stillNeeded(needed - signed.length, missing).zh}。请再次运行以采用清单。`,
    ),
    'in force': t(`Trust bundle ${edition} is in force here.`, `信任清单第 ${edition} 版已在本方生效。`),
  }
  cli.out(lines[state])
}

/** Whose signatures a proposal still waits for. */
function stillNeeded(more: number, missing: readonly string[]): { en: string; zh: string } {
  const members =
    more > 0 ? { en: [`${more} more of the members`], zh: [`还需 ${more} 家成员签名`] } : { en: [], zh: [] }
  const newcomers =
    missing.length > 0 ? { en: [missing.join(', ')], zh: [`还需 ${missing.join('、')} 签名`] } : { en: [], zh: [] }
  return {
    en: `waits for ${[...members.en, ...newcomers.en].join(' and ')}`,
    zh: [...members.zh, ...newcomers.zh].join('，'),
  }
}
