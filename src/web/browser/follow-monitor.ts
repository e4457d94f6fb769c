import type { LiveEvent } from '../live-event.ts';

/** Without a sign of the monitor for so long, in ms, the page says that it is old. The monitor sends one every 5 s. */
const SILENCE_MS = 20_000;
/** How often a page without events loads itself again, in ms. */
const POLL_MS = 10_000;
/** After so long a page without events tries to get them again, in ms. */
const AGAIN_MS = 60_000;

let lastSign = Date.now();
let loading = false;
/** Whether the page is to be loaded once more: something came while it was loaded. */
let again = false;

function shownNumber(): string {
  return document.querySelector<HTMLElement>('main')?.dataset['number'] ?? '';
}

function setText(element: Element | null, text: string): void {
  // A screen reader reads a line that was set, also to the same text.
  if (element !== null && element.textContent !== text) element.textContent = text;
}

/** Shows the page as the server makes it now. What has the focus keeps it. */
async function load(): Promise<void> {
  again = loading;
  if (loading) return;
  loading = true;
  try {
    const response = await fetch('/', { cache: 'no-store' });
    if (!response.ok) return;
    const next = new DOMParser().parseFromString(await response.text(), 'text/html');
    const main = next.querySelector('main');
    if (main === null) return;
    const focused = document.activeElement?.id ?? '';
    document.querySelector('main')?.replaceWith(document.adoptNode(main));
    if (focused !== '') document.getElementById(focused)?.focus({ preventScroll: true });
    for (const name of ['.counts', '.doing'])
      setText(document.querySelector(name), next.querySelector(name)?.textContent ?? '');
    document.title = next.title;
    sign();
  } catch {
    // The monitor is away: showAge says since when.
  } finally {
    loading = false;
  }
  if (again) await load();
}

function sign(): void {
  lastSign = Date.now();
  showAge();
}

function showAge(): void {
  const since = new Date(lastSign).toLocaleTimeString('en-GB', { timeStyle: 'short' });
  const isOld = Date.now() - lastSign > SILENCE_MS;
  setText(document.querySelector('.lost'), isOld ? `No contact with the monitor since ${since}` : '');
}

/** Takes in an event. Another state is loaded; what the monitor is doing stands in the event itself. */
function show({ number, doing, steps }: LiveEvent): void {
  sign();
  setText(document.querySelector('.doing'), doing);
  for (const element of document.querySelectorAll<HTMLElement>('.step'))
    setText(element, steps[element.dataset['site'] ?? ''] ?? '');
  if (String(number) !== shownNumber()) void load();
}

function follow(): void {
  const events = new EventSource('/api/events');
  events.addEventListener('message', ({ data }: MessageEvent<string>) => show(JSON.parse(data) as LiveEvent));
  events.addEventListener('error', () => {
    // A connection that was cut is made again by the browser. One that was refused is not.
    if (events.readyState !== EventSource.CLOSED) return;
    const polling = setInterval(() => void load(), POLL_MS);
    setTimeout(() => {
      clearInterval(polling);
      follow();
    }, AGAIN_MS);
  });
}

setInterval(showAge, 1000);
follow();
