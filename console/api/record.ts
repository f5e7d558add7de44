// The record of what was done: runs and their round log, who allowed and refused what, who read what, evidence to keep.
// Served by an agent, of what its own party holds. Whoever reads is stated in the party's access log before the answer.
import Type from 'typebox'
import { calls } from './contract.ts'
import { JobId } from './ids.ts'
import { Page, PAGE_QUERY } from './paging.ts'
import {
  AccessPage,
  Collaboration,
  DAYS,
  Disclosure,
  Dispute,
  EXPORT_KINDS,
  ExportId,
  GOVERNANCE_KINDS,
  Governance,
  LOG_STATES,
  Line,
  OfJob,
  PartyName,
  Progress,
  RUN_STATES,
  Range,
  Run,
  Timeline,
  Whole,
  Words,
  closed,
} from './record-shapes.ts'

const LOG_READERS = ['steward', 'compliance', 'modeler', 'operator', 'auditor'] as const
const LEDGER_READERS = ['steward', 'compliance', 'auditor'] as const
const EVIDENCE_READERS = ['compliance', 'auditor'] as const
const DISPUTE_READERS = ['steward', 'compliance'] as const

export const recordCalls = calls({
  loggedRuns: {
    method: 'GET',
    path: '/record/runs',
    summary: 'Runs with the status of their log',
    who: LOG_READERS,
    query: Type.Object(
      {
        ...PAGE_QUERY,
        log: Type.Optional(Type.Enum([...LOG_STATES])),
        state: Type.Optional(Type.Enum([...RUN_STATES])),
        party: Type.Optional(PartyName),
        words: Type.Optional(Words),
        isOdd: Type.Optional(Type.Boolean({ description: 'with refusals, anomalies, voided rounds or disputes' })),
      },
      closed,
    ),
    reply: Page(Run),
  },
  loggedRun: {
    method: 'GET',
    path: '/record/runs/:job',
    summary: 'A run with the status of its log',
    who: LOG_READERS,
    params: OfJob,
    reply: Run,
  },
  runTimeline: {
    method: 'GET',
    path: '/record/runs/:job/timeline',
    summary: 'The record of a run by party and round, reduced to so many columns',
    who: LOG_READERS,
    params: OfJob,
    query: Type.Object({ ...Range, columns: Type.Optional(Type.Integer({ minimum: 4, maximum: 120 })) }, closed),
    reply: Timeline,
  },
  runRecords: {
    method: 'GET',
    path: '/record/runs/:job/records',
    summary: 'The records of a run in the order of the log, with the approvals it used',
    who: LOG_READERS,
    params: OfJob,
    query: Type.Object(
      {
        ...PAGE_QUERY,
        ...Range,
        party: Type.Optional(PartyName),
        kind: Type.Optional(Type.String({ pattern: '^[a-z]+(\\.[a-z]+)?$', maxLength: 40 })),
        class: Type.Optional(Type.String({ pattern: '^[a-z-]{1,32}$' })),
      },
      closed,
    ),
    reply: Page(Line),
  },
  logRecord: {
    method: 'GET',
    path: '/record/logs/:collaboration/records/:number',
    summary: 'One record with all its fields, its place and its signature',
    who: LOG_READERS,
    params: Type.Object({ collaboration: Collaboration, number: Type.Integer({ minimum: 0 }) }, closed),
    reply: Whole,
  },
  governance: {
    method: 'GET',
    path: '/record/governance',
    summary: 'Approvals, refusals and anomalies across jobs',
    who: LEDGER_READERS,
    query: Type.Object(
      {
        ...PAGE_QUERY,
        ...DAYS,
        kind: Type.Optional(Type.Enum([...GOVERNANCE_KINDS])),
        party: Type.Optional(PartyName),
        job: Type.Optional(JobId),
      },
      closed,
    ),
    reply: Page(Governance),
  },
  disclosureSums: {
    method: 'GET',
    path: '/record/disclosures',
    summary: 'What left each party by job and class, as the round logs say',
    who: LEDGER_READERS,
    query: Type.Object(
      {
        ...PAGE_QUERY,
        ...DAYS,
        party: Type.Optional(PartyName),
        job: Type.Optional(JobId),
        class: Type.Optional(Type.String({ pattern: '^[a-z-]{1,32}$' })),
      },
      closed,
    ),
    reply: Page(Disclosure),
  },
  accessRecords: {
    method: 'GET',
    path: '/record/access',
    summary: 'Who of this party read what, with the whole chain checked',
    who: EVIDENCE_READERS,
    query: Type.Object(
      {
        ...PAGE_QUERY,
        ...DAYS,
        actor: Type.Optional(Words),
        job: Type.Optional(JobId),
        object: Type.Optional(Type.String({ pattern: '^[a-z]{1,32}$' })),
        decision: Type.Optional(Type.Enum(['allowed', 'refused'])),
      },
      closed,
    ),
    reply: AccessPage,
  },
  startExport: {
    method: 'POST',
    path: '/record/runs/:job/exports',
    summary: 'Begin to make the evidence bundle or the dossier of a run',
    who: EVIDENCE_READERS,
    params: OfJob,
    body: Type.Object(
      { what: Type.Enum([...EXPORT_KINDS]), language: Type.Enum(['en', 'zh']), purpose: Type.Optional(Words) },
      closed,
    ),
    reply: Type.Object({ id: Type.String() }, closed),
  },
  exportProgress: {
    method: 'GET',
    path: '/record/exports/:id/progress',
    summary: 'How far an export is',
    who: EVIDENCE_READERS,
    params: ExportId,
    events: Progress,
  },
  exportedEvidence: {
    method: 'GET',
    path: '/record/exports/:id/evidence',
    summary: 'The evidence bundle that was made',
    who: EVIDENCE_READERS,
    params: ExportId,
    file: 'application/x-tar',
  },
  exportedDossier: {
    method: 'GET',
    path: '/record/exports/:id/dossier',
    summary: 'The dossier that was made',
    who: EVIDENCE_READERS,
    params: ExportId,
    file: 'text/html',
  },
  disputes: {
    method: 'GET',
    path: '/record/disputes',
    summary: 'Disputes about training rounds in which this party asked or showed',
    who: DISPUTE_READERS,
    query: Type.Object({ ...PAGE_QUERY }, closed),
    reply: Page(Dispute),
  },
})
