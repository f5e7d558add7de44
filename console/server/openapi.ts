// The OpenAPI 3.1 document of a console: made from the schemas that the calls are checked with.
import type { FastifyDynamicSwaggerOptions } from '@fastify/swagger'
import { Problem, PROBLEM_TYPE } from '#console/api/problem.ts'
import type { About } from '#console/api/session.ts'

export function openApi({ kind, software }: Pick<About, 'kind' | 'software'>): FastifyDynamicSwaggerOptions {
  return {
    openapi: {
      openapi: '3.1.0',
      info: {
        title: kind === 'agent' ? 'Tributary agent' : 'Tributary coordinator',
        version: software.replace(/^.*\//, ''),
        description: `Refusals are ${PROBLEM_TYPE} with a code of docs/errors.md. A call that changes something carries the header x-csrf with the token of GET /api/session.`,
      },
      components: {
        // over TLS; without it the name ends with party and port, for cookies do not know ports
        securitySchemes: { session: { type: 'apiKey', in: 'cookie', name: '__Host-tributary' } },
        schemas: { Problem: Problem as never },
      },
    },
  }
}
