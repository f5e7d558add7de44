// Columns of what left, summed by party and class: of this party's ledgers, and of a verified log.
import type { ComponentType } from 'react'
import { Bytes, Count } from '../../components/format.tsx'
import type { Column } from '../../components/table.tsx'
import { dictionary, useWords } from '../../words.ts'
import { classWords } from './record-words.ts'

const words = dictionary({
  party: ['Party', '一方'],
  class: ['Class', '类别'],
  messages: ['Messages', '消息数'],
  bytes: ['Bytes', '字节'],
})

interface Sum {
  readonly party: string
  readonly class: string
  readonly messages: number
  readonly bytes: number
}

export function useSumColumns(): readonly Column<Sum>[] {
  const t = useWords(words)
  const named = useWords(classWords)
  const amount = (id: 'messages' | 'bytes', Shown: ComponentType<{ readonly value: number }>): Column<Sum> => ({
    id,
    title: t(id),
    align: 'end',
    cell: (sum) => <Shown value={sum[id]} />,
    order: (sum) => sum[id],
  })
  return [
    { id: 'party', title: t('party'), cell: ({ party }) => party, order: ({ party }) => party },
    {
      id: 'class',
      title: t('class'),
      cell: (sum) => named(sum.class as keyof typeof classWords),
      order: (sum) => sum.class,
    },
    amount('messages', Count),
    amount('bytes', Bytes),
  ]
}
