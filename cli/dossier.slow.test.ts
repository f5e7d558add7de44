import { execFile } from 'node:child_process'
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { type Draft, LogEditor } from '#experiments/log/log-editing.ts'
import { packParts } from '#experiments/log/tamper-runs.ts'
import { PROBLEM_TEXTS } from '#protocols/log/problem-texts.ts'
import { PROBLEM_CODES } from '#protocols/log/problems.ts'
import { testContext } from './test-context.ts'
import { escapeText } from '#runtime/markup.ts'
import { formatDossier } from '#party-agent/dossier/page.ts'
import { fileDigest, readEvidence, VERIFIER_PAGE } from '#party-agent/dossier/read-evidence.ts'
import { verifyLines } from './verify-lines.ts'

const EVIL = '<script>alert("1")</script>'
const editor = new LogEditor('dossier')
let folder = ''
let good = ''
let bad = ''

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'tributary-dossier-'))
  good = join(folder, 'good.tar')
  bad = join(folder, 'bad.tar')
  const drafts = withNotes(editor.drafts({ jobs: 1 }))
  await writeFile(good, await packParts(editor, editor.agreeOn(drafts)))
  const lost = drafts.findIndex(({ kind }) => kind === 'msg.received')
  await writeFile(bad, await packParts(editor, editor.agreeOn(drafts.toSpliced(lost, 1))))
})
afterAll(() => rm(folder, { recursive: true }))

/** The log with a result, a refusal and a read by a person with a strange name. */
function withNotes(drafts: readonly Draft[]): Draft[] {
  const at = drafts.findIndex(({ kind }) => kind === 'job.closed')
  const { v, collaboration, time, job } = (drafts[at] as Draft).fields
  const common = { v, collaboration, time, job }
  const place = { task: 'train', round: 5, step: 'metrics' }
  const refusal = { task: 'train', round: 5, step: '', code: 'approval.expired', approval: '', decision: 'denied' }
  const read = { actor: EVIL, role: 'auditor', object: 'log', purpose: '审计', decision: 'allowed' }
  const note = (author: string, kind: string, fields: object) => ({
    author,
    kind,
    fields: { ...common, author, ...fields },
  })
  return drafts.toSpliced(
    at,
    0,
    note('bank', 'metric.released', { ...place, name: 'AUC', value: '0.7312' }),
    note('tax', 'policy.refused', refusal),
    note('tax', 'access', read),
  )
}

async function dossierOf(path: string, language: 'en' | 'zh'): Promise<string> {
  const { report, about, evidence, keys } = await readEvidence(path)
  if (about === undefined) throw new RangeError('no bundle')
  const bundle = { name: 'good.tar', sha256: await fileDigest(path) }
  return formatDossier({
    language,
    report,
    about,
    evidence,
    keys,
    bundle,
    verifierSha256: await fileDigest(VERIFIER_PAGE),
  })
}

function run(words: readonly string[]): Promise<{ readonly code: number; readonly out: string; readonly err: string }> {
  return new Promise((resolve) => {
    execFile(process.execPath, ['bin/tributary.mjs', ...words], { env: { PATH: '' } }, (error, out, err) =>
      resolve({ code: error === null ? 0 : Number(error.code), out, err }),
    )
  })
}

describe('the dossier', () => {
  test('answers on its first page who, what, for what, to whom, and how to check', async () => {
    const page = await dossierOf(good, 'en')
    const first = page.slice(0, page.indexOf('</section>'))
    const { report } = await readEvidence(good)
    for (const fact of [
      'Verified:',
      'income, tax_paid, months_active',
      'credit model',
      'Li Wei (steward)',
      'Wang Fang (compliance)',
      'size of the intersection',
      '0.7312',
      'approval.expired',
      report.facts.root,
      await fileDigest(VERIFIER_PAGE),
      await fileDigest(good),
    ])
      expect(first).toContain(fact)
    expect(page).toContain('<svg')
    expect(page).toContain('guest-residual')
  })

  test('in Chinese it has no English headings', async () => {
    const page = await dossierOf(good, 'zh')
    expect(page).toContain('<html lang="zh-CN">')
    for (const words of ['谁批准的', '各方发出了什么', '谁能解密', '核验通过', '按步骤列出的全部消息'])
      expect(page).toContain(words)
    for (const [, heading] of page.matchAll(/<h2>([^<]*)<\/h2>/g))
      expect(heading).toMatch(/^[\p{Script=Han}（），、UTC]+$/u)
  })

  test('text of a log stays text, and the page loads nothing', async () => {
    const page = await dossierOf(good, 'en')
    expect(page).not.toContain('<script')
    expect(page).toContain(escapeText(EVIL))
    expect(page).toContain(`default-src 'none'`)
    expect(page).not.toMatch(/\b(src|href|url)\s*[=(]/)
  })

  test('says on top that a bundle is not verified, and why', async () => {
    const page = await dossierOf(bad, 'en')
    expect(page).toContain('NOT verified')
    expect(page).toContain('sent-without-received')
    expect(page).not.toContain('Verified:')
  })

  test('the sums are those of the records', async () => {
    const { report, evidence } = await readEvidence(good)
    const plain = ({ party, class: name, messages, bytes }: (typeof report.facts.sent)[number]) => ({
      party,
      class: name,
      messages,
      bytes,
    })
    expect(evidence.sent.map(plain)).toEqual(report.facts.sent.map(plain))
    expect(evidence.cut).toBe(false)
  })
})

test('signs that turn or hide text are shown', () => {
  expect(escapeText('a\u202eb\u0000c')).toBe('a\\u202eb\\u0000c')
})

test('every problem code has texts', () => {
  expect(Object.keys(PROBLEM_TEXTS).toSorted()).toEqual([...PROBLEM_CODES].toSorted())
})

describe('tributary verify', () => {
  test('exit code 0 and the facts when all is well; the problems with their mends when not', async () => {
    const [fine, broken, none, json] = await Promise.all([
      run(['verify', good]),
      run(['verify', bad]),
      run(['verify', join(folder, 'missing.tar')]),
      run(['verify', bad, '--json']),
    ])
    expect([fine.code, broken.code, none.code, json.code]).toEqual([0, 1, 2, 1])
    expect(fine.out).toContain('verified: complete, unchanged, cosigned by all')
    expect(broken.out).toContain('sent-without-received')
    expect(broken.out).toContain(PROBLEM_TEXTS['sent-without-received'].mend.en)
    expect(JSON.parse(json.out)).toMatchObject({ ok: false, problems: [{ code: 'sent-without-received' }] })
  })

  test('a file that is no bundle is told as one', async () => {
    const path = join(folder, 'text.tar')
    await writeFile(path, 'no bundle')
    const read = await readEvidence(path)
    expect(read.report.problems.map(({ code }) => code)).toEqual(['bundle-malformed'])
    expect(verifyLines(testContext(), read).join('\n')).toContain(PROBLEM_TEXTS['bundle-malformed'].en)
  })

  test('dossier writes the page in the language asked for', async () => {
    const out = join(folder, 'page.html')
    expect((await run(['dossier', good, '--out', out, '--lang', 'zh'])).code).toBe(0)
    expect(await readFile(out, 'utf8')).toContain('证据卷宗')
  })
})
