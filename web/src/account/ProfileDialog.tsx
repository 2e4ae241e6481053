import { Button, Group, Stack, Text, TextInput, UnstyledButton } from '@mantine/core'
import { Check } from 'lucide-react'
import { useState, type FormEvent } from 'react'
import { account } from '../api/account'
import { Dialog } from '../shell/Dialog'
import { nameOf, readableOn } from '../shell/people'
import { useUser } from '../shell/useAccount'
import { errorWords, useWords } from '../words'
import classes from './ProfileDialog.module.css'

/** Dark enough for white letters, far enough from one another to tell people apart. */
const COLOURS = ['#b3261e', '#a8480c', '#7a5a00', '#2e6b34', '#00766c', '#1d5fa8', '#4b4fc4', '#7b3fb0', '#a6306f', '#4f5b66']

/** What others see: the name on the caret, and its colour. */
export function ProfileDialog({ onClose }: { onClose: () => void }) {
  const words = useWords()
  const user = useUser()
  const [name, setName] = useState(nameOf(user))
  const [color, setColor] = useState(user.color)
  const [error, setError] = useState('')
  const [busy, setBusy] = useState(false)
  const submit = async (event: FormEvent) => {
    event.preventDefault()
    if (name.trim() === '') return setError(words.account.required)
    setBusy(true)
    try {
      await account.update({ display_name: name.trim(), color })
      onClose()
    } catch (cause) {
      setError(errorWords(words, cause))
      setBusy(false)
    }
  }
  return (
    <Dialog onClose={onClose} title={words.profile.title}>
      <form onSubmit={(event) => void submit(event)}>
        <Stack gap="lg">
          <TextInput
            label={words.profile.name}
            data-autofocus
            autoComplete="name"
            value={name}
            onChange={(event) => {
              setName(event.currentTarget.value)
              setError('')
            }}
            error={error}
          />
          <div>
            <Text size="sm" fw={500} mb={6}>
              {words.profile.colour}
            </Text>
            <div role="radiogroup" aria-label={words.profile.colour} className={classes.colours}>
              {COLOURS.map((each, at) => (
                <UnstyledButton
                  key={each}
                  role="radio"
                  aria-checked={each === color}
                  aria-label={words.profile.colourNumber(at + 1)}
                  className={classes.colour}
                  style={{ background: each, color: readableOn(each) }}
                  onClick={() => setColor(each)}
                >
                  {each === color && <Check size={16} aria-hidden />}
                </UnstyledButton>
              ))}
            </div>
          </div>
          <Group justify="flex-end">
            <Button variant="default" onClick={onClose}>
              {words.common.cancel}
            </Button>
            <Button type="submit" loading={busy}>
              {words.home.save}
            </Button>
          </Group>
        </Stack>
      </form>
    </Dialog>
  )
}
