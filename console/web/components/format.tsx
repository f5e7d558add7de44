// Numbers, sizes, times, digests and names as everybody reads them: with units, in the reader's language, in figures of
// one width.
import { LOCALES, currentLanguage, dictionary, told, useLanguage } from '../words.ts'
import { CopyButton } from './button.tsx'

const words = dictionary({
  days: ['{n} d', '{n} 天'],
  hours: ['{n} h', '{n} 小时'],
  minutes: ['{n} min', '{n} 分'],
  seconds: ['{n} s', '{n} 秒'],
  none: ['none', '无'],
  copyDigest: ['Copy this digest', '复制此摘要'],
})

type Digits = { readonly digits?: number }
const locale = () => LOCALES[currentLanguage()]
const say = (key: keyof typeof words, n: string | number) => told(words, key, currentLanguage(), { n })

/** '12,345' */
export const countText = (value: number): string => value.toLocaleString(locale(), { maximumFractionDigits: 0 })
/** '0.7345', with a fixed number of digits so that columns line up; four unless told */
export const figureText = (value: number, digits = 4): string =>
  value.toLocaleString(locale(), { minimumFractionDigits: digits, maximumFractionDigits: digits })
/** '12.3 %' of a share 0..1 */
export const shareText = (value: number, digits = 1): string =>
  value.toLocaleString(locale(), { style: 'percent', minimumFractionDigits: digits, maximumFractionDigits: digits })

const UNITS = ['B', 'KiB', 'MiB', 'GiB', 'TiB'] as const
/** '3.4 MiB' */
export function bytesText(value: number): string {
  const power = value < 1 ? 0 : Math.min(UNITS.length - 1, Math.floor(Math.log2(value) / 10))
  const digits = power === 0 || value / 1024 ** power >= 100 ? 0 : 1
  return `${(value / 1024 ** power).toLocaleString(locale(), { maximumFractionDigits: digits })} ${UNITS[power]}`
}

/** '3 min 20 s': the two largest units that count. @param seconds of duration */
export function durationText(seconds: number): string {
  if (seconds < 10) return say('seconds', seconds.toLocaleString(locale(), { maximumFractionDigits: 1 }))
  const whole = Math.round(seconds)
  const parts = [
    ['days', Math.floor(whole / 86_400)],
    ['hours', Math.floor(whole / 3600) % 24],
    ['minutes', Math.floor(whole / 60) % 60],
    ['seconds', whole % 60],
  ] as const
  const first = parts.findIndex(([, n]) => n > 0)
  return parts
    .slice(first, first + 2)
    .filter(([, n]) => n > 0)
    .map(([unit, n]) => say(unit, n))
    .join(' ')
}

/** '2026-11-22 14:38:05', local time of the reader, or UTC. @param at RFC 3339, or milliseconds */
export function timeText(at: string | number, zone: 'local' | 'utc' = 'local'): string {
  const date = new Date(at)
  if (Number.isNaN(date.getTime())) return String(at)
  const text = new Intl.DateTimeFormat('sv-SE', {
    dateStyle: 'short',
    timeStyle: 'medium',
    ...(zone === 'utc' ? { timeZone: 'UTC' } : {}),
  }).format(date)
  return zone === 'utc' ? `${text} UTC` : text
}

export function Count({ value, unit }: { readonly value: number; readonly unit?: string }) {
  useLanguage()
  return <Numeric text={countText(value)} unit={unit} />
}

export function Figure({ value, digits = 4, unit }: { readonly value: number; readonly unit?: string } & Digits) {
  useLanguage()
  return <Numeric text={figureText(value, digits)} unit={unit} />
}

export function Share({ value, digits = 1 }: { readonly value: number } & Digits) {
  useLanguage()
  return <Numeric text={shareText(value, digits)} unit={undefined} />
}

export function Bytes({ value }: { readonly value: number }) {
  useLanguage()
  return <Numeric text={bytesText(value)} unit={undefined} />
}

export function Duration({ seconds }: { readonly seconds: number }) {
  useLanguage()
  return <Numeric text={durationText(seconds)} unit={undefined} />
}

function Numeric({ text, unit }: { readonly text: string; readonly unit: string | undefined }) {
  return (
    <span className="numeric">
      {text}
      {unit === undefined ? null : <span className="unit"> {unit}</span>}
    </span>
  )
}

/** The reader's time; UTC beside it where the two differ and `both` is wanted, else as a hint. */
export function Time({ at, both = false }: { readonly at: string | number; readonly both?: boolean }) {
  const local = timeText(at)
  const utc = timeText(at, 'utc')
  const differs = !utc.startsWith(local)
  return (
    <time className="numeric time" dateTime={new Date(at).toISOString()} title={utc}>
      {differs ? local : utc}
      {both && differs ? <span className="muted time-utc"> {utc}</span> : null}
    </time>
  )
}

/** The first digits of a digest or key, the whole of it to copy and to be read out. @param value hex or base64 */
export function Digest({ value, digits = 12 }: { readonly value: string } & Digits) {
  useLanguage()
  if (value === '') return <span className="muted">{told(words, 'none', currentLanguage())}</span>
  const short = value.length <= digits + 2 ? value : `${value.slice(0, digits)}…`
  return (
    <span className="digest">
      <code title={value}>{short}</code>
      <CopyButton text={value} label={`${told(words, 'copyDigest', currentLanguage())}: ${value.slice(0, 8)}`} />
    </span>
  )
}

/** A party by its name, with its role in the job when that matters. */
export function Party({ name, role }: { readonly name: string; readonly role?: string }) {
  return (
    <span className="party">
      <span className="party-name">{name}</span>
      {role === undefined ? null : <span className="muted"> {role}</span>}
    </span>
  )
}
