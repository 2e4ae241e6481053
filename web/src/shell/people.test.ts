import { expect, test } from 'vitest'
import { colourOf, initials, readableOn } from './people'

test.each([
  ['Ana', 'A'],
  ['Ana Berg', 'AB'],
  ['ana.maria.berg', 'AB'],
  ['  élan ', 'É'],
  ['😀 smile', '😀S'],
  ['', ''],
])('initials of "%s" are "%s"', (name, letters) => {
  expect(initials(name)).toBe(letters)
})

test('names read on every colour, at least 4.5 : 1', () => {
  let met = 0
  for (let red = 0; red < 256; red += 15) {
    for (let green = 0; green < 256; green += 15) {
      for (let blue = 0; blue < 256; blue += 15) {
        const background = `#${[red, green, blue].map((part) => part.toString(16).padStart(2, '0')).join('')}`
        expect(contrast(background, readableOn(background))).toBeGreaterThanOrEqual(4.5)
        met += 1
      }
    }
  }
  expect(met).toBeGreaterThan(5_000)
})

test('a colour that is none is replaced by one of the person’s own', () => {
  expect(colourOf('ana', 'red; background: url(x)')).toMatch(/^#[0-9a-f]{6}$/)
  expect(colourOf('ana', null)).toBe(colourOf('ana', 'nonsense'))
  expect(colourOf('ana', '#123456')).toBe('#123456')
})

function contrast(a: string, b: string): number {
  const [light = 0, dark = 0] = [luminance(a), luminance(b)].sort((x, y) => y - x)
  return (light + 0.05) / (dark + 0.05)
}

function luminance(hex: string): number {
  const linear = (at: number) => {
    const part = Number.parseInt(hex.slice(at, at + 2), 16) / 255
    return part <= 0.04045 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4
  }
  return 0.2126 * linear(1) + 0.7152 * linear(3) + 0.0722 * linear(5)
}
