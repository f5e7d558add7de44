// The pages and cards of the area "record": runs and their log, decisions, evidence, access records, disputes.
import { type Card, card, type Page, page } from '../../page.ts'

const LEDGER_READERS = ['steward', 'compliance', 'auditor'] as const
const EVIDENCE_READERS = ['compliance', 'auditor'] as const

export const recordPages: readonly Page[] = [
  page({
    path: '/record',
    title: { en: 'Runs and their record', zh: '运行记录' },
    kind: 'agent',
    roles: 'all',
    menu: 'record',
    load: () => import('./runs-page.tsx'),
  }),
  page({
    path: '/record/runs/:job',
    title: { en: 'Record of a run', zh: '运行的记录' },
    kind: 'agent',
    roles: 'all',
    load: () => import('./run-page.tsx'),
  }),
  page({
    path: '/record/logs/:collaboration/:number',
    title: { en: 'A record', zh: '单条记录' },
    kind: 'agent',
    roles: 'all',
    load: () => import('./record-page.tsx'),
  }),
  page({
    path: '/record/decisions',
    title: { en: 'Decisions and disclosures', zh: '决定与外发' },
    kind: 'agent',
    roles: LEDGER_READERS,
    menu: 'record',
    load: () => import('./governance-page.tsx'),
  }),
  page({
    path: '/record/verify',
    title: { en: 'Verify evidence', zh: '核验证据' },
    kind: 'agent',
    roles: 'all',
    menu: 'record',
    load: () => import('./verify-page.tsx'),
  }),
  page({
    path: '/record/verify/:job',
    title: { en: 'Verify evidence', zh: '核验证据' },
    kind: 'agent',
    roles: EVIDENCE_READERS,
    load: () => import('./verify-page.tsx'),
  }),
  page({
    path: '/record/access',
    title: { en: 'Who read what', zh: '访问记录' },
    kind: 'agent',
    roles: EVIDENCE_READERS,
    menu: 'record',
    load: () => import('./access-page.tsx'),
  }),
  page({
    path: '/record/disputes',
    title: { en: 'Disputes', zh: '争议' },
    kind: 'agent',
    roles: ['steward', 'compliance'],
    menu: 'record',
    load: () => import('./disputes-page.tsx'),
  }),
]

export const recordCards: readonly Card[] = [
  card({
    name: 'record',
    title: { en: 'Record of the last runs', zh: '最近运行的记录' },
    kind: 'agent',
    roles: EVIDENCE_READERS,
    load: () => import('./record-card.tsx'),
  }),
]
