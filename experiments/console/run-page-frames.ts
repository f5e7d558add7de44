// How smooth the page of a running job is with 500 rounds and 10 parties: `node experiments/console/run-page-frames.ts` runs
// the demo, opens the page of its job with a stream of made views in the place of the agent's, twenty a second, and prints
// the time between frames.
import type { JobProgress } from '#console/api/job-progress.ts'
import { openBrowser } from './browser.ts'
import { openConsoleLab } from './console-lab.ts'
import { walk } from './roads.ts'

const ROUNDS = 500
const EVERY_MS = 50
const PARTIES = Array.from({ length: 10 }, (_, i) => `party-${i}`)

/** In the page: EventSource whose events come from `window.say`. */
const MADE_SOURCE = `window.EventSource = class {
  constructor() { window.say = (event) => this.onmessage({ data: JSON.stringify(event) }); setTimeout(() => this.onopen?.({}), 0) }
  addEventListener() {}
  close() {}
}`

function viewAt(job: string, round: number): JobProgress {
  const started = '2026-11-22T08:00:01.000Z'
  return {
    job,
    name: 'wide',
    state: 'running',
    guest: 'bank',
    isOwn: true,
    submitted: started,
    started,
    at: new Date().toISOString(),
    secondsLeft: ROUNDS - round,
    waits: [],
    tasks: [{ task: 'train', protocol: 'vertical-lr', state: 'running', round, rounds: ROUNDS, started }],
    parties: PARTIES.map((party, i) => {
      const blocks = { phase: 'gradients', done: (round + i) % 40, total: 40, unit: 'blocks' }
      const bytes = { sent: round * 1_000_000 + i, received: round * 2_000_000 }
      return { party, connected: true, stage: 'working', task: 'train', round, ...blocks, ...bytes }
    }),
  }
}

await using lab = await openConsoleLab()
const browser = await openBrowser()
const { page } = await walk(browser, lab, 'bank', 'modeler')
const { job } = lab.lab
await page.addInitScript(MADE_SOURCE)
await page.goto(`${lab.origin('bank')}/#/jobs/${job}`)
await page.reload()
await page.waitForTimeout(3000) // the policy of the page lets nothing be evaluated in it that would tell earlier
await page.evaluate(`window.gaps = []; let last = performance.now()
  const frame = (now) => { gaps.push(now - last); last = now; requestAnimationFrame(frame) }
  requestAnimationFrame(frame)`)
for (let round = 1; round <= ROUNDS; round++) {
  const loss = { kind: 'loss', task: 'train', points: [{ round, loss: 0.7 / Math.sqrt(round) }] }
  const events = [{ kind: 'job', job: viewAt(job, round) }, loss]
  await page.evaluate(`for (const event of ${JSON.stringify(events)}) say(event)`)
  await page.waitForTimeout(EVERY_MS)
}
const gaps = ((await page.evaluate('window.gaps')) as number[]).toSorted((a, b) => a - b)
const at = (share: number) => `${gaps[Math.min(gaps.length - 1, Math.floor(gaps.length * share))]?.toFixed(1)} ms`
console.log(`${gaps.length} frames: median ${at(0.5)}, 99 % ${at(0.99)}, longest ${at(1)}`)
await browser.close()
