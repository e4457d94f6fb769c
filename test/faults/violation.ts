/** An invariant that did not hold. */
export interface Violation {
  /** In a few words, always the same ones. */
  readonly invariant: string;
  readonly words: string;
}
