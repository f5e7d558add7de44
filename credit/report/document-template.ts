// What people still owe the model document, as a YAML file to fill in: one entry an item, under who has to provide it.
import type { EvaluationPack } from '../evaluation/pack.ts'
import { type DocumentFacts, missingItems } from './document.ts'
import { PROVIDERS } from './document-chapters.ts'

/** A file for `job report --facts`; an entry that stays empty stays open. @param facts those that are stated already */
export function factsTemplate(pack: EvaluationPack, facts: DocumentFacts): string {
  const open = missingItems(pack, facts)
  const sections = [...Map.groupBy(open, ({ provider }) => provider)].map(([provider, items]) => {
    const [zh, en] = PROVIDERS[provider]
    const entries = items.map((item) => `# ${item.zh}: ${item.en}\n${item.id}: ""\n`)
    return `\n# ==== ${zh} · ${en}\n${entries.join('')}`
  })
  return `# 模型开发文档待填内容。填好后：tributary job report JOB --facts 本文件
# What people have to add to the model document. Then: tributary job report JOB --facts THIS-FILE
# Different texts for the two languages: { zh: …, en: … }
${sections.join('')}`
}
