import { useEffect, useState } from 'react'

/** True when waiting has lasted: placeholders that appear at once only flicker. */
export function useLate(waiting: boolean, after_ms = 200): boolean {
  const [late, setLate] = useState(false)
  useEffect(() => {
    if (!waiting) return
    const timer = setTimeout(() => setLate(true), after_ms)
    return () => {
      clearTimeout(timer)
      setLate(false)
    }
  }, [waiting, after_ms])
  return waiting && late
}
