import { Kbd } from '@mantine/core'
import { Fragment, useEffect, useSyncExternalStore, type ReactNode } from 'react'
import { useWords } from '../words'
import { Dialog } from './Dialog'
import { COMMANDS, keysOf, type CommandGroup } from './commandTable'
import { keyNames, pressed } from './keys'
import classes from './Shortcuts.module.css'

let opened = false
const listeners = new Set<() => void>()

function show(next: boolean): void {
  opened = next
  for (const listener of listeners) listener()
}

export function openShortcuts(): void {
  show(true)
}

function subscribe(listener: () => void): () => void {
  listeners.add(listener)
  return () => listeners.delete(listener)
}

/** The list of keyboard shortcuts and the key that opens it. */
export function Shortcuts() {
  const visible = useSyncExternalStore(subscribe, () => opened)
  useEffect(() => {
    const [keys = ''] = keysOf('shortcuts')
    const onKey = (event: KeyboardEvent) => {
      if (!pressed(event, keys)) return
      event.preventDefault()
      show(!opened)
    }
    window.addEventListener('keydown', onKey)
    return () => window.removeEventListener('keydown', onKey)
  }, [])
  return visible ? <List /> : null
}

/** Made from the one table of commands. */
function List() {
  const words = useWords()
  const groups = Object.keys(words.shortcuts.groups) as CommandGroup[]
  return (
    <Dialog onClose={() => show(false)} title={words.shortcuts.title} size="xl">
      <div className={classes.columns}>
        {groups.map((group) => (
          <Section key={group} title={words.shortcuts.groups[group]}>
            {COMMANDS.filter((command) => command.group === group).map((command) => (
              <Row key={command.id} label={words.commands[command.id]}>
                {command.keys.map((keys, at) => (
                  <Fragment key={keys}>
                    {at > 0 && <span className={classes.or}>{words.common.or}</span>}
                    {keyNames(keys).map((name) => (
                      <Kbd key={name}>{name}</Kbd>
                    ))}
                  </Fragment>
                ))}
              </Row>
            ))}
          </Section>
        ))}
        <Section title={words.shortcuts.typing}>
          {words.shortcuts.typed.map(([typed, label]) => (
            <Row key={typed} label={label}>
              <Kbd>{typed}</Kbd>
            </Row>
          ))}
        </Section>
      </div>
    </Dialog>
  )
}

function Section({ title, children }: { title: string; children: ReactNode }) {
  return (
    <section className={classes.section}>
      <h3 className={classes.title}>{title}</h3>
      <dl className={classes.list}>{children}</dl>
    </section>
  )
}

function Row({ label, children }: { label: string; children: ReactNode }) {
  return (
    <div className={classes.row}>
      <dt>{label}</dt>
      <dd className={classes.keys}>{children}</dd>
    </div>
  )
}
