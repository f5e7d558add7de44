// The name of a job file, read and written where it stands in the text.

/** up to the end of the line as YAML sees it: it has fewer kinds of ends than a pattern with $ */
const NAME_LINE = /(?<=^|\n)name:[ \t]*([^\r\n]*)/
const QUOTED = /^"(?:[^"\\]|\\[^])*"/
/** starts with a letter or figure of any script, and has nothing that means something in YAML */
const PLAIN = /^[\p{L}\p{N}][\p{L}\p{N} ,.()/_-]*$/u
/** words of YAML, and what may be a number of it: 12.5, 1e5, 0x1f, 0o17 */
const NO_TEXT = /^(?:true|false|null|yes|no|on|off|\d[\da-fox.,_-]*)$/i

/** As it is written; without the quotes of JSON. */
export function nameIn(text: string): string {
  const line = (NAME_LINE.exec(text)?.[1] ?? '').trim()
  const quoted = QUOTED.exec(line)?.[0]
  if (quoted === undefined) return line.replace(/\s+#[^]*$/, '')
  try {
    return String(JSON.parse(quoted))
  } catch {
    return quoted
  }
}

/** The text with another name; a text without one gets it on top. */
export function withName(text: string, name: string): string {
  const isPlain = PLAIN.test(name) && !NO_TEXT.test(name) && name === name.trim()
  const line = `name: ${isPlain ? name : JSON.stringify(name)}`
  return NAME_LINE.test(text) ? text.replace(NAME_LINE, () => line) : `${line}\n${text}`
}
