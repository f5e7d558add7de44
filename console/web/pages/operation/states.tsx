// States of jobs, tasks, certificates and connections in words.
import type { JobLine } from '#console/api/coordinator.ts'
import type { CertificateState } from '#console/api/operation.ts'
import { State, type Tone } from '../../components/state.tsx'
import { dictionary, useWords } from '../../words.ts'
import {
  phaseWords,
  STATE_TONES,
  stateWords,
  TASK_TONES,
  taskStateWords,
  taskWords,
  unitWords,
} from '../jobs/job-words.ts'

const words = dictionary({
  good: ['good', '有效'],
  'renewal-due': ['renewal is due', '待续期'],
  'ends-soon': ['ends soon', '即将到期'],
  expired: ['expired', '已过期'],
  revoked: ['revoked', '已吊销'],
  connected: ['connected', '已连接'],
  away: ['not connected', '未连接'],
})

const CERTIFICATE_TONES: Readonly<Record<CertificateState, Tone>> = {
  good: 'good',
  'renewal-due': 'busy',
  'ends-soon': 'wait',
  expired: 'bad',
  revoked: 'bad',
}

export function JobState({ state }: Pick<JobLine, 'state'>) {
  const t = useWords(stateWords)
  return <State tone={STATE_TONES[state]}>{t(state)}</State>
}

/** The words alone, for choosing. */
export function useJobStateWord(): (state: JobLine['state']) => string {
  return useWords(stateWords)
}

export function TaskState({ state }: { readonly state: string }) {
  const t = useWords(taskStateWords)
  return <State tone={TASK_TONES[state] ?? 'plain'}>{t(state as keyof typeof taskStateWords)}</State>
}

/** Names of tasks, phases and units; one that has no words here is shown as it is. */
export function useCourseWords() {
  const task = useWords(taskWords)
  const phase = useWords(phaseWords)
  const unit = useWords(unitWords)
  return {
    task: (name: string) => task(name as keyof typeof taskWords),
    phase: (name: string) => phase(name as keyof typeof phaseWords),
    unit: (name: string) => unit(name as keyof typeof unitWords),
  }
}

export function CertificateWord({ state }: { readonly state: CertificateState }) {
  const t = useWords(words)
  return <State tone={CERTIFICATE_TONES[state]}>{t(state)}</State>
}

export function Connection({ isConnected }: { readonly isConnected: boolean }) {
  const t = useWords(words)
  return <State tone={isConnected ? 'good' : 'wait'}>{t(isConnected ? 'connected' : 'away')}</State>
}
