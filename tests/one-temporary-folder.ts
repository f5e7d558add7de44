// All temporary folders of a test run are made in one, which goes when the run ends: tests need not clean up each.
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

/** @returns what vitest calls after the last test */
export default async function setUp(): Promise<() => Promise<void>> {
  const folder = await mkdtemp(join(tmpdir(), 'tributary-tests-'))
  process.env['TMPDIR'] = folder // os.tmpdir() of the test processes, and of those that they start
  return () => rm(folder, { recursive: true, force: true })
}
