import { useLayoutEffect, useState, type CSSProperties, type RefObject } from 'react'

const GAP_PX = 6
const EDGE_PX = 8

/** Keeps a floating box under a piece of text, or above it where there is no room; follows when the page scrolls. */
export function useAnchor(place: (() => DOMRect | null) | null, box: RefObject<HTMLElement | null>): CSSProperties {
  const [style, setStyle] = useState<CSSProperties>({ top: 0, left: 0, opacity: 0 })
  useLayoutEffect(() => {
    const move = () => {
      const rect = place?.()
      if (rect && box.current) setStyle(beside(rect, box.current))
    }
    move()
    window.addEventListener('scroll', move, { capture: true, passive: true })
    window.addEventListener('resize', move)
    return () => {
      window.removeEventListener('scroll', move, { capture: true })
      window.removeEventListener('resize', move)
    }
  }, [place, box])
  return style
}

function beside(rect: DOMRect, { offsetWidth: width, offsetHeight: height }: HTMLElement): CSSProperties {
  const below = rect.bottom + GAP_PX
  const above = rect.top - GAP_PX - height
  const top = below + height > window.innerHeight - EDGE_PX && above > EDGE_PX ? above : below
  const left = Math.min(Math.max(rect.left, EDGE_PX), window.innerWidth - width - EDGE_PX)
  return { top, left }
}
