/** Days, as a reader's time zone has them: a line says the time of day only, so a new day is told between lines. */

const WEEKDAYS = ['Sunday', 'Monday', 'Tuesday', 'Wednesday', 'Thursday', 'Friday', 'Saturday'];
const MONTHS = [
  ...['January', 'February', 'March', 'April', 'May', 'June'],
  ...['July', 'August', 'September', 'October', 'November', 'December'],
];

/** Whether two times are of one day. @param time milliseconds since the epoch */
export function isSameDay(time: number, other: number): boolean {
  const [one, two] = [new Date(time), new Date(other)];
  return (
    one.getDate() === two.getDate() && one.getMonth() === two.getMonth() && one.getFullYear() === two.getFullYear()
  );
}

/** `Tuesday, 24 November 2026`: the same in every locale. */
export function dayInWords(time: number): string {
  const date = new Date(time);
  return `${WEEKDAYS[date.getDay()]}, ${date.getDate()} ${MONTHS[date.getMonth()]} ${date.getFullYear()}`;
}
