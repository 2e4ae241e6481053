import { colourOf, initials, readableOn } from './people'
import classes from './Face.module.css'

interface FaceProps {
  id: string
  name: string
  color?: string | null
  size?: number
  idle?: boolean
}

/** A person as a small disc with letters. The name stands beside it or in a label; the letters are decoration. */
export function Face({ id, name, color, size = 28, idle = false }: FaceProps) {
  const background = colourOf(id, color)
  return (
    <span
      aria-hidden
      className={classes.face}
      data-idle={idle || undefined}
      style={{ width: size, height: size, fontSize: Math.round(size * 0.4), background, color: readableOn(background) }}
    >
      {initials(name)}
    </span>
  )
}
