// Addresses that lead nowhere, and pages that are for somebody else.
import { ROLE_NAMES } from '#crypto/people/people.ts'
import { ButtonLink } from '../components/button.tsx'
import { Page } from '../components/layout.tsx'
import { Empty } from '../components/state.tsx'
import type { Page as ConsolePage } from '../page.ts'
import { dictionary, useSaid, useWords } from '../words.ts'

const words = dictionary({
  title: ['There is no such page', '没有此页面'],
  why: [
    'The address may be of another program: what belongs to a party is at the agent of that party.',
    '该地址可能属于另一个程序：归某一参与方的内容位于该方的代理。',
  ],
  home: ['To the overview', '前往总览'],
  notMine: ['Not for your role', '不属于您的角色'],
  whose: [
    '“{page}” is for: {roles}. Ask one of them, or sign in as one.',
    '“{page}”仅供以下角色使用：{roles}。请联系他们，或以相应身份登录。',
  ],
})

export function NotFound() {
  const t = useWords(words)
  return (
    <Page title={t('title')}>
      <Empty title={t('why')}>
        <ButtonLink to="/">{t('home')}</ButtonLink>
      </Empty>
    </Page>
  )
}

export function NotForRole({ page }: { readonly page: ConsolePage }) {
  const t = useWords(words)
  const said = useSaid()
  const roles = page.roles === 'all' ? '' : page.roles.map((role) => said(ROLE_NAMES[role])).join(', ')
  return (
    <Page title={t('notMine')}>
      <Empty title={t('whose', { page: said(page.title), roles })}>
        <ButtonLink to="/">{t('home')}</ButtonLink>
      </Empty>
    </Page>
  )
}
