// The state of a job as this party knows it, in words.
import { State, type Tone } from '../../components/state.tsx'
import { dictionary, useWords } from '../../words.ts'

const words = dictionary({
  awaiting: ['waits for approval', '待批准'],
  accepted: ['accepted, waits for others', '已接受，等待其他方'],
  declined: ['declined', '已拒绝'],
  started: ['running', '运行中'],
  succeeded: ['succeeded', '成功'],
  failed: ['failed', '失败'],
  cancelled: ['cancelled', '已取消'],
  rejected: ['rejected', '被拒绝'],
})
type Known = keyof typeof words
const TONES: Readonly<Record<Known, Tone>> = {
  awaiting: 'wait',
  accepted: 'busy',
  declined: 'bad',
  started: 'busy',
  succeeded: 'good',
  failed: 'bad',
  cancelled: 'plain',
  rejected: 'bad',
}
const OPEN: ReadonlySet<string> = new Set(['awaiting', 'accepted', 'started'])

const isKnown = (state: string): state is Known => Object.hasOwn(words, state)
/** Whether a result may still come. */
export const isOpen = (state: string): boolean => OPEN.has(state)

export function useStateWord(): (state: string) => string {
  const t = useWords(words)
  return (state) => (isKnown(state) ? t(state) : state)
}

export function JobState({ state }: { readonly state: string }) {
  const word = useStateWord()
  return <State tone={isKnown(state) ? TONES[state] : 'plain'}>{word(state)}</State>
}
