/** Formats a part of a date or time with a leading zero: `05`. */
export function twoDigits(n: number): string {
  return String(n).padStart(2, '0');
}

/** Formats a count with its noun: `1 site`, `1,200 sites`. */
export function counted(count: number, noun: string): string {
  return `${count.toLocaleString('en-US')} ${noun}${count === 1 ? '' : 's'}`;
}
