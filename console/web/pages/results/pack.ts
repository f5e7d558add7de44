// What credit/report needs of a chapter: an evaluation pack of just these tables and curves, with the names of columns.
import type { Chapter } from '#console/api/results.ts'
import type { EvaluationPack, Table } from '#credit/evaluation/pack.ts'

/** @param chapter as the agent sent it */
export function packOf({ run, scoreUnit, scaling, tables, series, challenger, names }: Chapter): EvaluationPack {
  const named: Table = {
    name: 'iv_ranking',
    columns: ['party', 'feature', 'feature_name', 'feature_name_en'],
    rows: names.map(({ party, feature, zh, en }) => [party, feature, zh, en]),
  }
  const isNamed = tables.some(({ name }) => name === named.name)
  return {
    format: 'tributary/evaluation/1',
    run,
    scoreUnit,
    scaling,
    tables: isNamed ? tables : [...tables, named],
    series,
    ...(challenger === undefined ? {} : { challenger }),
  }
}
