// Prints what each attack does under each defence, over some seeds: `node experiments/poisoning/poisoning.ts`.
import { ATTACKER, ATTACKS, type Outcome, run, USUAL } from './attacks.ts'
import { drawHolders, median } from './holders.ts'

const SEEDS = [1, 2, 3, 4, 5, 6, 7, 8]
/** rounds in which honest updates still agree */
const EARLY = 4
const DEFENDED = {
  'no defence': { defence: 'none' },
  'clip 1': { defence: 'clip', clip: 1 },
  'clip 0.1': { defence: 'clip', clip: 0.1 },
  'clip 1, bound 1.4': { defence: 'clip and bound', clip: 1, bound: 1.4 },
} as const

function line(name: string, outcomes: readonly Outcome[]): string {
  const aucs = outcomes.map(({ auc }) => auc)
  const refused = outcomes.flatMap(({ refusedIn }) => (refusedIn === undefined ? [] : [refusedIn]))
  const named = [(round: number) => round < EARLY, (round: number) => round >= EARLY].map((pick) => {
    const asked = outcomes.flatMap(({ diagnoses }) => diagnoses.filter((_, round) => pick(round)))
    if (asked.length === 0) return ''
    const attacker = asked.filter((round) => round[ATTACKER]?.suspect === true).length
    const others = asked.filter((round) => round.some(({ suspect }, i) => suspect && i !== ATTACKER)).length
    return `${attacker} + ${others} of ${asked.length}`
  })
  const stopped = refused.length === 0 ? '' : `${refused.length} of ${outcomes.length} in round ${Math.max(...refused)}`
  const cells = [name, median(aucs).toFixed(4), Math.min(...aucs).toFixed(4), stopped, ...named]
  return `| ${cells.join(' | ')} |`
}

console.log('| attack, defence | AUC, median | AUC, lowest | stopped | named in rounds 1–4 | named later |')
console.log('| --- | --- | --- | --- | --- | --- |')
const drawn = SEEDS.map((seed) => drawHolders(seed))
for (const attack of ATTACKS) {
  for (const [name, settings] of Object.entries(DEFENDED)) {
    const outcomes = await Promise.all(SEEDS.map((seed, i) => run(seed, { ...USUAL, attack, ...settings }, drawn[i])))
    console.log(line(`${attack}, ${name}`, outcomes))
  }
}
