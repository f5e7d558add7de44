// What the federation offers, as the coordinator tells it; of this party's own columns also what is declared of them.
import { type Catalogue, catalogueCalls, type OfferedColumn } from '#console/api/catalogue.ts'
import { type Served, served } from '#console/server/calls.ts'
import type { DatasetConfig } from '../config.ts'
import type { FederationView } from '../link/coordinator-client.ts'
import type { AgentParts } from './parts.ts'

export function catalogueServed({
  coordinator,
  identity,
  config,
}: Pick<AgentParts, 'coordinator' | 'identity' | 'config'>): Served {
  return served(catalogueCalls, {
    catalogue: async () => catalogueOf(await (await coordinator()).describe(), identity.party, config.datasets),
  })
}

export function catalogueOf(
  { federation, parties }: FederationView,
  self: string,
  own: Readonly<Record<string, DatasetConfig>>,
): Catalogue {
  return {
    federation,
    parties: parties.map(({ party, connected, software, datasets }) => ({
      party,
      isOwn: party === self,
      connected,
      software,
      data: datasets.map(({ name, id_kind: idKind, rows, columns, label }) => ({
        name,
        ids: idKind.split('+'),
        rows: Number(rows),
        columns: columns.map((column) => offeredColumn(column, party === self ? own[name] : undefined)),
        ...(label === '' ? {} : { label }),
      })),
    })),
  }
}

function offeredColumn(name: string, dataset: DatasetConfig | undefined): OfferedColumn {
  const { alias, zh, en, unit, sign } = dataset?.features?.[name] ?? {}
  const title = { ...(zh === undefined ? {} : { zh }), ...(en === undefined ? {} : { en }) }
  return {
    name,
    ...(alias === undefined ? {} : { alias }),
    ...(zh === undefined && en === undefined ? {} : { title }),
    ...(unit === undefined ? {} : { unit }),
    ...(sign === undefined ? {} : { sign }),
  }
}
