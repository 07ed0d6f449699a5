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

/** `2026-11-24`: sorts as time goes. */
export function dateOf(time: number): string {
  const date = new Date(time);
  return `${date.getFullYear()}-${two(date.getMonth() + 1)}-${two(date.getDate())}`;
}

/** `09:10` or `09:10:30`. */
export function clockOf(time: number, to: 'minutes' | 'seconds' = 'minutes'): string {
  const date = new Date(time);
  const parts = [date.getHours(), date.getMinutes(), ...(to === 'seconds' ? [date.getSeconds()] : [])];
  return parts.map(two).join(':');
}

function two(number: number): string {
  return String(number).padStart(2, '0');
}

/** A time that is over, or to come, as one says it. */
export function spanInWords(ms: number): string {
  const seconds = Math.max(0, Math.round(ms / 1000));
  if (seconds < 120) return `${seconds} s`;
  const minutes = Math.floor(seconds / 60);
  return minutes < 120 ? `${minutes} min` : `${Math.floor(minutes / 60)} h`;
}
