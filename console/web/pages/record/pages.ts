// The pages and cards of the area "record".
import type { Card, Page } from '../../page.ts'

export const recordPages: readonly Page[] = []

export const recordCards: readonly Card[] = []
