import { Button, Group, TextInput } from '@mantine/core'
import { useState, type FormEvent } from 'react'
import { Dialog } from '../shell/Dialog'
import { errorWords, useWords } from '../words'

const TITLE_CHARS_MAX = 300

interface Props {
  title: string
  rename: (title: string) => Promise<void>
  onClose: () => void
}

export function RenameDialog({ title, rename, onClose }: Props) {
  const words = useWords()
  const [value, setValue] = useState(title)
  const [error, setError] = useState('')
  const [busy, setBusy] = useState(false)
  const submit = async (event: FormEvent) => {
    event.preventDefault()
    const next = value.trim()
    if (next === '' || next === title) return onClose()
    setBusy(true)
    try {
      await rename(next)
      onClose()
    } catch (cause) {
      setError(errorWords(words, cause))
      setBusy(false)
    }
  }
  return (
    <Dialog onClose={onClose} title={words.home.renameTitle}>
      <form onSubmit={(event) => void submit(event)}>
        <TextInput
          label={words.home.titleLabel}
          data-autofocus
          maxLength={TITLE_CHARS_MAX}
          value={value}
          onChange={(event) => setValue(event.currentTarget.value)}
          onFocus={(event) => event.currentTarget.select()}
          error={error}
        />
        <Group justify="flex-end" mt="lg">
          <Button variant="default" onClick={onClose}>
            {words.common.cancel}
          </Button>
          <Button type="submit" loading={busy}>
            {words.home.save}
          </Button>
        </Group>
      </form>
    </Dialog>
  )
}
