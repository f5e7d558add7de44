// Which sections of a job go together.
import { problemsOfGroups } from './job-groups.ts'
import type { JobSpec } from './job-spec.ts'

export interface SpecProblem {
  /** JSON pointer, such as /train/rounds */
  readonly path: string
  readonly message: string
}

/** Every party brings rows of its own, with its own labels; nothing is aligned. */
export function isHorizontal({ statistics, average }: Pick<JobSpec, 'statistics' | 'average'>): boolean {
  return statistics !== undefined || average !== undefined
}

/** What is wrong with a job whose sections are each well formed. @param planned how many tasks it has */
export function problemsOfSections(spec: JobSpec, planned: number): SpecProblem[] {
  const problems = isHorizontal(spec) ? problemsOfHorizontal(spec) : problemsOfVertical(spec, planned)
  return [...problems, ...problemsOfGroups(spec)]
}

const VERTICAL = [
  'align',
  'reuse',
  'until',
  'profile',
  'bin',
  'select',
  'train',
  'boost',
  'scorecard',
  'evaluate',
  'value',
  'score',
] as const

/** What a job that scores cannot have: its model is there already. */
const MODELLING = ['until', 'profile', 'bin', 'select', 'train', 'boost', 'scorecard', 'evaluate', 'value'] as const

/** What a job over rows of all parties cannot have. */
function problemsOfHorizontal(spec: JobSpec): SpecProblem[] {
  const { average, split, hosts, guest } = spec
  const { model, privacy, algorithm, optimiser } = average ?? {}
  const columns = [guest, ...hosts].map((part) => part.columns).filter((some) => some !== 'all')
  const embedded = model?.kind === 'mlp' ? (model.embeddings ?? []).map(({ column }) => column) : []
  const plain = optimiser?.kind === 'sgd' && optimiser.momentum === 0
  const rules: [boolean, string, string][] = [
    ...VERTICAL.map((section): [boolean, string, string] => [
      spec[section] !== undefined,
      `/${section}`,
      'is for parties with different columns of the same rows: not with average or statistics',
    ]),
    [
      hosts.length < 2 && privacy === undefined,
      '/hosts',
      'two parties would read each other off the sum: three or more, or average.privacy',
    ],
    [
      hosts.length < 2 && privacy !== undefined && spec.statistics !== undefined,
      '/statistics',
      'exact sums over two parties tell each what the other has: three or more',
    ],
    [split.kind === 'keyed-hash' && split.outOfTime !== undefined, '/split/outOfTime', 'needs align.mode left'],
    [
      columns.some((some) => some.length !== columns[0]?.length),
      '/hosts',
      'all parties bring the same columns: their numbers differ',
    ],
    [algorithm?.kind === 'scaffold' && !plain, '/average/optimiser', 'scaffold takes sgd without momentum'],
    [
      algorithm?.kind === 'scaffold' && privacy !== undefined,
      '/average/privacy',
      'scaffold opens a second sum each round: not with privacy',
    ],
    [
      privacy !== undefined && privacy.sampleRate < 1 && privacy.unit === 'party',
      '/average/privacy/sampleRate',
      'needs unit row',
    ],
    [
      privacy !== undefined && average?.normBound !== undefined,
      '/average/normBound',
      'privacy has a bound of its own: l2Clip',
    ],
    [new Set(embedded).size < embedded.length, '/average/model/embeddings', 'a column has two embeddings'],
    [
      average?.dropout !== undefined && average.dropout.leastParties > hosts.length,
      '/average/dropout/leastParties',
      'fewer than all parties: with all of them nobody can be left out',
    ],
  ]
  return rules.filter(([wrong]) => wrong).map(([, path, message]) => ({ path, message }))
}

/** Sections that need each other. */
function problemsOfVertical(spec: JobSpec, planned: number): SpecProblem[] {
  const { align, split, bin, select, train, boost, scorecard, value, reuse, until, hosts } = spec
  const outOfTime = split.kind === 'keyed-hash' ? split.outOfTime : undefined
  const rules: [boolean, string, string][] = [
    ...MODELLING.map((section): [boolean, string, string] => [
      spec.score !== undefined && spec[section] !== undefined,
      `/${section}`,
      'builds a model: not with score',
    ]),
    [outOfTime !== undefined && align?.mode !== 'left', '/split/outOfTime', 'needs align.mode left'],
    [
      outOfTime?.recent !== undefined && outOfTime.recent <= outOfTime.from,
      '/split/outOfTime/recent',
      'must be later than split.outOfTime.from',
    ],
    [split.kind === 'id-modulo' && align?.mode === 'left', '/split/kind', 'align.mode left takes keyed-hash'],
    [select !== undefined && bin === undefined, '/select', 'needs bin'],
    [train?.columns === 'woe' && bin === undefined, '/train/columns', 'woe needs bin'],
    [train?.nonNegative === true && train.columns !== 'woe', '/train/nonNegative', 'needs train.columns woe'],
    [scorecard !== undefined && train?.columns === 'standardised', '/scorecard', 'needs train.columns woe'],
    [scorecard !== undefined && scorecard.low >= scorecard.high, '/scorecard/low', 'must be below scorecard.high'],
    [value !== undefined && hosts.length < 2, '/value', 'needs two partners or more'],
    [value?.coalitions === 'shapley' && hosts.length > 6, '/value/coalitions', 'shapley takes at most six partners'],
    [until === 'bin' && bin === undefined, '/until', 'this job has no bin'],
    [until === 'select' && select === undefined, '/until', 'this job has no select'],
    [until === 'train' && train === undefined, '/until', 'this job has no train'],
    [
      boost?.goss !== undefined && boost.goss.top + boost.goss.other > 1,
      '/boost/goss',
      'top and other exceed all rows',
    ],
    [boost?.goss !== undefined && boost.rowSample < 1, '/boost/rowSample', 'goss draws the rows already'],
    [boost !== undefined && boost.guestFirst > boost.trees, '/boost/guestFirst', 'more than boost.trees'],
    [planned === 0, '/until', 'nothing is left to do after what reuse takes over'],
    [reuse?.through === 'bin' && bin === undefined, '/reuse/through', 'this job has no bin'],
    [reuse?.through === 'select' && select === undefined, '/reuse/through', 'this job has no select'],
  ]
  return rules.filter(([wrong]) => wrong).map(([, path, message]) => ({ path, message }))
}
