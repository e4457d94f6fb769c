import { twoDigits } from '../words/numbers.ts';

/** Formats an elapsed time, given in seconds: `0.4 s`, `12 s`, `1:05 min`, `2:00:05 h`. */
export function elapsed(seconds: number): string {
  return seconds < 10 ? `${Math.max(0, seconds).toFixed(1)} s` : countdown(seconds);
}

/** Formats a remaining time, given in seconds: `9 s`, `1:05 min`, `2:00:05 h`. */
export function countdown(seconds: number): string {
  const whole = Math.max(0, Math.floor(seconds));
  if (whole < 60) return `${whole} s`;
  const minutes = Math.floor(whole / 60) % 60;
  const hours = Math.floor(whole / 3600);
  const rest = twoDigits(whole % 60);
  return hours === 0 ? `${minutes}:${rest} min` : `${hours}:${twoDigits(minutes)}:${rest} h`;
}
