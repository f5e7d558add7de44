// The pages and cards of the area "owner": what people of a data owner decide, and what they see of their data.
import { type Card, card, type Page, page } from '../../page.ts'

const DECIDING = ['steward', 'compliance', 'auditor'] as const

export const ownerPages: readonly Page[] = [
  page({
    path: '/inbox',
    title: { en: 'Inbox', zh: '待办' },
    kind: 'agent',
    roles: DECIDING,
    menu: 'decide',
    load: () => import('./inbox-page.tsx'),
  }),
  page({
    path: '/requests/:job',
    title: { en: 'Request', zh: '申请' },
    kind: 'agent',
    roles: DECIDING,
    load: () => import('./request-page.tsx'),
  }),
  page({
    path: '/approvals',
    title: { en: 'Approvals', zh: '批准书' },
    kind: 'agent',
    roles: DECIDING,
    menu: 'decide',
    load: () => import('./approvals-page.tsx'),
  }),
  page({
    path: '/approvals/:id',
    title: { en: 'Approval', zh: '批准书' },
    kind: 'agent',
    roles: DECIDING,
    load: () => import('./approval-page.tsx'),
  }),
  page({
    path: '/datasets',
    title: { en: 'Own data', zh: '本方数据' },
    kind: 'agent',
    roles: 'all',
    menu: 'decide',
    load: () => import('./datasets-page.tsx'),
  }),
  page({
    path: '/datasets/:name',
    title: { en: 'Data set', zh: '数据集' },
    kind: 'agent',
    roles: 'all',
    load: () => import('./dataset-page.tsx'),
  }),
  page({
    path: '/left',
    title: { en: 'What left', zh: '发出的内容' },
    kind: 'agent',
    roles: DECIDING,
    menu: 'decide',
    load: () => import('./left-page.tsx'),
  }),
  page({
    path: '/left/:job',
    title: { en: 'What left in a job', zh: '作业发出的内容' },
    kind: 'agent',
    roles: DECIDING,
    load: () => import('./left-job-page.tsx'),
  }),
  page({
    path: '/bins',
    title: { en: 'Bins', zh: '分箱' },
    kind: 'agent',
    roles: DECIDING,
    menu: 'decide',
    load: () => import('./bins-page.tsx'),
  }),
  page({
    path: '/health',
    title: { en: 'Health', zh: '健康检查' },
    kind: 'agent',
    roles: ['steward', 'compliance', 'operator', 'auditor'],
    menu: 'operate',
    load: () => import('./health-page.tsx'),
  }),
]

export const ownerCards: readonly Card[] = [
  card({
    name: 'inbox',
    title: { en: 'Waiting for a decision', zh: '等待决定' },
    kind: 'agent',
    roles: 'all',
    load: () => import('./waiting-card.tsx'),
  }),
]
