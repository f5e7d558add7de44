// What is asked of the hosts on one level: which node each stream is about, and how many cells an answer sums.
import { permutation } from '#crypto/prg.ts'
import type { NodePass } from './guest-level.ts'
import type { Growing } from './guest-tree.ts'
import { cutPasses, hiddenLevel, hiddenNodes, type Streams, visibleLevel, windowsFor } from './layout.ts'

/** What is asked on a level: the nodes of the streams, in a drawn order while membership is hidden. */
function askedOn({ run, growth, members, shown }: Growing, level: number): (Streams & Pick<NodePass, 'nodes'>)[] {
  const { input, seed, round } = run
  const { params } = input
  if (params.membership === 'visible') {
    const rows = growth.asked.map((node) => members.get(node)!)
    return visibleLevel(rows, params).map((streams, i) => ({ ...streams, nodes: [growth.asked[i]] }))
  }
  return hiddenLevel(level, params, shown).map((streams) => {
    const order = permutation(seed, `tree ${round - 1} streams ${level}`, hiddenNodes(level))
    return { ...streams, nodes: Array.from(order, (at) => growth.asked[at]) }
  })
}

/** Settles with the hosts how many cells an answer sums. Each member of a group answers. */
export async function layPasses(growing: Growing, level: number): Promise<NodePass[]> {
  const { hosts, run } = growing
  const { params } = run.input
  const columns = hosts.flatMap((host) => host.channels.map(() => host.columns))
  const asked = askedOn(growing, level)
  const windows = asked.map((streams) => windowsFor(streams, columns))
  const channels = hosts.flatMap((host) => host.channels)
  await Promise.all(channels.map((channel) => channel.send('layout', () => windows, { part: level })))
  return asked.flatMap(({ nodes, ...streams }, i) => {
    let from = 0
    return cutPasses(streams, windows[i]!, params).map((pass) => {
      const count = (pass.streams * nodes.length) / streams.streams
      from += count
      return { ...pass, nodes: nodes.slice(from - count, from) }
    })
  })
}
