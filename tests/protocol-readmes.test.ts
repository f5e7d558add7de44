import { expect, test } from 'vitest'
import { outdated } from '../scripts/generated-files.ts'
import { protocolReadmes } from '../scripts/protocol-tables.ts'

test("the message tables of the protocols' READMEs are those of their schedules", async () => {
  const documents = await protocolReadmes()
  expect([...documents.keys()]).toContain('protocols/vertical-lr/README.md')
  expect(outdated(documents)).toEqual([])
})
