// An approval's document as people read it, member by member, with the digest that is signed.
import type { ReactNode } from 'react'
import type { Approval } from '#protocols/core/approval.ts'
import { Count, Digest, timeText } from '../../components/format.tsx'
import { Facts } from '../../components/layout.tsx'
import { Note, State } from '../../components/state.tsx'
import { useWords } from '../../words.ts'
import { approvalWords } from './approval-words.ts'
import type { ShownDocument } from './signed-document.ts'

export function DocumentView({ shown }: { readonly shown: ShownDocument }) {
  const t = useWords(approvalWords)
  const { document, digest, isSame } = shown
  return (
    <>
      {isSame ? null : <Note tone="bad">{t('digestOther')}</Note>}
      <Facts of={[...aboutRows(document, t), ...limitRows(document, t)]} />
      <Facts
        of={[
          ...document.protocols.map(({ name, version, card }): [string, ReactNode] => [
            `${name} ${version}`,
            <Digest key={name} value={card} />,
          ]),
          [
            t('digest'),
            <span key="digest" className="owner-says">
              <Digest value={digest} digits={16} />{' '}
              {isSame ? <State tone="good">{t('digestSame')}</State> : <State tone="bad">{t('digestOther')}</State>}
            </span>,
          ],
        ]}
      />
    </>
  )
}

type Words = ReturnType<typeof useWords<typeof approvalWords>>

function aboutRows(document: Approval, t: Words): [string, ReactNode][] {
  const { id, owner, guest, counterparties, receivers, dataset, datasetVersion, purpose, legalBasis } = document
  const { columns, validFrom, validTo, runs, retention } = document
  const all = (columns as readonly string[])[0] === '*'
  return [
    [t('id'), <code key="id">{id}</code>],
    [t('owner'), owner],
    [t('guest'), guest],
    [t('counterparties'), counterparties.join(', ') || t('none')],
    [t('receivers'), receivers.join(', ')],
    [t('purpose'), purpose],
    [t('legalBasis'), legalBasis],
    [t('dataset'), dataset],
    [t('datasetVersion'), <code key="version">{datasetVersion}</code>],
    [t('columns'), all ? t('everyColumn') : columns.join(', ')],
    [t('valid'), t('until', { from: timeText(validFrom, 'utc'), to: timeText(validTo, 'utc') })],
    [t('runs'), <Count key="runs" value={runs} />],
    [t('retention'), retention],
  ]
}

function limitRows({ floors, trees, average, group }: Approval, t: Words): [string, ReactNode][] {
  const number = (value: number) => <Count value={value} />
  return [
    [t('floors.minIntersection'), number(floors.minIntersection)],
    [t('floors.minBinRows'), number(floors.minBinRows)],
    [t('floors.minLeafRows'), number(floors.minLeafRows)],
    [t('floors.minDifference'), number(floors.minDifference)],
    [t('floors.maxDigits'), number(floors.maxDigits)],
    [t('floors.maxRounds'), number(floors.maxRounds)],
    [t('floors.maxReleasedCells'), number(floors.maxReleasedCells)],
    ...(trees === undefined
      ? []
      : ([
          [t('trees.membership'), t(trees.membership)],
          [t('trees.maxDepth'), number(trees.maxDepth)],
          [t('trees.maxCells'), number(trees.maxCells)],
        ] as [string, ReactNode][])),
    ...(average === undefined
      ? []
      : ([
          [t('average.label'), average.label ?? t('none')],
          [t('average.minRows'), number(average.minRows)],
          [t('average.maxEpsilon'), average.maxEpsilon ?? t('none')],
        ] as [string, ReactNode][])),
    ...(group === undefined
      ? []
      : ([
          [t('group.name'), group.name],
          [t('group.members'), group.members.join(', ')],
        ] as [string, ReactNode][])),
  ]
}
