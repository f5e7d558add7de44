// Colours of tokens.css for what is drawn on a canvas, which does not know custom properties.

/** The colour that a custom property has at this element now, '--series-1' → 'rgb(…)'. */
export function colourOf(element: HTMLElement, property: string): string {
  const probe = document.createElement('span')
  probe.style.color = `var(${property})`
  element.append(probe)
  const colour = getComputedStyle(probe).color
  probe.remove()
  return colour
}

/** Lines are told apart by their dashes as well, in pixels of the canvas. */
export const DASHES: readonly (readonly number[])[] = [[], [6, 4], [2, 3], [10, 3, 2, 3], [1, 4], [12, 6]]
