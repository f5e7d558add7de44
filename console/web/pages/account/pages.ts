// The pages and cards of the area "account".
import { type Card, type Page, page } from '../../page.ts'

export const accountPages: readonly Page[] = [
  page({
    path: '/account',
    title: { en: 'Account', zh: '账户' },
    kind: 'both',
    roles: 'all',
    menu: 'self',
    load: () => import('./account.tsx'),
  }),
]

export const accountCards: readonly Card[] = []
