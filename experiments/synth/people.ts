// Legal representatives and their firms' names: drawn, and never real. ID card numbers have area codes 999xxx, which
// GB/T 2260 does not assign; mobile numbers are of a block in which no operator has numbers.
import { idCardCheckCharacter } from '#protocols/core/ids.ts'
import type { Applicant } from './applicant.ts'
import { permutation } from './permutation.ts'
import { openStream, STREAM } from './stream.ts'

const AREAS = 1000
const SEQUENCES = 1000
const DAYS = 365
const MONTH_DAYS = [31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31] as const
const FIRST_YEAR = 2022
const SCATTER_LABEL = 40

/** Maker of the ID card numbers of one federation: unique, because area, sequence and day count a permutation. */
export function idCardMaker(seed: number): (applicant: Applicant) => string {
  const scatter = permutation(seed, SCATTER_LABEL, AREAS * SEQUENCES * DAYS)
  return (applicant) => {
    const random = openStream(seed, STREAM.people, applicant.row)
    const age = Math.round(Math.min(68, Math.max(20, 43 + 9 * random.normal())))
    const code = scatter(applicant.row)
    const area = `999${padded(code % AREAS, 3)}`
    const sequence = padded(Math.floor(code / AREAS) % SEQUENCES, 3)
    const year = FIRST_YEAR + Math.floor(applicant.month / 12) - age
    const body = `${area}${year}${dayOfYear(Math.floor(code / AREAS / SEQUENCES))}${sequence}`
    return body + idCardCheckCharacter(body)
  }
}

/** MMDD of a day of a year that is no leap year. */
function dayOfYear(day: number): string {
  let rest = day
  let month = 0
  while (rest >= MONTH_DAYS[month]!) rest -= MONTH_DAYS[month++]!
  return padded(month + 1, 2) + padded(rest + 1, 2)
}

const SURNAMES = [...'王李张刘陈杨黄赵吴周徐孙马朱胡郭何林高罗']
const GIVEN = [...'伟芳娜敏静丽强磊军洋勇艳杰娟涛明超秀霞平刚桂英华']
const FANCY = [...'恒泰瑞丰金通达信诚宏远博雅新创润和顺华盛康源']
const TRADE: Readonly<Record<string, string>> = {
  C: '制造',
  F: '贸易',
  E: '建筑工程',
  I: '信息技术',
  L: '商务服务',
  G: '物流',
  H: '餐饮',
  M: '科技',
  K: '置业',
  A: '农业',
  O: '服务',
}

export interface People {
  /** name of the firm, marked as synthetic */
  readonly firm: string
  readonly legalRepresentative: string
  readonly mobile: string
}

export function drawPeople(seed: number, applicant: Applicant): People {
  const random = openStream(seed, STREAM.people + 1000, applicant.row)
  const one = (list: readonly string[]) => list[Math.floor(random.uniform() * list.length)]!
  const firm = `${one(FANCY)}${one(FANCY)}${TRADE[applicant.industry] ?? '服务'}（合成）`
  const legalRepresentative = one(SURNAMES) + one(GIVEN) + (random.uniform() < 0.6 ? one(GIVEN) : '')
  const mobile = `1990000${padded(Math.floor(random.uniform() * 1e4), 4)}`
  return { firm, legalRepresentative, mobile }
}

function padded(value: number, length: number): string {
  return String(value).padStart(length, '0')
}
