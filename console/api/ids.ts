// How things are named in the calls: patterns that lead to no other folder than that of what they name.
import Type from 'typebox'

export const JobId = Type.String({ pattern: '^job-[0-9a-f]{20}$' })
