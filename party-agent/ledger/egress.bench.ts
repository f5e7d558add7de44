// How long the last look at a message takes, beside making and sealing what it looks at: `node
// party-agent/ledger/egress.bench.ts [--json]`.
import { randomBytes } from 'node:crypto'
import { performance } from 'node:perf_hooks'
import { EnvelopePair, makeSealingKey } from '#crypto/envelope.ts'
import { HePool } from '#crypto/he/pool.ts'
import { hashIds, raiseSet } from '#crypto/psi/pool.ts'
import { Secret } from '#runtime/secret.ts'
import { makeSigningKey, openSigner } from '#crypto/identity/signing.ts'
import type { MessageHeader } from '#protocols/core/contract.ts'
import { ALIGNMENT } from '#protocols/psi/messages.ts'
import { TRAINING } from '#protocols/vertical-lr/messages.ts'
import { Egress } from './egress.ts'

const egress = new Egress(
  { task: 'train', schedule: [...ALIGNMENT, ...TRAINING], self: 'tax', guest: 'bank', hosts: ['tax'], approval: '' },
  [],
)
const [own, peer] = [makeSealingKey(), makeSealingKey()]
const [signer, peerSigner] = [openSigner(makeSigningKey().privateKey), openSigner(makeSigningKey().privateKey)]
const pair = new EnvelopePair({
  job: 'job-0123456789abcdef0123',
  self: 'tax',
  peer: 'bank',
  own,
  peerSealingKey: peer.publicKey,
  sign: signer.sign,
  peerSigningKey: peerSigner.publicKey,
})

interface Figure {
  readonly name: string
  readonly parameters: string
  readonly unit: string
  readonly median: number
  readonly p90: number
  readonly n: number
}
const figures: Figure[] = []

/** Median of `runs` runs in ms, after one that does not count. */
async function time(name: string, parameters: string, runs: number, run: () => unknown): Promise<void> {
  await run()
  const times: number[] = []
  for (let i = 0; i < runs; i++) {
    const start = performance.now()
    await run()
    times.push(performance.now() - start)
  }
  times.sort((a, b) => a - b)
  const at = (share: number) => times[Math.floor(share * (runs - 1))] as number
  figures.push({ name, parameters, unit: 'ms', median: at(0.5), p90: at(0.9), n: runs })
}

await using pool = await HePool.open({ workers: 1 })
const key = await pool.generateKey('score')
egress.sent('bank', { round: 1, step: 'pivot-score-key', part: 0, kind: 'public-key', keyId: key.publicKey.id })
const values = new Float64Array(8192).map((_, i) => i)
const encrypt = () => Promise.all(Array.from({ length: 8 }, () => pool.encryptSlots(key, values)))
const characters = TRAINING.find((step) => step.name === 'characters')
const points = ALIGNMENT.find((step) => step.name === 'host-points')
if (characters === undefined || points === undefined) throw new Error('a step is gone')

const payload = characters.codec.encode((await encrypt()) as never)
const header: MessageHeader = { round: 1, step: 'characters', part: 0, kind: 'ciphertext', keyId: key.publicKey.id }
let seq = 0
await time('make', '8 ciphertexts', 9, async () => characters.codec.encode((await encrypt()) as never))
await time('seal', '8 ciphertexts', 20, () => pair.seal(++seq, payload))
await time('check', '8 ciphertexts', 50, () => egress.check('bank', header, payload))

const ids = Array.from({ length: 4096 }, (_, i) => `id-${i}`)
using exponent = new Secret('exponent', new Uint8Array(randomBytes(32)))
const raise = async () => raiseSet(exponent, await hashIds(['bench'], ids))
const set = points.codec.encode((await raise()) as never)
const pointsHeader: MessageHeader = { round: 1, step: 'host-points', part: 0, kind: 'psi-points' }
await time('make', '4,096 points', 3, raise)
await time('seal', '4,096 points', 20, () => pair.seal(++seq, set))
await time('check', '4,096 points', 50, () => egress.check('bank', pointsHeader, set))

if (process.argv.includes('--json')) console.log(JSON.stringify(figures))
else for (const { name, parameters, median } of figures) console.log(`${parameters}: ${name} ${median.toFixed(3)} ms`)
