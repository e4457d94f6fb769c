/** A number of a date or a time with a leading zero: `05`. */
export function two(n: number): string {
  return String(n).padStart(2, '0');
}
