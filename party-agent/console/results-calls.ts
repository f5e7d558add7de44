// The calls of results: a job's evaluation a chapter at a time, as files, and beside other jobs. Each read is stated
// before it is answered; a file is stated as an export of exactly these bytes too.
import { createHash } from 'node:crypto'
import { join } from 'node:path'
import { pageOf } from '#console/api/paging.ts'
import { MOST_COMPARED, type OwnPart, resultCalls } from '#console/api/results.ts'
import { type Download, type Served, served } from '#console/server/calls.ts'
import type { Visit } from '#console/server/visitor.ts'
import { renderModelDocument } from '#credit/report/document.ts'
import { tableCsv } from '#credit/report/files.ts'
import { renderReport } from '#credit/report/report.ts'
import { PlatformError } from '#runtime/errors.ts'
import { mayRead } from '../people/permissions.ts'
import { averageChapter, averageTable } from '../results/average-chapters.ts'
import { averagePage } from '../results/average-page.ts'
import { loadBatchScores } from '../results/batch-scores.ts'
import { chapterPart, tableOfPack, tablePart } from '../results/chapters.ts'
import { averagesOf, comparedPacks } from '../results/compared-runs.ts'
import { platformFacts } from '../results/document-facts.ts'
import { readLocalJob } from '../results/local-job.ts'
import { openPackStore } from '../results/pack-store.ts'
import { resultKind } from '../results/result-kind.ts'
import { columnDifferences, comparedAverages, stabilityBySet } from '../results/run-differences.ts'
import { ownScorecard } from '../results/scorecard.ts'
import { differentSettings } from '../results/settings.ts'
import { jobsHere, knownJob } from './known-jobs.ts'
import { type AgentParts, readingOf } from './parts.ts'
import { averageBehind, chapterNames, jobHere, jobLine, overviewOf, packBehind } from './result-views.ts'

type ResultParts = Pick<AgentParts, 'config' | 'identity' | 'people'>
type Language = 'zh' | 'en'

/** Excel reads UTF-8 only after a byte order mark. */
const MARK = '\ufeff'

export function resultsServed(parts: ResultParts): Served {
  const { home } = parts.config
  const packs = openPackStore(home)
  const folderOf = (job: string) => join(home, 'jobs', job)
  /** States the read of these jobs, within the role of the visitor. */
  const state = ({ visitor }: Visit, what: 'result' | 'model', ...jobs: readonly string[]): void => {
    using reading = readingOf(parts, visitor)
    for (const job of jobs) reading.require(what, job)
  }
  /** The read first, with the name of the file as its purpose; then which bytes were handed out. */
  const exported = async (visit: Visit, job: string, name: string, make: () => Promise<string | Uint8Array>) => {
    using reading = readingOf(parts, visit.visitor, `export of ${name}`)
    reading.require('result', job)
    const content = await make()
    const bytes = typeof content === 'string' ? Buffer.from(content) : content
    reading.exported(job, { size: bytes.length, root: createHash('sha256').update(bytes).digest('hex') })
    return { name: `${job}.${name}`, content: bytes } satisfies Download
  }
  const pack = async (job: string) => packBehind(packs, job, await resultKind(folderOf(job)))
  const isAverage = async (job: string) => (await resultKind(folderOf(job))) === 'average'
  const average = async (job: string) => averageBehind(home, await jobHere(home, job))
  const table = async (job: string, name: string) =>
    (await isAverage(job)) ? averageTable(await average(job), name) : tableOfPack(await pack(job), name)

  return served(resultCalls, {
    async results({ query }) {
      const known = (await Promise.all((await jobsHere(home)).map((job) => knownJob(home, job)))).filter(
        (job) => job !== undefined,
      )
      const newest = known.sort((a, b) => b.submittedAt.localeCompare(a.submittedAt))
      const { items, ...rest } = pageOf(newest, query, ({ job }) => job)
      return { items: await Promise.all(items.map((job) => jobLine(home, job))), ...rest }
    },
    async result({ params: { job } }, visit) {
      const known = await jobHere(home, job)
      state(visit, 'result', job)
      return await overviewOf(home, known, mayRead(visit.visitor.person, 'model'))
    },
    async chapters({ params: { job } }) {
      return { chapters: await chapterNames(home, packs, await jobHere(home, job)) }
    },
    async chapter({ params: { job, chapter } }, visit) {
      await jobHere(home, job)
      state(visit, 'result', job)
      return (await isAverage(job))
        ? averageChapter(await average(job), chapter)
        : chapterPart(await pack(job), chapter)
    },
    async table({ params, query }, visit) {
      await jobHere(home, params.job)
      state(visit, 'result', params.job)
      return tablePart(await table(params.job, params.table), query)
    },
    async ownPart({ params: { job } }, visit) {
      await jobHere(home, job)
      state(visit, 'model', job)
      return await ownPartOf(home, parts.identity.party, job)
    },
    async compare({ query }, visit) {
      const jobs = [...new Set(query.jobs.split(','))].slice(0, MOST_COMPARED)
      const known = await Promise.all(jobs.map((job) => jobHere(home, job)))
      state(visit, 'result', ...jobs)
      const lines = await Promise.all(known.map((job) => jobLine(home, job)))
      const settings = differentSettings(known.map(({ spec }) => spec))
      const averages = await averagesOf(home, jobs)
      if (averages !== undefined) {
        const measures = tablePart(comparedAverages(averages), { limit: 2000 })
        const about = lines.map((line, i) => ({ ...line, algorithm: averages[i]?.algorithm ?? '' }))
        return { kind: 'averages' as const, jobs: about, measures, settings, features: [], shared: 0, stability: [] }
      }
      const found = await Promise.all(jobs.map((job) => packs.packOf(job, 'joint')))
      const about = lines.map((line, i) => {
        const challenger = found[i]?.challenger?.algorithm
        return {
          ...line,
          algorithm: found[i]?.run.algorithm ?? '',
          ...(challenger === undefined ? {} : { challenger }),
        }
      })
      const measures = tablePart(comparedPacks(found).table, { limit: 2000 })
      const stability = stabilityBySet(found)
      return { kind: 'models' as const, jobs: about, measures, settings, ...columnDifferences(found), stability }
    },
    async pageFile({ params: { job, page, language } }, visit) {
      await jobHere(home, job)
      return await exported(visit, job, `${page}.${language}.html`, async () => {
        if (await isAverage(job)) {
          const { result, columns } = await average(job)
          if (page !== 'report') throw new PlatformError('results.none', { job, missing: page })
          return averagePage(result, columns, language as Language)
        }
        const of = await evaluated(job)
        return page === 'report'
          ? renderReport(of, language as Language)
          : renderModelDocument(of, await platformFacts(folderOf(job), job), language as Language)
      })
    },
    async csvFile({ params }, visit) {
      await jobHere(home, params.job)
      const name = `${params.table}.csv`
      return await exported(visit, params.job, name, async () => MARK + tableCsv(await table(params.job, params.table)))
    },
    async jsonFile({ params: { job } }, visit) {
      await jobHere(home, job)
      return await exported(visit, job, 'evaluation.json', async () => {
        const told = (await isAverage(job)) ? (await average(job)).result : await pack(job)
        return `${JSON.stringify(told)}\n`
      })
    },
    async scoresFile({ params: { job } }, visit) {
      await jobHere(home, job)
      return await exported(visit, job, 'scores.csv', async () => {
        const scores = await loadBatchScores(folderOf(job))
        if (scores === undefined) throw new PlatformError('results.none', { job, missing: 'scores' })
        return scores
      })
    },
  })

  /** A report has measures of a model: a scan of columns has none. */
  async function evaluated(job: string) {
    if ((await resultKind(folderOf(job))) === 'scan') throw new PlatformError('results.none', { job, missing: 'model' })
    return await pack(job)
  }
}

/** @throws PlatformError results.none where this party has no part of a model, storage.damaged */
async function ownPartOf(home: string, party: string, job: string): Promise<OwnPart> {
  const { folder, model, ownSplits } = await readLocalJob(home, job)
  if ((model ?? ownSplits) === undefined) throw new PlatformError('results.none', { job, missing: 'part of the model' })
  const tables = [await ownScorecard(folder), ownSplits].filter((found) => found !== undefined)
  return {
    party,
    ...(model?.intercept === undefined ? {} : { intercept: model.intercept }),
    columns: (model?.features ?? []).map(({ name, coefficient, mean, sd, test }) => ({
      name,
      coefficient,
      ...(mean === undefined ? {} : { mean }),
      ...(sd === undefined ? {} : { sd }),
      ...(test === undefined ? {} : { standardError: test.standardError, p: test.p }),
    })),
    tables: tables.map((whole) => tablePart(whole, { limit: whole.rows.length })),
  }
}
