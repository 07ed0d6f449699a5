/** Processes as they are noted in files, for whoever wants to know later whether they still run. */
import { readFileSync } from 'node:fs';

/** A process by its number and when it began: numbers come again. */
export function processMark(pid: number): string {
  return `${pid}-${startOf(pid)}`;
}

/** No such process runs any more. What is no mark is of nobody. */
export function isGone(mark: string): boolean {
  const [, pid] = /^([1-9]\d*)-\d+$/.exec(mark) ?? [];
  return pid === undefined || !isAlive(Number(pid)) || processMark(Number(pid)) !== mark;
}

/** Whether a process has this number, whoever's it is. */
export function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
}

/** When a process began, in the system's own count; 0 where the system does not say. */
function startOf(pid: number): number {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'latin1');
    // The second field is the program's name in brackets, which may have anything in it.
    return Number(stat.slice(stat.lastIndexOf(')') + 2).split(' ')[19] ?? 0);
  } catch {
    return 0;
  }
}
