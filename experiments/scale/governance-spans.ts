// Loaded into each process of a lab before its main file (`node --import`), to time what governance does there: egress
// checks, disclosure ledger, round log, guards, approvals. The product has no such hooks: its methods are wrapped here,
// and what was counted is written when the process ends.
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { isMainThread } from 'node:worker_threads'

/** of one process, in milliseconds */
export interface SpanReport {
  readonly process: 'agent' | 'coordinator'
  /** by part: when each call of it ended, in milliseconds since 1970, and how long it took without calls inside it */
  readonly parts: Readonly<Record<string, readonly (readonly [end: number, ms: number])[]>>
  /** by task/round: when this party said that it had closed the round, in milliseconds since 1970 */
  readonly closed: Readonly<Record<string, number>>
  /** when the round began here */
  readonly began: Readonly<Record<string, number>>
  /** when this party wrote down the end of the job */
  readonly ended: number
}

/** the folder for the reports: governance.bench.ts sets it */
export const FOLDER_VARIABLE = 'TRIBUTARY_SPANS_FOLDER'

type Method = (this: unknown, ...values: unknown[]) => unknown

const parts = new Map<string, [end: number, ms: number][]>()
/** time of spans inside the span that runs now */
const inner: number[] = []

const nowMs = () => performance.timeOrigin + performance.now()

function count(part: string, ms: number): void {
  const calls = parts.get(part) ?? []
  parts.set(part, calls)
  calls.push([nowMs(), ms])
}

/**
 * What runs at once counts without the spans inside it; what goes on after an await counts whole, waiting included.
 * @param awaited false for what waits beside the job or for the connection, and not for governance
 */
function timed(part: string | undefined, method: Method, awaited: boolean): Method {
  return function (...values) {
    const start = performance.now()
    inner.push(0)
    let result: unknown
    try {
      result = method.apply(this, values)
    } finally {
      const all = performance.now() - start
      const own = all - (inner.pop() ?? 0)
      const outer = inner.length - 1
      if (outer >= 0) inner[outer] = (inner[outer] ?? 0) + all
      if (part !== undefined) count(part, own)
    }
    if (part === undefined || !awaited || !(result instanceof Promise)) return result
    const waiting = performance.now()
    return result.finally(() => count(`${part}, awaited`, performance.now() - waiting))
  }
}

/** @param part undefined: time that is not governance, taken out of what surrounds it */
function wrap(
  of: { readonly prototype: object },
  part: string | undefined,
  names: readonly string[],
  { awaited = true } = {},
): void {
  const methods = of.prototype as Record<string, unknown>
  for (const name of names) {
    const method = methods[name]
    if (typeof method !== 'function') throw new TypeError(`there is no method ${name}: the bench is out of date`)
    methods[name] = timed(part === undefined ? undefined : `${part} ${name}`, method as Method, awaited)
  }
}

/** Calls `seen` before the method. */
function watch(of: { readonly prototype: object }, name: string, seen: (values: unknown[]) => void): void {
  const methods = of.prototype as Record<string, unknown>
  const method = methods[name]
  if (typeof method !== 'function') throw new TypeError(`there is no method ${name}: the bench is out of date`)
  methods[name] = function (this: unknown, ...values: unknown[]) {
    seen(values)
    return (method as Method).apply(this, values)
  }
}

function leave(process_: SpanReport['process'], times: Omit<SpanReport, 'process' | 'parts'>): void {
  const report: SpanReport = { process: process_, parts: Object.fromEntries(parts), ...times }
  const folder = process.env[FOLDER_VARIABLE] ?? '.'
  writeFileSync(join(folder, `${process_}-${process.pid}.json`), JSON.stringify(report))
}

async function watchAgent(): Promise<void> {
  const [{ Egress }, { DisclosureLedger }, { Meter }, { DifferencingGuard }, { AgentLog }, link, runner, gate] =
    await Promise.all([
      import('#party-agent/ledger/egress.ts'),
      import('#party-agent/ledger/disclosures.ts'),
      import('#party-agent/ledger/meter.ts'),
      import('#party-agent/ledger/guard.ts'),
      import('#party-agent/log/agent-log.ts'),
      import('#party-agent/link/coordinator-link.ts'),
      import('#party-agent/tasks/runner.ts'),
      import('#party-agent/approvals/gate.ts'),
    ])
  wrap(Egress, 'egress', ['check', 'sent', 'received', 'disclosuresOf', 'openersOf'])
  wrap(DisclosureLedger, 'ledger', ['close', 'add'])
  wrap(DifferencingGuard, 'guard', ['release'])
  wrap(Meter, 'meter', ['send'], { awaited: false })
  wrap(gate.StoreGate, 'approvals', ['decide', 'recheck', 'digestFor', 'grantFor'])
  wrap(gate.StoreGate, 'approvals', ['refresh'], { awaited: false })
  wrap(AgentLog, 'log', [
    'requireUsable',
    'accepted',
    'tell',
    'roundStarted',
    'roundClosed',
    'modelStored',
    'resultStored',
    'ended',
    'entriesArrived',
    'acknowledged',
    'isSealed',
    'connected',
  ])
  wrap(link.CoordinatorLink, undefined, ['send'])

  const [closed, began, times]: [Record<string, number>, Record<string, number>, { ended: number }] = [
    {},
    {},
    { ended: 0 },
  ]
  watch(link.CoordinatorLink, 'send', ([frame]) => {
    const { round_closed: answer } = frame as { round_closed?: { task?: string; round?: number } | null }
    if (answer) closed[`${answer.task}/${answer.round}`] ??= nowMs()
  })
  watch(runner.TaskRunner, 'roundOpened', ([task, round]) => {
    began[`${String(task)}/${String(round)}`] ??= nowMs()
  })
  watch(AgentLog, 'ended', () => {
    times.ended = nowMs()
  })
  process.once('exit', () => leave('agent', { closed, began, ...times }))
}

async function watchCoordinator(): Promise<void> {
  const { RoundLogs } = await import('#coordinator/log/round-logs.ts')
  wrap(RoundLogs, 'log', ['sync', 'append', 'cosign', 'owing', 'check', 'disconnected'])
  process.once('exit', () => leave('coordinator', { closed: {}, began: {}, ended: 0 }))
}

const main = process.argv[1] ?? ''
if (isMainThread && process.env[FOLDER_VARIABLE] !== undefined) {
  if (main.endsWith('party-agent/main.ts')) await watchAgent()
  else if (main.endsWith('coordinator/main.ts')) await watchCoordinator()
}
