// The pages and cards of the area "operation".
import { card, type Card, page, type Page } from '../../page.ts'

export const operationPages: readonly Page[] = [
  page({
    path: '/queue',
    title: { en: 'Jobs', zh: '作业' },
    kind: 'coordinator',
    roles: ['operator', 'compliance', 'auditor'],
    menu: 'operate',
    load: () => import('./queue.tsx'),
  }),
  page({
    path: '/queue/:job',
    title: { en: 'Job', zh: '作业' },
    kind: 'coordinator',
    roles: ['operator', 'compliance', 'auditor'],
    load: () => import('./queued-job.tsx'),
  }),
  page({
    path: '/logs',
    title: { en: 'Round logs', zh: '轮次日志' },
    kind: 'coordinator',
    roles: ['operator', 'compliance', 'auditor'],
    menu: 'record',
    load: () => import('./logs.tsx'),
  }),
  page({
    path: '/logs/:collaboration',
    title: { en: 'Round log', zh: '轮次日志' },
    kind: 'coordinator',
    roles: ['operator', 'compliance', 'auditor'],
    load: () => import('./log.tsx'),
  }),
  page({
    path: '/readings',
    title: { en: 'Who looked at what', zh: '查阅记录' },
    kind: 'coordinator',
    roles: ['compliance', 'auditor'],
    menu: 'record',
    load: () => import('./readings.tsx'),
  }),
  page({
    path: '/parties',
    title: { en: 'Parties', zh: '参与方' },
    kind: 'coordinator',
    roles: ['operator'],
    menu: 'operate',
    load: () => import('./parties.tsx'),
  }),
  page({
    path: '/certificates',
    title: { en: 'Certificates and trust', zh: '证书与信任' },
    kind: 'coordinator',
    roles: ['operator'],
    menu: 'operate',
    load: () => import('./certificates.tsx'),
  }),
  page({
    path: '/resources',
    title: { en: 'Machine and health', zh: '资源与健康' },
    kind: 'coordinator',
    roles: ['operator'],
    menu: 'operate',
    load: () => import('./resources.tsx'),
  }),
  page({
    path: '/operation',
    title: { en: 'This agent', zh: '本机代理' },
    kind: 'agent',
    roles: ['operator', 'auditor'],
    menu: 'operate',
    load: () => import('./agent.tsx'),
  }),
]

export const operationCards: readonly Card[] = [
  card({
    name: 'federation',
    title: { en: 'The federation now', zh: '联邦现状' },
    kind: 'coordinator',
    roles: ['operator', 'compliance', 'auditor'],
    load: () => import('./federation-card.tsx'),
  }),
  card({
    name: 'health-of-coordinator',
    title: { en: 'Health', zh: '健康状况' },
    kind: 'coordinator',
    roles: ['operator'],
    load: () => import('./checks-card.tsx'),
  }),
  card({
    name: 'connection',
    title: { en: 'This agent', zh: '本机代理' },
    kind: 'agent',
    roles: ['operator', 'auditor'],
    load: () => import('./agent-card.tsx'),
  }),
]
