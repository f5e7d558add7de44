// Days and months as text, as tables spell them.

const DAY = /^(\d{4})[-/.]?(\d{2})[-/.]?(\d{2})(?:[ T].*)?$/
const MONTH = /^(\d{4})[-/.]?(\d{2})(?:[-/.]?\d{2}(?:[ T].*)?)?$/

/** YYYY-MM-DD of a date or a time that is spelled in the order year, month, day; undefined for anything else. */
export function dayOf(text: string | null | undefined): string | undefined {
  const [, year, month, day] = DAY.exec(text?.trim() ?? '') ?? []
  if (year === undefined || month === undefined || day === undefined) return undefined
  return isMonth(month) && day >= '01' && day <= '31' ? `${year}-${month}-${day}` : undefined
}

/** YYYY-MM of a month or a day. */
export function monthOf(text: string | null | undefined): string | undefined {
  const [, year, month] = MONTH.exec(text?.trim() ?? '') ?? []
  return year !== undefined && month !== undefined && isMonth(month) ? `${year}-${month}` : undefined
}

function isMonth(text: string): boolean {
  return text >= '01' && text <= '12'
}
