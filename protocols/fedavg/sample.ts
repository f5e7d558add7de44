// Test support: parties with the same columns of different rows, drawn from one population with another mix at each.
import { expandUniform } from '#crypto/prg.ts'
import { T } from '#crypto/ring.ts'
import type { TaskVault } from '#protocols/core/contract.ts'
import { type MemoryNetwork, type MemoryParty, memoryVault } from '#protocols/core/memory.ts'
import { Secret } from '#runtime/secret.ts'
import { openAverage } from './average.ts'
import { runWithAdder } from './memory-adder.ts'
import { chargeInMemory } from './privacy/accountant.ts'
import type { FedAvgInput, FedAvgOutput, FedAvgParams, PartyRows } from './params.ts'

export const PARTIES = ['bank', 'park-east', 'park-west', 'park-south', 'park-north'] as const
export const COLUMNS = ['age', 'sales', 'debt', 'tax'] as const

export const PARAMS: FedAvgParams = {
  model: { kind: 'logistic' },
  local: { epochs: 1, batchRows: 32, learningRate: 0.1, optimiser: { kind: 'sgd', momentum: 0 }, decay: 0 },
  server: { kind: 'average', learningRate: 1 },
  proximal: 0,
  scaffold: false,
  rounds: 4,
  clip: 1,
  minimumRows: 50,
}

/** Uniform numbers in [0, 1), the same for the same label. */
export function uniform(label: string, count: number): Float64Array {
  return expandUniform(new Uint8Array(32), label, count).map((value) => value / T)
}

/** Columns are standardised already; their means differ from party to party. */
export function makeRows(label: string, rows: number, shift: number): PartyRows {
  const columns = COLUMNS.map((name, c) =>
    uniform(`${label} ${name}`, rows).map((value) => (value - 0.5) * 3.4 + (c === 0 ? shift : 0)),
  )
  const draws = uniform(`${label} labels`, rows)
  const labels = Uint8Array.from(draws, (draw, row) => {
    const score = columns.reduce((sum, values, c) => sum + values[row]! * [0.8, -1.2, 1, 0][c]!, -0.7)
    return Number(draw < 1 / (1 + Math.exp(-score)))
  })
  return { columns, labels }
}

export function makeInputs(parties: number, params: Partial<FedAvgParams> = {}): FedAvgInput[] {
  return Array.from({ length: parties }, (_, i) => ({
    params: { ...PARAMS, ...params },
    columns: COLUMNS,
    train: makeRows(`train ${i}`, 120 + 40 * i, i * 0.5 - 0.5),
    holdout: makeRows(`holdout ${i}`, 80, i * 0.5 - 0.5),
    sumsBefore: {},
  }))
}

/** The same secrets in every run, so that runs can be compared. */
export function fixedVault(owner: number): TaskVault {
  const seed = async (label: string) =>
    new Secret(label, new Uint8Array(uniform(`${owner} ${label}`, 32).map((value) => value * 256)))
  return { ...memoryVault(), seed }
}

export function partiesOf(inputs: readonly FedAvgInput[]): MemoryParty[] {
  return inputs.map((input, i) => ({ id: PARTIES[i]!, program: openAverage() as never, input, vault: fixedVault(i) }))
}

/** Runs the whole protocol. @returns outputs in the order of the inputs */
export async function average(inputs: readonly FedAvgInput[], network?: MemoryNetwork): Promise<FedAvgOutput[]> {
  const outputs = await runWithAdder(partiesOf(inputs), 0, network)
  return inputs.map((_, i) => outputs.get(PARTIES[i]!) as FedAvgOutput)
}

/** The first four parties, and those of them that are not `left`. */
export const FOUR = PARTIES.slice(0, 4)
export const without = (...left: string[]) => FOUR.filter((party) => !left.includes(party))

/** Five rounds of four parties, three of which suffice. @param takingPart in a round; undefined for all */
export async function averageAmong(
  params: Partial<FedAvgParams>,
  takingPart: (round: number) => readonly string[] | undefined,
  network?: MemoryNetwork,
): Promise<FedAvgOutput[]> {
  const inputs = makeInputs(4, { rounds: 5, leastParties: 3, ...params }).map((input) => {
    const { privacy } = params
    return privacy === undefined ? input : { ...input, charge: chargeInMemory(privacy) }
  })
  const outputs = await runWithAdder(partiesOf(inputs), 0, network, { takingPart })
  return FOUR.map((party) => outputs.get(party) as FedAvgOutput)
}
