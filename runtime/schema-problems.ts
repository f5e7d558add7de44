// Turns what a schema validator found into sentences: what was expected, in which range, and what was given.

export interface ConfigProblem {
  /** JSON pointer, such as /quotas/jobBytes; empty for the file as a whole */
  readonly path: string
  readonly message: string
}

/** What TypeBox reports for one broken keyword. */
export interface SchemaError {
  readonly keyword: string
  /** where in the schema, such as #/properties/level/anyOf/0 */
  readonly schemaPath: string
  readonly instancePath: string
  readonly params: object
  readonly message: string
}

type Schema = Readonly<Record<string, unknown>>

/** One problem a key, in the order of the file's schema. */
export function schemaProblems(schema: object, value: unknown, errors: readonly SchemaError[]): ConfigProblem[] {
  const problems = chosen(schema as Schema, errors).flatMap((error) => describe(schema as Schema, value, error))
  const seen = new Set<string>()
  return problems.filter((problem) => {
    const known = seen.has(problem.path)
    seen.add(problem.path)
    return !known
  })
}

/** Of a choice between shapes, only the shape that was meant is worth talking about. */
function chosen(schema: Schema, errors: readonly SchemaError[]): SchemaError[] {
  let left = errors.filter((error) => error.keyword !== 'boolean')
  for (const choice of errors.filter((error) => error.keyword === 'anyOf')) {
    const variants = (at(schema, choice.schemaPath)['anyOf'] ?? []) as Schema[]
    const under = (i: number) => (error: SchemaError) =>
      error.instancePath.startsWith(choice.instancePath) &&
      (error.schemaPath === `${choice.schemaPath}/anyOf/${i}` ||
        error.schemaPath.startsWith(`${choice.schemaPath}/anyOf/${i}/`))
    const meant = variants
      .map((_, i) => i)
      .filter((i) => !left.some((error) => under(i)(error) && rulesOut(error, choice)))
    const drop = (i: number) => !(meant.length === 1 && meant[0] === i)
    left = left.filter((error) => !variants.some((_, i) => drop(i) && under(i)(error)))
    if (meant.length === 1) left = left.filter((error) => error !== choice)
  }
  return left
}

/** A wrong type or a wrong constant (such as `kind`) says that this variant was not meant. */
function rulesOut(error: SchemaError, choice: SchemaError): boolean {
  if (error.keyword === 'const') return true
  return error.keyword === 'type' && error.instancePath === choice.instancePath
}

function describe(schema: Schema, value: unknown, error: SchemaError): ConfigProblem[] {
  const params = error.params as Readonly<Record<string, unknown>>
  const path = error.instancePath
  const place = at(schema, error.schemaPath)
  if (error.keyword === 'required') {
    return (params['requiredProperties'] as string[]).map((key) => {
      const expected = expectation(((place['properties'] ?? {}) as Record<string, Schema>)[key] ?? {})
      return { path: `${path}/${escape(key)}`, message: `required: ${expected}` }
    })
  }
  if (error.keyword === 'additionalProperties') {
    const known = Object.keys((place['properties'] ?? {}) as object).join(', ')
    return (params['additionalProperties'] as string[]).map((key) => ({
      path: `${path}/${escape(key)}`,
      message: `unknown key; known here: ${known}`,
    }))
  }
  return [{ path, message: `expected ${expectation(place)}, got ${given(value, path)}` }]
}

/** A schema in words. */
export function expectation(schema: Schema): string {
  const described = typeof schema['description'] === 'string' ? ` (${schema['description']})` : ''
  return `${bare(schema)}${described}`
}

function bare(schema: Schema): string {
  if ('const' in schema) return JSON.stringify(schema['const'])
  if (Array.isArray(schema['enum'])) return `one of ${schema['enum'].map((v) => JSON.stringify(v)).join(', ')}`
  if (Array.isArray(schema['anyOf'])) {
    const parts = (schema['anyOf'] as Schema[]).map(bare)
    return parts.length === 1 ? (parts[0] as string) : `one of ${parts.join(', ')}`
  }
  const { minimum, maximum, minLength, maxLength, minItems, maxItems, pattern } = schema as Record<string, string>
  switch (schema['type']) {
    case 'integer':
      return `a whole number${range(minimum, maximum)}`
    case 'number':
      return `a number${range(minimum, maximum)}`
    case 'string':
      return `text${pattern === undefined ? '' : ` matching ${pattern}`}${range(minLength, maxLength, ' characters')}`
    case 'array':
      return `a list${range(minItems, maxItems, ' items')}`
    case 'object':
      return 'a group of keys'
    case 'boolean':
      return 'true or false'
    default:
      return 'another value'
  }
}

function range(low: unknown, high: unknown, unit = ''): string {
  if (low === undefined && high === undefined) return ''
  if (high === undefined) return ` of at least ${low}${unit}`
  if (low === undefined) return ` of at most ${high}${unit}`
  return ` in [${low}, ${high}]${unit}`
}

/** The value that was given, short. Keys that could hold a secret are not repeated. */
function given(root: unknown, pointer: string): string {
  if (/(passphrase|password|secret|token)$/i.test(pointer)) return 'a value that is not shown'
  const text = JSON.stringify(at(root as Schema, `#${pointer}`)) ?? 'nothing'
  return text.length > 80 ? `${text.slice(0, 80)}…` : text
}

function at(root: Schema, path: string): Schema {
  let here: unknown = root
  for (const segment of path.replace(/^#/, '').split('/').slice(1)) {
    here = (here as Record<string, unknown> | undefined)?.[segment.replaceAll('~1', '/').replaceAll('~0', '~')]
  }
  return here as Schema
}

function escape(key: string): string {
  return key.replaceAll('~', '~0').replaceAll('/', '~1')
}
