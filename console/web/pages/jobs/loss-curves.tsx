// The loss of each task that learns, round by round, with the last value in words.
import { memo } from 'react'
import { Curve } from '../../charts/curve.tsx'
import { figureText } from '../../components/format.tsx'
import { dictionary, useWords } from '../../words.ts'
import { taskWords } from './job-words.ts'
import type { LossCurve } from './run-view.ts'

const words = dictionary({
  title: ['{task}: loss {last} after round {round}', '{task}：第 {round} 轮后损失 {last}'],
  round: ['round', '轮次'],
  tree: ['tree', '树'],
  loss: ['log loss', '对数损失'],
})

export function LossCurves({ curves }: { readonly curves: readonly LossCurve[] }) {
  return curves.map((curve) => <OneCurve key={curve.task} curve={curve} />)
}

const OneCurve = memo(function OneCurve({ curve: { task, rounds, losses } }: { readonly curve: LossCurve }) {
  const t = useWords(words)
  const name = useWords(taskWords)
  const last = losses.at(-1) ?? Number.NaN
  return (
    <Curve
      title={t('title', { task: name(task as 'train'), last: figureText(last, 5), round: rounds.at(-1) ?? 0 })}
      xTitle={t(task === 'boost' ? 'tree' : 'round')}
      yTitle={t('loss')}
      x={rounds}
      lines={[{ title: t('loss'), y: losses }]}
      digits={5}
    />
  )
})
