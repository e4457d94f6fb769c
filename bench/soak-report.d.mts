/** A look at the monitor: how many tests were done, and what it held, in bytes or as a number. */
export type Sample = Readonly<
  Record<'tests' | 'heap' | 'rss' | 'files' | 'resources' | 'zombies' | 'state', number>
>;
export function judge(
  samples: readonly Sample[],
  end: { readonly status: number | null; readonly left: number },
): readonly { readonly what: string; readonly growth: string; readonly holds: boolean }[];
export function asMarkdown(
  figures: ReturnType<typeof judge>,
  run: { readonly tests: number; readonly looks: number; readonly seconds: number },
): string;
