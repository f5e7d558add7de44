// `tributary schema`: the JSON Schema of job files; docs/job.schema.json is its output.
import type { Command } from 'commander'
import type { CliContext } from '../context.ts'

export function registerSchema(program: Command, cli: CliContext): void {
  program
    .command('schema')
    .description(cli.t('print the JSON Schema of job files', '输出作业文件的 JSON Schema'))
    .addHelpText(
      'after',
      `
Example (first line of a job file, for editors):
  # yaml-language-server: $schema=docs/job.schema.json`,
    )
    .action(() => formatJobSchema().then(cli.out))
}

/** The schema as it is published, without a line end. */
export async function formatJobSchema(): Promise<string> {
  const { JobSpecSchema } = await import('#protocols/core/job-spec.ts')
  return JSON.stringify({ $schema: 'https://json-schema.org/draft/2020-12/schema', ...JobSpecSchema }, null, 2)
}
