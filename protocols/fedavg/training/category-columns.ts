// Which columns of a model are codes: asked where rows are read, without the tensor engine.
import { kerasCategories } from './keras-json.ts'
import type { ModelSpec } from './types.ts'

/** Columns whose values are codes of categories, not numbers to standardise. @throws average.layer */
export function categoryColumns(spec: ModelSpec): string[] {
  if (spec.kind === 'keras') return kerasCategories(spec.json)
  return spec.kind === 'mlp' ? (spec.embeddings ?? []).map(({ column }) => column) : []
}
