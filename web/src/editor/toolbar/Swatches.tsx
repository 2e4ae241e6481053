import { UnstyledButton } from '@mantine/core'
import { Ban, Check } from 'lucide-react'
import { useRef, type KeyboardEvent } from 'react'
import { useWords } from '../../words'
import { COLOUR_NAMES, type ColourName } from './palette'
import classes from './Swatches.module.css'

interface SwatchesProps {
  label: string
  noneLabel: string
  colours: Record<ColourName, string>
  chosen: string | null
  kind: 'ink' | 'fill'
  choose: (colour: string | null) => void
}

const COLUMNS = 5

/** A small field of colours: arrows move, Enter chooses. */
export function Swatches({ label, noneLabel, colours, chosen, kind, choose }: SwatchesProps) {
  const words = useWords()
  const field = useRef<HTMLDivElement>(null)
  const options: [string | null, string][] = [
    [null, noneLabel],
    ...COLOUR_NAMES.map((name): [string, string] => [colours[name], words.tools.colours[name]]),
  ]
  const current = Math.max(
    0,
    options.findIndex(([value]) => value === chosen),
  )
  const move = (event: KeyboardEvent) => {
    const steps: Record<string, number> = { ArrowRight: 1, ArrowLeft: -1, ArrowDown: COLUMNS, ArrowUp: -COLUMNS }
    const step = steps[event.key]
    if (step === undefined) return
    event.preventDefault()
    const buttons = [...(field.current?.querySelectorAll('button') ?? [])]
    const at = buttons.indexOf(document.activeElement as HTMLButtonElement)
    buttons[Math.min(Math.max(at + step, 0), buttons.length - 1)]?.focus()
  }
  return (
    <div role="radiogroup" aria-label={label} className={classes.field} ref={field} onKeyDown={move}>
      {options.map(([value, name], at) => (
        <UnstyledButton
          key={name}
          role="radio"
          aria-checked={at === current}
          aria-label={name}
          title={name}
          tabIndex={at === current ? 0 : -1}
          data-autofocus={at === current || undefined}
          className={classes.swatch}
          data-kind={kind}
          style={value ? { '--swatch': value } : {}}
          onClick={() => choose(value)}
        >
          {value === null ? <Ban size={15} aria-hidden /> : kind === 'ink' ? <span aria-hidden>A</span> : null}
          {at === current && value !== null && kind === 'fill' && <Check size={14} aria-hidden />}
        </UnstyledButton>
      ))}
    </div>
  )
}
