// The tasks of a job in their order: done, running with its round and the time that is left, and to come.
import { memo, useEffect, useState } from 'react'
import type { TaskProgress } from '#console/api/job-progress.ts'
import { Duration } from '../../components/format.tsx'
import { Progress, State } from '../../components/state.tsx'
import { dictionary, useWords } from '../../words.ts'
import { TASK_TONES, taskStateWords, taskWords } from './job-words.ts'

const words = dictionary({
  round: ['round {round} of {rounds}', '第 {round}/{rounds} 轮'],
  most: ['at most', '至多'],
  preparing: ['preparing', '准备中'],
})

interface TasksProps {
  readonly tasks: readonly TaskProgress[]
  /** when this was so */
  readonly at: string
  readonly secondsLeft: number | undefined
  readonly isOver: boolean
}

export function RunTasks({ tasks, at, secondsLeft, isOver }: TasksProps) {
  const passed = usePassed(at, isOver)
  return (
    <ol className="tasks">
      {tasks.map((task) =>
        task.state === 'running' ? (
          <Running
            key={task.task}
            task={task}
            seconds={
              task.started === undefined ? undefined : (Date.parse(at) - Date.parse(task.started)) / 1000 + passed
            }
            secondsLeft={secondsLeft === undefined ? undefined : Math.max(0, secondsLeft - passed)}
          />
        ) : (
          <Still key={task.task} task={task} />
        ),
      )}
    </ol>
  )
}

interface RunningProps {
  readonly task: TaskProgress
  readonly seconds: number | undefined
  readonly secondsLeft: number | undefined
}

function Running({ task: { task, state, round, rounds }, seconds, secondsLeft }: RunningProps) {
  const t = useWords(words)
  const name = useWords(taskWords)
  const said = useWords(taskStateWords)
  const done = rounds <= 1 ? undefined : Math.max(0, round - 1) / rounds
  return (
    <li className="task" aria-current="step">
      <State tone="busy">{said(state)}</State>
      <span className="task-name">{name(task as 'train')}</span>
      <div className="task-progress">
        <Progress
          label={name(task as 'train')}
          done={done}
          words={round === 0 ? t('preparing') : t('round', { round, rounds })}
          secondsLeft={secondsLeft}
        />
      </div>
      <span className="task-time">
        {seconds === undefined ? null : <Duration seconds={Math.max(0, Math.round(seconds))} />}
      </span>
    </li>
  )
}

const Still = memo(function Still({ task }: { readonly task: TaskProgress }) {
  const t = useWords(words)
  const name = useWords(taskWords)
  const said = useWords(taskStateWords)
  const { state, started, ended, round, rounds } = task
  return (
    <li className="task">
      <State tone={TASK_TONES[state] ?? 'plain'}>{said(state as 'waiting')}</State>
      <span className="task-name">{name(task.task as 'train')}</span>
      <span className="muted task-progress">{started === undefined ? '' : t('round', { round, rounds })}</span>
      <span className="task-time">
        {started === undefined || ended === undefined ? null : (
          <Duration seconds={(Date.parse(ended) - Date.parse(started)) / 1000} />
        )}
      </span>
    </li>
  )
})

/** Seconds since the page heard of this state; the clock of the server is not compared with that of the reader. */
function usePassed(at: string, isOver: boolean): number {
  const [passed, setPassed] = useState(0)
  useEffect(() => {
    const heard = performance.now()
    setPassed(0)
    if (isOver) return undefined
    const timer = setInterval(() => setPassed((performance.now() - heard) / 1000), 1000)
    return () => clearInterval(timer)
  }, [at, isOver])
  return passed
}
