// Stands in for fast-check in test runs (vitest.config.ts): with PROPERTY_SEED in the environment all properties draw from
// that seed, so that a run of the CI, which takes the seed from the commit, can be run again as it was.
import fc from '../node_modules/fast-check/lib/fast-check.js'

const seed = process.env['PROPERTY_SEED']
if (seed !== undefined) fc.configureGlobal({ seed: Number(seed) })

export * from '../node_modules/fast-check/lib/fast-check.js'
export default fc
