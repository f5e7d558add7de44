// What `npm run demo` shows, as facts.
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { expect } from 'vitest'
import { labLines } from '#cli/commands/lab.ts'
import type { ConsoleLab } from './console-lab.ts'

/** A joint scorecard, what each partner is worth, the report, and evidence that verifies. */
export async function expectDemoFacts({ result, cli }: Pick<ConsoleLab, 'result' | 'cli'>): Promise<void> {
  const { folder = '', value = [], selection } = result.report ?? {}
  const read = (name: string) =>
    Promise.all(['zh', 'en'].map((language) => readFile(join(folder, `${name}.${language}.html`), 'utf8')))
  const [pages, documents] = [await read('report'), await read('model-document')]
  expect(result).toMatchObject({ state: 'succeeded', evidence: { ok: true, problems: [] } })

  const { bankOnly, joint, rows } = result.metrics as NonNullable<typeof result.metrics>
  // loans before 2023-04 that are good or bad, as the synthetic files have them
  expect(rows.training + rows.holdout).toBe(5537)
  // the lift is 0.09, with a standard error of 0.02 from some 200 bad hold-out rows
  expect(joint.auc.value - bankOnly.auc.value).toBeGreaterThan(0.02)
  expect(joint.auc.value).toBeGreaterThan(0.69)
  expect(Object.keys(result.models).toSorted()).toEqual(['bank', 'property', 'social', 'tax'])
  expect(Object.keys(result.sent['bank'] ?? {})).toEqual(
    expect.arrayContaining(['ciphertext', 'masked-share', 'psi-points']),
  )

  expect(selection?.offered).toBe(47)
  expect(selection?.kept).toBeGreaterThan(8)
  const heldOut = value.filter((row) => row['set'] === 'holdout')
  expect(heldOut.map((row) => String(row['party'])).toSorted()).toEqual(['property', 'social', 'tax'])
  const shares = heldOut.reduce((sum, row) => sum + Number(row['share_pct']), 0)
  expect(shares).toBeCloseTo(1, 9)
  const gained = heldOut.reduce((sum, row) => sum + Number(row['shapley_auc']), 0)
  expect(gained).toBeCloseTo(joint.auc.value - bankOnly.auc.value, 9)
  for (const page of pages) expect(page).toContain(result.job)
  // the owners tell what their columns are, each page in its language
  expect(pages[0]).toContain('PROPERTY.F04 抵押率')
  expect(pages[1]).toContain('PROPERTY.F04 loan to value')
  // nothing that the platform knows is open in the model document
  for (const document of documents) {
    expect(document).toContain(result.evidence?.root ?? 'no root')
    expect(document).not.toMatch(/提供人：平台|by the platform/)
  }

  const text = labLines(cli, result).join('\n')
  expect(text).toContain('verified: complete, unchanged, cosigned by all')
  expect(text).toContain(`Report: ${join(folder, 'report.en.html')}`)
  for (const party of ['bank', 'tax', 'social', 'property'])
    expect(cli.noted.filter((line) => line.startsWith(`${party}: `) && line.includes('approved by'))).toHaveLength(1)
  expect(text).toMatch(/AUC +\.\d{4} \[.*\] +\.\d{4} \[.*\] +\+0\.\d{4}/)
  expect(text).toMatch(/tax +[+-]\d\.\d{4} \[.*\] +[+-]\d\.\d{4} \[.*\] +-?\d+ %/)
}
