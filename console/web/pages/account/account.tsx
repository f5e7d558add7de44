// The own account: ways in, sessions, and what happened under the own name.
import { useAbout } from '../../client.ts'
import { Page, Section } from '../../components/layout.tsx'
import { useWords } from '../../words.ts'
import { OwnSessions } from './own-sessions.tsx'
import { OwnSignIns } from './sign-in-list.tsx'
import { OwnWays } from './own-ways.tsx'
import { words } from './words.ts'

export default function AccountPage() {
  const t = useWords(words)
  const about = useAbout().data
  return (
    <Page title={t('title')} lead={t('lead')}>
      {about === undefined ? null : <OwnWays about={about} />}
      <OwnSessions />
      <Section title={t('history')} lead={t('historyLead')}>
        <OwnSignIns />
      </Section>
    </Page>
  )
}
