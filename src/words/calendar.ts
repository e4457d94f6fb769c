/** The days of the week as C's asctime names them, by the number that a Date gives them. */
export const DAYS: readonly string[] = ['Sun', 'Mon', 'Tue', 'Wed', 'Thu', 'Fri', 'Sat'];

const YEAR = 'Jan Feb Mar Apr May Jun Jul Aug Sep Oct Nov Dec';

/** The months as C's asctime names them, by the number that a Date gives them: from 0. */
export const MONTHS: readonly string[] = YEAR.split(' ');
