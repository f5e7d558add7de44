// Four parks that average one model of two columns: what the tests of lost, late and returning parties run on.
import { parseLab } from '../lab/lab-file.ts'
import { openStream } from '../synth/stream.ts'
import type { TableFolder } from './fixtures.ts'

export const PARKS = ['park-a', 'park-b', 'park-c', 'park-d'] as const

/** Tables written, and the lab over them. @param rows of each park @param average settings of the section */
export async function fourParks(
  folder: TableFolder,
  rows: (park: (typeof PARKS)[number]) => number,
  average: Readonly<Record<string, unknown>>,
  peerSeconds: number,
) {
  for (const [p, park] of PARKS.entries()) await folder.write(`${park}.csv`, tableOf(p, rows(park)))
  const parties = Object.fromEntries(
    PARKS.map((park) => [
      park,
      { dataset: 'rows', source: { csv: `${park}.csv` }, ids: { column: 'id', kind: 'plain' }, label: { column: 'y' } },
    ]),
  )
  const job = {
    name: 'four parks',
    guest: { party: 'park-a', dataset: 'rows' },
    hosts: PARKS.slice(1).map((party) => ({ party, dataset: 'rows' })),
    average: { minimumRows: 50, ...average },
    deadlines: { peerSeconds },
  }
  return parseLab(JSON.stringify({ approvals: 'off', parties, job }), folder.path)
}

/** Two columns that say something of the label. */
function tableOf(party: number, count: number) {
  const rows = Array.from({ length: count }, (_, i) => {
    const random = openStream(20220101, 700 + party, i)
    const [a, b] = [random.normal(), random.normal()]
    const label = random.uniform() < 1 / (1 + Math.exp(-(a - b))) ? '1' : '0'
    return [`${party}${String(i).padStart(5, '0')}`, label, a.toFixed(5), b.toFixed(5)]
  })
  return { header: ['id', 'y', 'a', 'b'], rows }
}
