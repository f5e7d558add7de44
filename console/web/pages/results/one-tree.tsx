// One tree of a boosted model as a list that branches: columns of partners by alias, own ones with their side.
import { useState } from 'react'
import { resultCalls } from '#console/api/results.ts'
import type { TablePart } from '#console/api/tables.ts'
import type { EvaluationPack } from '#credit/evaluation/pack.ts'
import { numberOf, partyName, recordsOf, textOf, valuesOf } from '#credit/report/table-markup.ts'
import { plottedNode } from '#credit/report/tree-sections.ts'
import type { PlottedNode } from '#credit/report/tree-plot.ts'
import { clientOf } from '../../client.ts'
import { TextField } from '../../components/fields.tsx'
import { shareText } from '../../components/format.tsx'
import { Answer } from '../../components/state.tsx'
import { useLanguage, useWords } from '../../words.ts'
import { useRead } from './kept.ts'
import { PackTable } from './pack-table.tsx'
import { words } from './words.ts'

const calls = clientOf(resultCalls)
const MOST_NODES = 2000

interface OneTreeProps {
  readonly pack: EvaluationPack
  /** the first tree, which came with the chapter */
  readonly first: TablePart | undefined
}

export function OneTree({ pack, first }: OneTreeProps) {
  const t = useWords(words)
  const [wanted, setWanted] = useState('1')
  const { jobId } = pack.run
  const trees = valuesOf(
    pack.tables.find(({ name }) => name === 'tree_losses'),
    'tree',
  ).length
  const tree = Math.min(Math.max(1, Math.trunc(Number(wanted)) || 1), Math.max(1, trees))
  const asked = useRead(
    ['results', jobId, 'tree', tree],
    (signal) =>
      calls.table({ params: { job: jobId, table: 'tree_view' }, query: { tree, limit: MOST_NODES } }, { signal }),
    { isOff: tree === 1 && first !== undefined },
  )
  const shown = tree === 1 && first !== undefined ? { data: first, error: null } : asked
  if (first === undefined) return null
  return (
    <section className="by-set" aria-label={t('oneTree')} data-tour="result-tree">
      <h3>{t('oneTree')}</h3>
      <div className="chosen">
        <TextField label={`${t('chooseTree')} (1–${trees})`} type="number" value={wanted} onChange={setWanted} />
      </div>
      <Answer of={shown}>
        {(part) => (
          <>
            <Drawn pack={pack} part={part} />
            <PackTable key={tree} pack={pack} part={part} />
          </>
        )}
      </Answer>
      <p className="muted">{t('treeNote')}</p>
    </section>
  )
}

interface Node extends PlottedNode {
  readonly owner: string
  readonly gain: number | null
}

function Drawn({ pack, part }: { readonly pack: EvaluationPack; readonly part: TablePart }) {
  const language = useLanguage()
  const nodes = new Map(
    recordsOf(part).map((record): [number, Node] => {
      const owner = textOf(record, 'party')
      const gain = numberOf(record, 'gain')
      return [
        Number(record['node']),
        { ...plottedNode(pack, record), owner: owner === '' ? '' : partyName(pack, owner, language), gain },
      ]
    }),
  )
  const isPoints = recordsOf(part).some((record) => record['points'] !== null)
  return (
    <ul className="tree">
      <Branch nodes={nodes} number={0} all={nodes.get(0)?.rows ?? 1} isPoints={isPoints} />
    </ul>
  )
}

interface BranchProps {
  readonly nodes: ReadonlyMap<number, Node>
  /** children of node i are 2i + 1 (left) and 2i + 2 (right) */
  readonly number: number
  /** training rows of the tree */
  readonly all: number
  readonly isPoints: boolean
}

function Branch({ nodes, number, all, isPoints }: BranchProps) {
  const t = useWords(words)
  const node = nodes.get(number)
  if (node === undefined) return null
  const share = all === 0 ? 0 : node.rows / all
  return (
    <li>
      <div className="tree-node">
        {number === 0 ? null : (
          <span className="tree-branch">{t(number % 2 === 1 ? 'leftBranch' : 'rightBranch')}</span>
        )}
        {node.split === undefined ? (
          <span>
            {t('leaf')}{' '}
            <strong className="numeric">
              {node.written} {t(isPoints ? 'points' : 'logOdds')}
            </strong>
          </span>
        ) : (
          <span>
            <strong>{node.split.label}</strong> <code>{node.split.left}</code>{' '}
            <span className="muted">
              {node.owner} · {t('gain')} {node.gain?.toFixed(1) ?? '–'}
            </span>
          </span>
        )}
        <span className="tree-share" aria-hidden="true">
          <span style={{ inlineSize: `${share * 100}%` }} />
        </span>
        <span className="numeric muted">{shareText(share)}</span>
      </div>
      {node.split === undefined ? null : (
        <ul>
          <Branch nodes={nodes} number={2 * number + 1} all={all} isPoints={isPoints} />
          <Branch nodes={nodes} number={2 * number + 2} all={all} isPoints={isPoints} />
        </ul>
      )}
    </li>
  )
}
