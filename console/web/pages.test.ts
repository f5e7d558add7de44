import { describe, expect, test } from 'vitest'
import { ROLES } from '#crypto/people/people.ts'
import { isFor, leadsTo, placeOf } from './page.ts'
import { CARDS, PAGES } from './pages.ts'
import { stepsOf, TOURS } from './shell/tours.ts'

const isChinese = (text: string) => /\p{Script=Han}/u.test(text)
const KINDS = ['agent', 'coordinator'] as const

describe('the registry of pages', () => {
  test.each(KINDS)('of the %s has each path once', (kind) => {
    const paths = PAGES.filter((page) => page.kind === kind || page.kind === 'both').map(({ path }) => path)
    expect(paths.length).toBeGreaterThan(5)
    expect(paths).toEqual([...new Set(paths)])
    expect(CARDS.map(({ name }) => name)).toEqual([...new Set(CARDS.map(({ name }) => name))])
  })

  test('names every page and card in both languages', () => {
    for (const { title } of [...PAGES, ...CARDS]) {
      expect(isChinese(title.zh), title.zh).toBe(true)
      expect(isChinese(title.en), title.en).toBe(false)
    }
  })

  test('puts no page into the menu that needs more than its path', () => {
    expect(PAGES.filter(({ path, menu }) => menu !== undefined && path.includes(':'))).toEqual([])
  })

  test.each(ROLES)('has something for the %s at an agent', (role) => {
    const mine = PAGES.filter((page) => page.menu !== undefined && isFor(page, 'agent', role))
    expect(mine.length).toBeGreaterThanOrEqual(3)
  })
})

describe('an address', () => {
  test('belongs to the page whose path it fits', () => {
    const fits = ['/jobs/job-7', '/jobs', '/jobs/job-7/more', '/job'].map((one) => leadsTo('/jobs/:job', one))
    expect(fits).toEqual([true, false, false, false])
    expect(['/r/7', '/r/7/roc', '/r'].map((one) => leadsTo('/r/:job/:chapter?', one))).toEqual([true, true, false])
    expect(leadsTo('/', '/')).toBe(true)
  })

  test('stays the same place while only its optional part changes', () => {
    expect(placeOf(PAGES, '/results/job-7/roc')).toBe('/results/job-7')
    expect(placeOf(PAGES, '/results/job-7')).toBe('/results/job-7')
    expect(placeOf(PAGES, '/jobs/job-7')).toBe('/jobs/job-7')
    expect(placeOf(PAGES, '/nowhere/at/all')).toBe('/nowhere/at/all')
  })
})

describe.each(TOURS)('$title.en', (tour) => {
  test.each(tour.roles)('leads the %s through pages that are there and theirs', (role) => {
    expect(stepsOf(tour, 'agent', role)).toEqual(tour.steps)
    expect(tour.steps.length).toBeGreaterThanOrEqual(4)
    expect(stepsOf(tour, 'coordinator', role)).toEqual([])
  })

  test('is told in both languages, in two minutes', () => {
    for (const { title, text, points } of tour.steps) {
      expect([isChinese(title.zh), isChinese(text.zh), isChinese(title.en + text.en)]).toEqual([true, true, false])
      expect(points.at(-1)).toBe('heading')
    }
    // read at 200 words a minute, half of the time is left for looking
    const words = tour.steps.reduce((sum, { text }) => sum + text.en.split(' ').length, 0)
    expect(words).toBeLessThanOrEqual(240)
  })
})
