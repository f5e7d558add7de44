// The left alignment of the synthetic federation at size S finds, status for status, what the manifest says: consents,
// several loans of a firm, spelling noise, duplicates of the hosts, and owners by two kinds of ids.
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import type { DatasetConfig } from '#party-agent/config.ts'
import { openDataset } from '#party-agent/data/dataset.ts'
import { DifferencingGuard } from '#party-agent/ledger/guard.ts'
import { bindAlignment } from '#party-agent/tasks/align-task.ts'
import { type Alignment, loadAlignment } from '#party-agent/tasks/alignment.ts'
import type { TaskBinding } from '#party-agent/tasks/binding.ts'
import { isRow, STATUS } from '#protocols/core/aligned-rows.ts'
import { checkJobSpec, type JobSpec } from '#protocols/core/job-spec.ts'
import { runInMemory } from '#protocols/core/memory.ts'
import type { PsiReport } from '#protocols/psi/report.ts'
import { silentLogger } from '#runtime/log.ts'
import { Secret } from '#runtime/secret.ts'
import { LOAN_PURPOSE } from '../synth/consent.ts'
import { writeSyntheticFederation } from '../synth/federation.ts'
import type { FederationManifest } from '../synth/manifest.ts'
import { type FileParty, type Host, PARTY_FILES } from '../synth/parties.ts'

const PARTIES = ['bank', 'tax', 'social', 'property', 'park-a'] as const
const HOSTS = PARTIES.slice(1) as Host[]

let folder: string
let manifest: FederationManifest
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'tributary-left-'))
  const options = { directory: folder, applications: 10_000, seed: 20220101, parties: PARTIES, raw: false }
  manifest = await writeSyntheticFederation({ ...options, reference: false })
})
afterAll(() => rm(folder, { recursive: true }))

function configOf(party: FileParty): DatasetConfig {
  const { idColumn: column, coverage } = PARTY_FILES[party]
  const source = (file: string) => ({ kind: 'csv' as const, path: join(folder, file) })
  const common = {
    source: source(manifest.parties[party]?.file ?? ''),
    missing: { default: 'mean', values: [], columns: {} },
    coverage,
  } as const
  if (party !== 'bank') {
    const ids = { column, kind: 'uscc', duplicates: 'last', orderBy: 'as_of' } as const
    return { ...common, columns: 'all', ids: party === 'property' ? { ...ids, kindColumn: 'owner_kind' } : ids }
  }
  const scopes = Object.fromEntries(HOSTS.map((host) => [host, PARTY_FILES[host].scope ?? '']))
  const dates = {
    signedAt: 'signed_at',
    expiresAt: 'expires_at',
    withdrawnAt: 'withdrawn_at',
    observedAt: 'applied_on',
  }
  const consent = { id: 'match_id', scope: 'scope', purpose: 'purpose', purposes: [LOAN_PURPOSE], scopes, ...dates }
  return {
    ...common,
    columns: ['b_inflow'],
    label: { column: 'y', indeterminate: [''] },
    consent: { ...consent, source: source('bank/consent.csv') },
    ids: {
      column,
      kind: 'uscc',
      duplicates: 'reject',
      sampleId: 'loan_id',
      second: { column: 'legal_rep_id', kind: 'id-card' },
    },
  }
}

test('statuses, sets and weights are those of the manifest', async () => {
  const { spec } = checkJobSpec({
    version: 1,
    name: 'left alignment',
    guest: { party: 'bank', dataset: 'rows' },
    hosts: HOSTS.map((party) => ({ party, dataset: 'rows' })),
    align: { mode: 'left' },
    split: { kind: 'keyed-hash', holdout: 0.3, outOfTime: { column: 'vintage', from: '2023-04', recent: '2023-10' } },
  })
  const jobId = 'job-00000000000000000000'
  const seedOf = async (label: string) => new Secret(label, new Uint8Array(32).fill(1))
  const bindings = new Map<string, TaskBinding>()
  for (const self of PARTIES) {
    await using dataset = await openDataset('rows', configOf(self))
    const jobDir = await mkdtemp(join(folder, `${self}-job-`))
    const guard = new DifferencingGuard(jobDir, new Secret('storage', new Uint8Array(32)))
    const job = { jobId, spec: spec as JobSpec, self, jobDir, log: silentLogger, seedOf }
    bindings.set(self, { ...(await bindAlignment(job, dataset, guard)), model: jobDir })
  }
  const outputs = await runInMemory([...bindings].map(([id, { program, input }]) => ({ id, program, input })))
  const alignments = new Map<string, Alignment>()
  for (const [party, binding] of bindings) {
    await binding.onOutput(outputs.get(party))
    alignments.set(party, await loadAlignment(binding.model as string))
  }

  const bank = alignments.get('bank') as Alignment
  const { hosts = [], nBadCheck } = bank.report as PsiReport
  expect([bank.rows.filter(isRow).length, nBadCheck]).toEqual([manifest.bank.loans, manifest.bank.invalidIds.loans])
  for (const found of hosts) {
    const expected = manifest.alignment[found.host as Host]
    // The manifest leaves out loans whose code is wrong: nobody is asked about them.
    const noConsent = (expected?.noConsent.loans ?? 0) + manifest.bank.invalidIds.loans
    expect(found, found.host).toMatchObject({
      present: expected?.present.loans,
      absent: expected?.absent.loans,
      notCovered: expected?.notCovered.loans,
      noConsent,
      // An owner of several firms is one id: the manifest counts firms.
      ...(found.host === 'property' ? {} : { idsMatched: expected?.present.firms }),
    })
    if (found.host === 'property') expect(found.byKind['id-card']).toBe(expected?.byRepresentative?.loans)
    const theirs = alignments.get(found.host) as Alignment
    const held = theirs.rows.filter((row, i) => isRow(row) && bank.statuses?.[found.host]?.[i] === STATUS.present)
    expect(held).toHaveLength(found.present)
  }
  expect(bank.weights?.reduce((sum, weight) => sum + weight, 0)).toBe(manifest.bank.loans - manifest.bank.noLabel)
})
