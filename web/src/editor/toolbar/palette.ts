import type { Words } from '../../words/en'

export type ColourName = keyof Words['tools']['colours']

/** What is stored; the style sheet moves the lightness for dark pages. */
export const INKS: Record<ColourName, string> = {
  gray: '#6b7280',
  red: '#c62828',
  orange: '#b8500a',
  yellow: '#8a6500',
  green: '#2e7d32',
  teal: '#0f766e',
  blue: '#1d5fbf',
  purple: '#6d3fc0',
  pink: '#b0306f',
}

export const MARKERS: Record<ColourName, string> = {
  gray: '#e5e7eb',
  red: '#fecaca',
  orange: '#fed7aa',
  yellow: '#fef08a',
  green: '#bbf7d0',
  teal: '#b5ece5',
  blue: '#bfdbfe',
  purple: '#ddd0fb',
  pink: '#fbcfe8',
}

export const COLOUR_NAMES = Object.keys(INKS) as ColourName[]
