// What a caller sent against the schemas of the contract, and what a handler answers too: an answer that is not what the
// contract says is never sent.
import type { Static, TSchema } from 'typebox'
import Compile from 'typebox/compile'
import Value from 'typebox/value'
import { PlatformError } from '#runtime/errors.ts'
import { schemaProblems } from '#runtime/schema-problems.ts'

const MOST_PROBLEMS = 20

/**
 * @param isText whether all values are texts, as in a path or a query: numbers and booleans are read from them
 * @returns a check that gives the value back @throws PlatformError console.request naming each problem
 */
export function requestCheck<S extends TSchema>(schema: S, isText: boolean): (value: unknown) => Static<S> {
  const validator = Compile(schema)
  return (given) => {
    const value = isText ? Value.Convert(schema, { ...(given as object) }) : given
    if (validator.Check(value)) return value as Static<S>
    const problems = schemaProblems(schema, value, [...validator.Errors(value)]).map(
      ({ path, message }) => `${path || '/'}: ${message}`,
    )
    throw new PlatformError('console.request', { problems: problems.slice(0, MOST_PROBLEMS) })
  }
}

/** @returns a check that gives the answer back @throws Error, which becomes internal.unexpected, naming what is amiss */
export function answerCheck<S extends TSchema>(schema: S, call: string): (value: unknown) => unknown {
  const validator = Compile(schema)
  return (value) => {
    // JSON leaves out what is undefined, so the contract is held against what will be sent
    if (validator.Check(value) || validator.Check(JSON.parse(JSON.stringify(value)))) return value
    const [first] = schemaProblems(schema, value, [...validator.Errors(value)])
    throw new Error(`the answer of ${call} is not what the contract says: ${first?.path} ${first?.message}`)
  }
}
