// The pages and cards of the area "results".
import { type Card, card, type Page, page } from '../../page.ts'

const READERS = ['modeler', 'steward', 'compliance', 'auditor'] as const
const MODEL_READERS = ['modeler', 'auditor'] as const

export const resultsPages: readonly Page[] = [
  page({
    path: '/results',
    title: { en: 'Results', zh: '结果' },
    kind: 'agent',
    roles: READERS,
    menu: 'work',
    load: () => import('./results-page.tsx'),
  }),
  page({
    path: '/results/compare/:jobs',
    title: { en: 'Results side by side', zh: '结果对比' },
    kind: 'agent',
    roles: READERS,
    load: () => import('./compare-page.tsx'),
  }),
  page({
    path: '/results/:job/:chapter?',
    title: { en: 'Result', zh: '结果' },
    kind: 'agent',
    roles: READERS,
    load: () => import('./result-page.tsx'),
  }),
  page({
    path: '/models',
    title: { en: 'Models', zh: '模型登记' },
    kind: 'agent',
    roles: MODEL_READERS,
    menu: 'work',
    load: () => import('./models-page.tsx'),
  }),
  page({
    path: '/models/:name',
    title: { en: 'Model', zh: '模型' },
    kind: 'agent',
    roles: MODEL_READERS,
    load: () => import('./model-page.tsx'),
  }),
]

export const resultsCards: readonly Card[] = [
  card({
    name: 'results',
    title: { en: 'Latest results', zh: '最新结果' },
    kind: 'agent',
    roles: READERS,
    load: () => import('./results-card.tsx'),
  }),
]
