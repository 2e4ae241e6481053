const MINUTE_S = 60
const HOUR_S = 60 * MINUTE_S
const DAY_S = 24 * HOUR_S

/** "5 minutes ago", "yesterday", and a date when it is more than a week back. In the reader's own time zone. */
export function ago(at: string, now: Date, locale: string): string {
  const then = new Date(at)
  const seconds = Math.round((then.getTime() - now.getTime()) / 1000)
  const relative = new Intl.RelativeTimeFormat(locale, { numeric: 'auto' })
  const distance = Math.abs(seconds)
  if (distance < MINUTE_S) return relative.format(0, 'second')
  if (distance < HOUR_S) return relative.format(Math.trunc(seconds / MINUTE_S), 'minute')
  if (distance < DAY_S) return relative.format(Math.trunc(seconds / HOUR_S), 'hour')
  if (distance < 7 * DAY_S) return relative.format(Math.trunc(seconds / DAY_S), 'day')
  const year = then.getFullYear() === now.getFullYear() ? {} : ({ year: 'numeric' } as const)
  return new Intl.DateTimeFormat(locale, { day: 'numeric', month: 'long', ...year }).format(then)
}

/** The moment in full, for tooltips and details. */
export function moment(at: string, locale: string): string {
  return new Intl.DateTimeFormat(locale, { dateStyle: 'medium', timeStyle: 'short' }).format(new Date(at))
}
