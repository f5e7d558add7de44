// All pages of the console and all cards of its first page, area by area.
import { accountCards, accountPages } from './pages/account/pages.ts'
import { jobsCards, jobsPages } from './pages/jobs/pages.ts'
import { operationCards, operationPages } from './pages/operation/pages.ts'
import { ownerCards, ownerPages } from './pages/owner/pages.ts'
import { recordCards, recordPages } from './pages/record/pages.ts'
import { resultsCards, resultsPages } from './pages/results/pages.ts'
import type { Card, Page } from './page.ts'

/** In the order of the menu. */
export const PAGES: readonly Page[] = [
  ...jobsPages,
  ...resultsPages,
  ...ownerPages,
  ...recordPages,
  ...operationPages,
  ...accountPages,
]

/** In the order of the first page: what waits comes before what was. */
export const CARDS: readonly Card[] = [
  ...ownerCards,
  ...recordCards,
  ...jobsCards,
  ...resultsCards,
  ...operationCards,
  ...accountCards,
]
