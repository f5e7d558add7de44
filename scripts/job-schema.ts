// Writes docs/job.schema.json, the JSON Schema of job files. `--check` compares and writes nothing.
import { formatJobSchema } from '#cli/commands/schema.ts'
import { syncFiles } from './generated-files.ts'

const documents = new Map([['docs/job.schema.json', `${await formatJobSchema()}\n`]])
process.exitCode = syncFiles(documents, process.argv.includes('--check'))
