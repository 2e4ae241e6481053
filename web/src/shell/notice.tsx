import { Button, Group } from '@mantine/core'
import { notifications } from '@mantine/notifications'

/** A short message at the foot of the page, with at most one thing to do about it. */
export function notice(message: string, action?: { label: string; act: () => void }): void {
  const id = notifications.show({
    message: action ? (
      <Group justify="space-between" wrap="nowrap">
        <span>{message}</span>
        <Button
          size="compact-sm"
          variant="subtle"
          onClick={() => {
            notifications.hide(id)
            action.act()
          }}
        >
          {action.label}
        </Button>
      </Group>
    ) : (
      message
    ),
    withCloseButton: false,
    // Time to reach the button, also with the keyboard.
    autoClose: action ? 10_000 : 4_000,
  })
}

/** What went wrong with something the person just did, in words. */
export function complaint(message: string): void {
  notifications.show({ message, color: 'red', withCloseButton: false, autoClose: 8_000 })
}
