// States of a run and of its log, with their words.
import type { Run } from '#console/api/record-shapes.ts'
import { State, type Tone } from '../../components/state.tsx'
import { useWords } from '../../words.ts'
import { stateWords } from './record-words.ts'

const RUN_TONES: Readonly<Record<Run['state'], Tone>> = {
  running: 'busy',
  succeeded: 'good',
  failed: 'bad',
  cancelled: 'plain',
}
const LOG_TONES: Readonly<Record<Run['log']['state'], Tone>> = { sealed: 'good', open: 'busy', frozen: 'bad' }

export function RunState({ state }: Pick<Run, 'state'>) {
  const t = useWords(stateWords)
  return <State tone={RUN_TONES[state]}>{t(state)}</State>
}

export function LogState({ log }: Pick<Run, 'log'>) {
  const t = useWords(stateWords)
  return <State tone={LOG_TONES[log.state]}>{t(log.state)}</State>
}
