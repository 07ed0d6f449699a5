/** How a measurement ends, and what it says meanwhile. */

/** Ends the process with the measurement: 0, or 1 with why in one line. Its clients would keep it going. */
export function endWith(measurement: Promise<void>): void {
  measurement.then(
    () => process.exit(0),
    (error: Error) => {
      process.stderr.write(`bench: ${error.message}\n`);
      process.exit(1);
    },
  );
}

/** One line that is written over; only where somebody looks. */
export function progress(text: string): void {
  if (process.stderr.isTTY) process.stderr.write(`\r\u001b[K${text}`);
}
