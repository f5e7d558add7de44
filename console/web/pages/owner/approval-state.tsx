// The state of an approval and who has yet to sign it, in words.
import type { ApprovalRow } from '#console/api/approvals.ts'
import { State } from '../../components/state.tsx'
import { useWords } from '../../words.ts'
import { approvalWords, STATE_TONES } from './approval-words.ts'

export function ApprovalState({ state }: Pick<ApprovalRow, 'state'>) {
  const t = useWords(approvalWords)
  return <State tone={STATE_TONES[state]}>{t(state)}</State>
}

/** Nothing where nobody has to. */
export function WhoSigns({ needs }: { readonly needs: ApprovalRow['needs'] }) {
  const t = useWords(approvalWords)
  const [role] = needs
  if (role === undefined) return null
  return <>{needs.length > 1 ? t('needsBoth') : t('needs', { role: t(role) })}</>
}
