// The pages and cards of the area "jobs": what is offered, a new job, and jobs as they run.
import { type Card, card, type Page, page } from '../../page.ts'

export const jobsPages: readonly Page[] = [
  page({
    path: '/jobs',
    title: { en: 'Jobs', zh: '作业' },
    kind: 'agent',
    roles: 'all',
    menu: 'work',
    load: () => import('./list.tsx'),
  }),
  page({
    path: '/jobs/new',
    title: { en: 'New job', zh: '新建作业' },
    kind: 'agent',
    roles: ['modeler'],
    menu: 'work',
    load: () => import('./templates.tsx'),
  }),
  page({
    path: '/jobs/new/:template',
    title: { en: 'New job', zh: '新建作业' },
    kind: 'agent',
    roles: ['modeler'],
    load: () => import('./draft.tsx'),
  }),
  page({
    path: '/jobs/:job',
    title: { en: 'Job', zh: '作业' },
    kind: 'agent',
    roles: 'all',
    load: () => import('./run.tsx'),
  }),
  page({
    path: '/catalogue',
    title: { en: 'Data catalogue', zh: '数据目录' },
    kind: 'agent',
    roles: 'all',
    menu: 'work',
    load: () => import('./catalogue.tsx'),
  }),
]

export const jobsCards: readonly Card[] = [
  card({
    name: 'jobs',
    title: { en: 'Jobs', zh: '作业' },
    kind: 'agent',
    roles: 'all',
    load: () => import('./jobs-card.tsx'),
  }),
]
