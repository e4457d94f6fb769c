/** Formats a part of a date or time with a leading zero: `05`. */
export function twoDigits(n: number): string {
  return String(n).padStart(2, '0');
}

/** Formats a count with its noun: `1 site`, `1,200 sites`. */
export function counted(count: number, noun: string): string {
  return `${count.toLocaleString('en-US')} ${noun}${count === 1 ? '' : 's'}`;
}

const BYTE_UNITS = ['kB', 'MB', 'GB', 'TB'] as const;

/** Formats a number of bytes: `0 B`, `512 B`, `64 MB`, `1.5 GB`. */
export function bytesInWords(bytes: number): string {
  let value = bytes;
  let unit = 'B';
  for (const next of BYTE_UNITS) {
    if (value < 1000) break;
    value /= 1000;
    unit = next;
  }
  return `${value < 10 && unit !== 'B' ? value.toFixed(1) : Math.floor(value)} ${unit}`;
}
