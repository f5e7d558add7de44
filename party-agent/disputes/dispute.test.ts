// A dispute from the request to the report, over a run of the real protocol: what each party kept, agreed to show, and
// what the guest makes of it.
import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { makeSigningKey, openSigner } from '#crypto/identity/signing.ts'
import type { FedAvgInput, KeptRound } from '#protocols/fedavg/params.ts'
import { average, COLUMNS, makeInputs, PARAMS, PARTIES } from '#protocols/fedavg/sample.ts'
import { trainingRows } from '#protocols/fedavg/standardise.ts'
import { Secret } from '#runtime/secret.ts'
import { diagnoseRound } from './diagnosis.ts'
import { type DisputeRequest, disputeId, openDispute, readOpening, readRequest, showOpening } from './dispute.ts'
import { RoundArchive } from './round-archive.ts'

const JOB = 'job-0123456789abcdef0123'
const POISONER = 'park-south'
const [GUEST] = PARTIES
const signers = new Map(PARTIES.map((party) => [party as string, openSigner(makeSigningKey().privateKey)]))
const signing = (party: string) => ({ party, sign: signers.get(party)!.sign })
const signingKeyOf = (party: string) => signers.get(party)?.publicKey ?? new Uint8Array(32)
const ASKED = { job: JOB, round: 1, by: 'Li Wei', reason: 'the loss rose' }
const NOW = new Date('2026-06-01T00:00:00.000Z')

let folder: string
let inputs: FedAvgInput[]
const archives = new Map<string, RoundArchive>()
const code = (run: () => unknown) => {
  try {
    run()
    return 'nothing'
  } catch (error) {
    return (error as { code: string }).code
  }
}

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'dispute-'))
  for (const party of PARTIES)
    archives.set(party, new RoundArchive(join(folder, party), new Secret('key', Buffer.alloc(32, party))))
  inputs = makeInputs(5, { rounds: 2 }).map((input, i) => {
    const { columns, labels } = input.train
    const isTurned = PARTIES[i] === POISONER
    const train = { columns, labels: isTurned ? labels.map((label) => 1 - label) : labels }
    return { ...input, train, keep: archives.get(PARTIES[i] as string)!.keepFor(JOB) }
  })
  await average(inputs)
})
afterAll(() => rm(folder, { recursive: true, force: true }))

const keptBy = (party: string, round = 1): Promise<KeptRound> => archives.get(party)!.read(JOB, round)

/** What each of the others shows. */
async function answersTo(request: DisputeRequest): Promise<Map<string, string>> {
  const answers = new Map<string, string>()
  for (const party of PARTIES.filter((one) => one !== GUEST)) {
    const { opening } = await keptBy(party)
    const shown = showOpening(signing(party), request, signingKeyOf(GUEST), opening!, 'Wang Fang')
    answers.set(party, JSON.stringify(shown))
  }
  return answers
}

test('the guest learns who trained on turned labels, from what all were told alike and each agreed to show', async () => {
  const { signed, key } = openDispute(signing(GUEST), ASKED, NOW)
  const request = readRequest(JSON.stringify(signed), { job: JOB, guest: GUEST }, signingKeyOf)
  expect(request).toEqual(signed.request)
  const answers = [...(await answersTo(request)).values()]
  const kept = await keptBy(GUEST)
  const others = key.reveal((bytes) =>
    answers.map((text) => readOpening(signing(GUEST), request, bytes, text, signingKeyOf)),
  )
  const training = { params: PARAMS, columns: COLUMNS, validation: trainingRows(inputs[0]!.holdout, kept.scales) }
  const lines = await diagnoseRound(training, kept, [kept.opening!, ...others])
  expect(lines.map(({ party }) => party)).toEqual(PARTIES)
  expect(lines.filter(({ suspect }) => suspect).map(({ party }) => party)).toEqual([POISONER])
  // one opening too few, and another than was committed to
  await expect(diagnoseRound(training, kept, others)).rejects.toMatchObject({ code: 'robustness.opening-missing' })
  const [first, ...rest] = others
  const changed = { ...first!, values: first!.values.with(0, first!.values[0]! + 1) }
  await expect(diagnoseRound(training, kept, [kept.opening!, changed, ...rest])).rejects.toMatchObject({
    code: 'robustness.opening-differs',
  })
  const none = {
    ...training,
    validation: trainingRows({ columns: COLUMNS.map(() => new Float64Array()), labels: new Uint8Array() }),
  }
  await expect(diagnoseRound(none, kept, [])).rejects.toMatchObject({ code: 'release.too-few-rows' })
})

test('what is kept opens for its party and its place only, and differs between parties in the opening alone', async () => {
  const [own, others] = [await keptBy(GUEST), await keptBy(POISONER)]
  expect(own.opening!.party).toBe(GUEST)
  expect({ ...own, opening: 0, scales: 0 }).toEqual({ ...others, opening: 0, scales: 0 })
  expect(own.commitments).toHaveLength(5)
  await expect(keptBy(GUEST, 3)).rejects.toMatchObject({ code: 'dispute.unknown-round' })
  const stranger = new RoundArchive(join(folder, GUEST), new Secret('key', Buffer.alloc(32, POISONER)))
  await expect(stranger.read(JOB, 1)).rejects.toMatchObject({ code: 'storage.damaged' })
  const stored = await readFile(join(folder, GUEST, 'jobs', JOB, 'rounds', '1.kept'))
  expect(stored.includes('salt')).toBe(false)
})

test('a request is of the guest of the job, whole, and with a reason', () => {
  const { signed } = openDispute(signing(GUEST), ASKED, NOW)
  const read = (change: object, guest: string = GUEST, job = JOB) =>
    code(() => readRequest(JSON.stringify({ ...signed, ...change }), { job, guest }, signingKeyOf))
  expect(read({})).toBe('nothing')
  expect(read({ request: { ...signed.request, round: 2 } })).toBe('dispute.invalid')
  expect(read({ request: { ...signed.request, guest: POISONER } })).toBe('dispute.invalid')
  expect(read({}, POISONER)).toBe('dispute.invalid')
  // the guest of one job cannot ask about another
  expect(read({}, GUEST, 'job-3210fedcba9876543210')).toBe('dispute.invalid')
  expect(read({ request: undefined })).toBe('dispute.invalid')
  expect(code(() => readRequest('{', { job: JOB, guest: GUEST }, signingKeyOf))).toBe('dispute.invalid')
  const other = openDispute(signing(POISONER), ASKED, NOW).signed
  expect(read({ request: { ...other.request, guest: GUEST }, signature: other.signature })).toBe('dispute.invalid')
  expect(code(() => openDispute(signing(GUEST), { ...ASKED, reason: ' ' }, NOW))).toBe('dispute.invalid')
  expect(code(() => openDispute(signing(GUEST), { ...ASKED, round: 0 }, NOW))).toBe('dispute.invalid')
})

test('an answer is for this dispute and this guest, from the party that signed it', async () => {
  const { signed, key } = openDispute(signing(GUEST), ASKED, NOW)
  const { request } = signed
  const answer = JSON.parse((await answersTo(request)).get(POISONER)!) as Record<string, string>
  const read = (change: object, asked = request, guest: string = GUEST) =>
    key.reveal((bytes) =>
      code(() => readOpening(signing(guest), asked, bytes, JSON.stringify({ ...answer, ...change }), signingKeyOf)),
    )
  expect(read({})).toBe('nothing')
  expect(read({}, { ...request, round: 2 })).toBe('dispute.invalid')
  expect(read({ party: 'park-east' })).toBe('envelope.tampered')
  expect(read({ sealingKey: request.sealingKey })).toBe('envelope.tampered')
  const other = openDispute(signing(GUEST), ASKED, new Date(0)).signed.request
  expect(disputeId(other)).not.toBe(disputeId(request))
  expect(read({ dispute: disputeId(other) }, other)).toBe('envelope.tampered')
  // who is not the guest has not its key: positive control is the first line
  const theirs = openDispute(signing(POISONER), ASKED, NOW).key
  expect(
    theirs.reveal((bytes) =>
      code(() => readOpening(signing(GUEST), request, bytes, JSON.stringify(answer), signingKeyOf)),
    ),
  ).toBe('envelope.replayed')
})
