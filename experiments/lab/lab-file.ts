// A lab file: a federation, the file of each party, and one job. Problems point at line and column.
import { dirname, resolve } from 'node:path'
import Type, { type Static, type TObject } from 'typebox'
import { AgentConfigSchema } from '#party-agent/config.ts'
import { checkJobSpec, type JobSpec, partiesOf } from '#protocols/core/job-spec.ts'
import { checkConfig, parseYaml, readYaml, sayProblem, type YamlSource } from '#runtime/config.ts'
import { PlatformError } from '#runtime/errors.ts'

/** A party of a lab offers one data set, declared as in agent.yaml. */
const DatasetSchema = Object.values(AgentConfigSchema.properties.datasets.patternProperties)[0] as TObject
const LabFileSchema = Type.Object(
  {
    federation: Type.String({ pattern: '^[a-z][a-z0-9.-]{0,62}$', default: 'lab' }),
    parties: Type.Record(
      Type.String(),
      Type.Object(
        { dataset: Type.String({ pattern: '^[A-Za-z_][A-Za-z0-9_.-]{0,63}$' }), ...DatasetSchema.properties },
        { additionalProperties: false, default: {} },
      ),
      { minProperties: 2, maxProperties: 17 },
    ),
    approvals: Type.Union([Type.Literal('lab'), Type.Literal('off')], {
      default: 'lab',
      description: 'lab: two people of each party, made for the lab, approve the job; off: nobody is asked',
    }),
    job: Type.Object({}, { additionalProperties: true, description: 'a job as in a job file' }),
  },
  { additionalProperties: false, title: 'Tributary lab' },
)

export interface LabParty {
  readonly dataset: string
  /** a data set of agent.yaml, as written in the lab file */
  readonly declaration: Readonly<Record<string, unknown>>
}

export interface LabPlan {
  readonly federation: string
  readonly parties: Readonly<Record<string, LabParty>>
  readonly job: JobSpec
  readonly approvals: 'lab' | 'off'
  /** folder to which the paths of the parties' sources are relative */
  readonly folder: string
}

/** @throws PlatformError config.unreadable, config.invalid, job.invalid; problems are `file:line:column key: …` */
export function readLabFile(path: string): LabPlan {
  return planLab(readYaml(path), dirname(resolve(path)))
}

/** The same from text, for labs that are made by a program. */
export function parseLab(text: string, folder: string): LabPlan {
  return planLab(parseYaml(text, 'lab'), folder)
}

function planLab(source: YamlSource, folder: string): LabPlan {
  const file = checkConfig(LabFileSchema, source) as Static<typeof LabFileSchema>
  const { spec, problems } = checkJobSpec({ version: 1, ...file.job })
  if (spec === undefined) {
    throw new PlatformError('job.invalid', {
      file: source.name,
      problems: problems.map(({ path, message }) => sayProblem(source, { path: `/job${path}`, message })),
    })
  }
  const parties: Record<string, LabParty> = {}
  for (const [party, { dataset, ...declaration }] of Object.entries(file.parties))
    parties[party] = { dataset, declaration }
  const missing = partiesOf(spec).filter((party) => !Object.hasOwn(parties, party))
  if (missing.length > 0) throw new PlatformError('job.unknown-party', { missing, parties: Object.keys(parties) })
  return { federation: file.federation, parties, job: spec, approvals: file.approvals, folder }
}
