import { useLayoutEffect, useState, type CSSProperties, type RefObject } from 'react'

const GAP_PX = 6
const EDGE_PX = 8

/** Places a floating box under a piece of text, or above it where there is no room. */
export function useAnchor(rect: DOMRect | null, box: RefObject<HTMLElement | null>): CSSProperties {
  const [style, setStyle] = useState<CSSProperties>({ top: 0, left: 0, opacity: 0 })
  useLayoutEffect(() => {
    const element = box.current
    if (!rect || !element) return
    const { offsetWidth: width, offsetHeight: height } = element
    const below = rect.bottom + GAP_PX
    const above = rect.top - GAP_PX - height
    const top = below + height > window.innerHeight - EDGE_PX && above > EDGE_PX ? above : below
    const left = Math.min(Math.max(rect.left, EDGE_PX), window.innerWidth - width - EDGE_PX)
    setStyle({ top, left })
  }, [rect, box])
  return style
}
