// What an operator sees of this agent: connection, certificates, backlog, open jobs by name and state, machine.
import { type AgentOperation, operationCalls } from '#console/api/operation.ts'
import { type Served, served } from '#console/server/calls.ts'
import { certificateView } from '#console/server/certificate-view.ts'
import { MachineWatch } from '#console/server/machine.ts'
import { COORDINATOR_PEER } from '#crypto/identity/names.ts'
import { softwareName } from '#runtime/version.ts'
import type { AgentParts } from './parts.ts'

const MOST_JOBS = 200

/** Figures of the machine are taken as long as the process runs. */
export function operationServed(parts: AgentParts): Served {
  const machine = new MachineWatch(parts.config.home, softwareName())
  return served(operationCalls, { operation: () => operationOf(parts, machine) })
}

async function operationOf(
  { agent, config, identity, trust, now }: AgentParts,
  machine: MachineWatch,
): Promise<AgentOperation> {
  const { isConnected, since, certificatePem, openJobs, jobs, damaged, backlog } = agent.status()
  const { bundle } = trust
  const { party, rootPem } = identity
  const at = now()
  return {
    coordinator: {
      address: config.coordinator,
      connected: isConnected,
      since: since?.toISOString() ?? '',
      software: softwareName(),
    },
    certificates: [
      certificateView({ holder: party, what: 'agent', certificate: certificatePem }, at),
      certificateView({ holder: party, what: 'root', certificate: rootPem }, at),
      certificateView({ holder: COORDINATOR_PEER, what: 'root', certificate: bundle.coordinator.rootPem }, at),
    ],
    trustEdition: bundle.edition,
    machine: await machine.view(),
    jobs: { open: openJobs.slice(0, MOST_JOBS).map((job) => ({ ...job })), kept: jobs, damaged },
    mail: { ...backlog },
    workers: { threads: config.resources.heWorkers },
  }
}
