/** The proofreader's "stet": dots under a word that shall stand. */
export function Logo({ size = 26 }: { size?: number }) {
  return <img src="/icon.svg" width={size} height={size} alt="" draggable={false} style={{ display: 'block' }} />
}
