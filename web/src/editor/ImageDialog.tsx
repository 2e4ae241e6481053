import { Button, Group, Stack, TextInput } from '@mantine/core'
import type { Editor } from '@tiptap/core'
import { useState, type FormEvent } from 'react'
import { Dialog } from '../shell/Dialog'
import { useWords } from '../words'

/** An image by its address. */
export function ImageDialog({ editor, onClose }: { editor: Editor; onClose: () => void }) {
  const words = useWords()
  const [src, setSrc] = useState('')
  const [alt, setAlt] = useState('')
  const [error, setError] = useState('')
  const submit = (event: FormEvent) => {
    event.preventDefault()
    const address = imageAddress(src)
    if (!address) return setError(words.image.unsafe)
    onClose()
    editor.chain().focus().setImage({ src: address, alt: alt.trim() }).run()
  }
  const close = () => {
    onClose()
    editor.commands.focus()
  }
  return (
    <Dialog onClose={close} title={words.image.title} returnFocus={false}>
      <form onSubmit={submit}>
        <Stack gap="md">
          <TextInput
            label={words.image.address}
            data-autofocus
            inputMode="url"
            autoCapitalize="none"
            spellCheck={false}
            value={src}
            onChange={(event) => {
              setSrc(event.currentTarget.value)
              setError('')
            }}
            error={error}
          />
          <TextInput label={words.image.alt} value={alt} onChange={(event) => setAlt(event.currentTarget.value)} />
          <Group justify="flex-end">
            <Button variant="default" onClick={close}>
              {words.common.cancel}
            </Button>
            <Button type="submit">{words.image.insert}</Button>
          </Group>
        </Stack>
      </form>
    </Dialog>
  )
}

/** Images come over https, or from this server itself. */
function imageAddress(typed: string): string | null {
  const text = typed.trim()
  if (text.startsWith('/') && !text.startsWith('//')) return text
  try {
    const { protocol, href } = new URL(text)
    return protocol === 'https:' ? href : null
  } catch {
    return null
  }
}
