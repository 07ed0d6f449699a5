/** `#room`, and `@nick` for a conversation; '' for none. */
export function roomLabel(name: string): string {
  return name.startsWith('@') || name === '' ? name : `#${name}`;
}
