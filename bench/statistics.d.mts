/** Throws for an empty list. */
export function quantile(values: readonly number[], q: number): number;
/** Throws for an empty list. */
export function median(values: readonly number[]): number;
/** The slope of y over x, in the order of x (Theil and Sen). */
export function slope(points: readonly { readonly x: number; readonly y: number }[]): number;
