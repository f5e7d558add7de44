// Thread that computes one evaluation: resamples of a hundred thousand rows take longer than an agent may be silent.
import { join } from 'node:path'
import { parentPort, workerData } from 'node:worker_threads'
import { buildEvaluation } from '#credit/evaluation/build.ts'
import { toPlatformError } from '#runtime/errors.ts'
import { jointPack } from './compared-runs.ts'
import { evaluationFacts } from './evaluation-facts.ts'
import type { PackAnswer, PackOrder } from './pack-store.ts'
import { scanPack } from './scan-pack.ts'

async function packOf({ home, job, depth }: PackOrder) {
  const jobDir = join(home, 'jobs', job)
  if (depth === 'columns') return await scanPack(jobDir, job)
  return depth === 'joint' ? await jointPack(jobDir, job) : buildEvaluation(await evaluationFacts(jobDir, job))
}

const answer = await packOf(workerData as PackOrder).then(
  (pack): PackAnswer => ({ pack }),
  (thrown): PackAnswer => {
    const { code, detail } = toPlatformError(thrown)
    return { code, detail }
  },
)
parentPort?.postMessage(answer)
