// The report of a job as files: pages in both languages, every table as CSV, one JSON. All of it from the job's folder.
import { mkdir, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { buildEvaluation } from '#credit/evaluation/build.ts'
import type { EvaluationPack } from '#credit/evaluation/pack.ts'
import { type DocumentFacts, renderModelDocument } from '#credit/report/document.ts'
import { factsTemplate } from '#credit/report/document-template.ts'
import { reportFiles } from '#credit/report/files.ts'
import { storageError } from '#runtime/files.ts'
import { platformFacts } from './document-facts.ts'
import { evaluationFacts } from './evaluation-facts.ts'

export interface WrittenReport {
  readonly pack: EvaluationPack
  /** paths relative to the folder */
  readonly files: readonly string[]
}

/** @param facts of the model document, by its ids; they win over what the platform states by itself @throws PlatformError results.none, evaluation.invalid, storage.full */
export async function writeReport(
  jobDir: string,
  job: string,
  folder: string,
  facts: DocumentFacts = {},
): Promise<WrittenReport> {
  const pack = buildEvaluation(await evaluationFacts(jobDir, job))
  const stated = { ...(await platformFacts(jobDir, job)), ...facts }
  const files = reportFiles(pack)
  files.set('model-document.zh.html', renderModelDocument(pack, stated, 'zh'))
  files.set('model-document.en.html', renderModelDocument(pack, stated, 'en'))
  files.set('model-document.facts.yaml', factsTemplate(pack, stated))
  for (const [path, text] of files) {
    const file = join(folder, path)
    try {
      await mkdir(dirname(file), { recursive: true, mode: 0o700 })
      await writeFile(file, text, { mode: 0o600 })
    } catch (cause) {
      throw storageError(cause, file)
    }
  }
  return { pack, files: [...files.keys()] }
}
