// Words of data sets: kinds of ids and labels, rules for missing values, coverage, sets of rows.
import { dictionary } from '../../words.ts'

export const dataWords = dictionary({
  uscc: ['unified social credit codes', '统一社会信用代码'],
  'id-card': ['identity card numbers', '身份证号'],
  mobile: ['mobile numbers', '手机号'],
  plain: ['plain ids', '普通标识'],
  binary: ['a class: 1 bad, 0 good', '类别：1 为坏，0 为好'],
  number: ['a number', '数值'],
  count: ['a count', '次数'],
  complete: ['complete: who has no row here has nothing', '完整：此处无记录者即无此项'],
  partial: ['partial: nothing is known of who has no row here', '部分：此处无记录者情况未知'],
  mean: ['the mean', '均值'],
  zero: ['zero', '零'],
  reject: ['jobs are refused', '拒绝作业'],
  first: ['the first row counts', '取第一行'],
  last: ['the last row counts', '取最后一行'],
  intersection: ['common rows', '交集'],
  aligned: ['aligned', '已对齐'],
  training: ['training', '训练'],
  'hold-out': ['hold-out', '留出'],
  'out of time': ['out of time', '跨期'],
  recent: ['recent', '近期'],
  csv: ['CSV file', 'CSV 文件'],
  parquet: ['Parquet file', 'Parquet 文件'],
  sql: ['SQL query', 'SQL 查询'],
  '+': ['rises with the value', '随数值升高'],
  '-': ['falls with the value', '随数值降低'],
  '0': ['no expectation', '无预期'],
})

/** A word of the table, or the value itself where it has none. */
export function dataWord(t: (key: keyof typeof dataWords) => string, value: string): string {
  return Object.hasOwn(dataWords, value) ? t(value as keyof typeof dataWords) : value
}
