/**
 * Log lines for a person who reads the terminal of a cluster: one line each, to standard error, plain text.
 * `SYNOD_LOG` chooses the least level that is printed.
 */
export type LogLevel = 'debug' | 'info' | 'warn' | 'error';

const ORDER: readonly LogLevel[] = ['debug', 'info', 'warn', 'error'];

export interface Logger {
  debug(text: string): void;
  info(text: string): void;
  warn(text: string): void;
  error(text: string): void;
}

/** A logger that writes `level part: text` lines through `write`. Levels below `least` are dropped. */
export function createLogger(part: string, least: LogLevel, write: (line: string) => void): Logger {
  const at = (level: LogLevel) => {
    if (ORDER.indexOf(level) < ORDER.indexOf(least)) return () => {};
    const prefix = level === 'info' ? part : `${part} ${level}`;
    return (text: string) => write(`${prefix}: ${singleLine(text)}\n`);
  };
  return { debug: at('debug'), info: at('info'), warn: at('warn'), error: at('error') };
}

/** A log level by its name, or undefined. */
export function parseLogLevel(name: string | undefined): LogLevel | undefined {
  return ORDER.find((level) => level === name);
}

/** Control characters, line breaks among them, become spaces: what a peer says cannot forge a log line. */
function singleLine(text: string): string {
  // biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are what it removes
  return text.replace(/[\u0000-\u001f\u007f-\u009f\u2028\u2029]+/g, ' ');
}
