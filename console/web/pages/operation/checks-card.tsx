// The coordinator's checks on the first page: all is well, or what is not.
import { useAsked } from '../../client.ts'
import { PageLink } from '../../components/button.tsx'
import { Answer, State } from '../../components/state.tsx'
import { dictionary, useWords } from '../../words.ts'
import { CheckList } from './check-list.tsx'
import { coordinator, LOOK_AGAIN_MS } from './coordinator-client.ts'

const words = dictionary({
  well: ['All {n} checks are green', '全部 {n} 项检查正常'],
  more: ['See them', '查看'],
})

export default function ChecksCard() {
  const t = useWords(words)
  const asked = useAsked(['coordinator', 'checks'], (signal) => coordinator.checks({}, { signal }), {
    every: 2 * LOOK_AGAIN_MS,
  })
  return (
    <Answer of={asked}>
      {({ ok, checks }) =>
        ok ? (
          <p>
            <State tone="good">{t('well', { n: checks.length })}</State>{' '}
            <PageLink to="/resources">{t('more')}</PageLink>
          </p>
        ) : (
          <CheckList checks={checks.filter(({ state }) => state === 'red')} />
        )
      }
    </Answer>
  )
}
