/** What the three stages are called, in their order. */
export const STAGE_NAMES = ['ping outside', 'log in', 'ping inside'] as const;
