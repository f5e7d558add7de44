// The name of a job file, read and written where it stands in the text.

const NAME_LINE = /^name:[ \t]*(.*)$/m
/** starts with a letter or figure of any script, and has nothing that means something in YAML */
const PLAIN = /^[\p{L}\p{N}][\p{L}\p{N} ,.()/_-]*$/u
const NO_TEXT = /^(?:true|false|null|yes|no|on|off|[\d.,_-]+)$/i

/** As it is written; without the quotes of JSON. */
export function nameIn(text: string): string {
  const written = (NAME_LINE.exec(text)?.[1] ?? '').replace(/\s+#.*$/, '').trim()
  if (!written.startsWith('"')) return written
  try {
    return String(JSON.parse(written))
  } catch {
    return written
  }
}

/** The text with another name; a text without one gets it on top. */
export function withName(text: string, name: string): string {
  const isPlain = PLAIN.test(name) && !NO_TEXT.test(name) && name === name.trim()
  const line = `name: ${isPlain ? name : JSON.stringify(name)}`
  return NAME_LINE.test(text) ? text.replace(NAME_LINE, () => line) : `${line}\n${text}`
}
