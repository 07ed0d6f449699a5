/** What an error of the system is called, such as `ENOENT`; the words of any other one. */
export function codeOf(error: unknown): string {
  return String((error as NodeJS.ErrnoException).code ?? error);
}
