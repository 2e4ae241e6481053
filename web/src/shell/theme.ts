import { createTheme, localStorageColorSchemeManager, type MantineColorsTuple } from '@mantine/core'

/** The one accent: a quiet green. */
const pine: MantineColorsTuple = [
  '#eef6f3',
  '#dcece6',
  '#b9d9ce',
  '#92c4b4',
  '#7abaa7',
  '#4f9a84',
  '#37826c',
  '#2b6d5a',
  '#225848',
  '#1a4438',
]

/** Neutral, a little warm; shades 5 to 9 carry text on a light page. */
const gray: MantineColorsTuple = [
  '#f8f8f6',
  '#f2f2ef',
  '#e8e8e4',
  '#dcdcd7',
  '#c6c7c2',
  '#8d908f',
  '#656a6d',
  '#4a4f53',
  '#33383c',
  '#1e2225',
]

/** Dark pages: 0 is text, 7 the page, 9 the canvas. */
const dark: MantineColorsTuple = [
  '#dcdedd',
  '#c2c5c4',
  '#a1a6a5',
  '#767c7b',
  '#454a4b',
  '#363b3c',
  '#2a2e2f',
  '#212425',
  '#1b1e1f',
  '#161819',
]

export const theme = createTheme({
  colors: { pine, gray, dark },
  primaryColor: 'pine',
  primaryShade: { light: 7, dark: 4 },
  autoContrast: true,
  luminanceThreshold: 0.35,
  fontFamily: "'Inter Variable', system-ui, -apple-system, 'Segoe UI', sans-serif",
  fontFamilyMonospace: "ui-monospace, 'SF Mono', 'Cascadia Code', 'DejaVu Sans Mono', monospace",
  headings: { fontWeight: '620', fontFamily: "'Inter Variable', system-ui, sans-serif" },
  defaultRadius: 'md',
  cursorType: 'pointer',
  respectReducedMotion: true,
  components: {
    ModalRoot: {
      defaultProps: {
        centered: false,
        yOffset: '12vh',
        radius: 'lg',
        transitionProps: { duration: 120, transition: 'fade' },
      },
    },
    Menu: { defaultProps: { shadow: 'md', transitionProps: { duration: 80, transition: 'fade' }, position: 'bottom-start' } },
    Popover: { defaultProps: { shadow: 'md', transitionProps: { duration: 80, transition: 'fade' } } },
    Tooltip: {
      defaultProps: { openDelay: 350, closeDelay: 0, transitionProps: { duration: 80 }, events: { hover: true, focus: true, touch: false } },
    },
    DrawerRoot: { defaultProps: { transitionProps: { duration: 140 } } },
    ModalOverlay: { defaultProps: { backgroundOpacity: 0.28 } },
    DrawerOverlay: { defaultProps: { backgroundOpacity: 0.28 } },
    Button: { defaultProps: { size: 'sm', variant: 'filled' } },
  },
})

export const colorScheme = localStorageColorSchemeManager({ key: 'stet:theme' })
