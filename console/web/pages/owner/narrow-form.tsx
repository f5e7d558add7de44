// Allowing less than a job asks for: columns, floors, caps, runs, validity. The agent refuses whatever would be wider.
import type { RequestFacts } from '#console/api/approvals.ts'
import type { Approval } from '#protocols/core/approval.ts'
import { Checkbox, Choice, TextField } from '../../components/fields.tsx'
import { dictionary, useWords } from '../../words.ts'
import './owner.css'
import { approvalWords } from './approval-words.ts'

const words = dictionary({
  lead: [
    'Everything here can only be made narrower than the job asks and the template allows. What the job then lacks is shown before you sign.',
    '此处各项只能比作业所申请和模板所允许的更窄。签署前会显示作业因此缺少的内容。',
  ],
  least: ['at least {n}', '不少于 {n}'],
  most: ['at most {n}', '不多于 {n}'],
  validFrom: ['valid from', '有效期起'],
  validTo: ['valid until', '有效期止'],
  columns: ['Columns that may be used', '允许使用的列'],
  limits: ['Limits', '限制'],
  membership: ['Who sees which rows are in a node of a tree', '谁能看到各节点包含哪些行'],
  asAsked: ['as the job asks', '按作业所申请'],
  hidden: ['nobody but the guest', '仅发起方'],
})

/** What people changed, by the name of `--narrow`; absent: as it was. */
export type Narrowing = Readonly<Record<string, string>>

/** KEY=VALUE of what was changed. */
export function narrowWishes(narrowing: Narrowing): string[] {
  return Object.entries(narrowing).flatMap(([key, value]) => (value === '' ? [] : [`${key}=${value}`]))
}

interface NarrowFormProps {
  readonly request: RequestFacts
  /** as the template has it: bounds of what may be written */
  readonly widest: Approval
  readonly value: Narrowing
  readonly onChange: (value: Narrowing) => void
}

/** Name of `--narrow`, and the value of the draft. */
function boundsOf({ floors, runs, trees, average }: Approval): readonly (readonly [string, string, number])[] {
  return [
    ['minIntersection', 'floors.minIntersection', floors.minIntersection],
    ['minBinRows', 'floors.minBinRows', floors.minBinRows],
    ['minLeafRows', 'floors.minLeafRows', floors.minLeafRows],
    ['minDifference', 'floors.minDifference', floors.minDifference],
    ['maxDigits', 'floors.maxDigits', floors.maxDigits],
    ['maxRounds', 'floors.maxRounds', floors.maxRounds],
    ['maxReleasedCells', 'floors.maxReleasedCells', floors.maxReleasedCells],
    ['runs', 'runs', runs],
    ...(trees === undefined
      ? []
      : ([
          ['maxTreeDepth', 'trees.maxDepth', trees.maxDepth],
          ['maxTreeCells', 'trees.maxCells', trees.maxCells],
        ] as const)),
    ...(average === undefined ? [] : ([['minRows', 'average.minRows', average.minRows]] as const)),
    ...(average?.maxEpsilon === undefined
      ? []
      : ([['maxEpsilon', 'average.maxEpsilon', Number(average.maxEpsilon)]] as const)),
  ]
}

export function NarrowForm({ request, widest, value, onChange }: NarrowFormProps) {
  const t = useWords(words)
  const name = useWords(approvalWords)
  const set = (key: string, text: string) => {
    const { [key]: _, ...others } = value
    onChange(text === '' ? others : { ...others, [key]: text })
  }
  const all = request.columns.map((column) => column.name)
  const chosen = value['columns']?.split(',') ?? all
  const choose = (column: string, isChosen: boolean) => {
    const columns = all.filter((one) => (one === column ? isChosen : chosen.includes(one)))
    // nothing left is no approval: the last column stays
    if (columns.length > 0) set('columns', columns.length === all.length ? '' : columns.join(','))
  }
  return (
    <div className="owner-stack">
      <p className="lead">{t('lead')}</p>
      <fieldset className="owner-fieldset">
        <legend>{t('columns')}</legend>
        <div className="owner-columns">
          {all.map((column) => (
            <Checkbox key={column} value={chosen.includes(column)} onChange={(is) => choose(column, is)}>
              {column}
            </Checkbox>
          ))}
        </div>
      </fieldset>
      <fieldset className="owner-fieldset">
        <legend>{t('limits')}</legend>
        <div className="owner-limits">
          {boundsOf(widest).map(([key, field, bound]) => (
            <TextField
              key={key}
              label={name(field as keyof typeof approvalWords)}
              hint={t(key.startsWith('min') ? 'least' : 'most', { n: bound })}
              placeholder={String(bound)}
              value={value[key] ?? ''}
              onChange={(text) => set(key, text.trim())}
            />
          ))}
          <TextField
            label={t('validFrom')}
            type="date"
            value={value['validFrom'] ?? ''}
            onChange={(text) => set('validFrom', text)}
          />
          <TextField
            label={t('validTo')}
            type="date"
            hint={t('most', { n: widest.validTo.slice(0, 10) })}
            value={value['validTo'] ?? ''}
            onChange={(text) => set('validTo', text)}
          />
        </div>
      </fieldset>
      {widest.trees?.membership === 'visible' ? (
        <Choice
          label={t('membership')}
          options={[
            { id: 'asked', title: t('asAsked') },
            { id: 'hidden', title: t('hidden') },
          ]}
          value={value['membership'] === 'hidden' ? 'hidden' : 'asked'}
          onChange={(id) => set('membership', id === 'hidden' ? 'hidden' : '')}
        />
      ) : null}
    </div>
  )
}
