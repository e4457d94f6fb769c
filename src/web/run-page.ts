import type { Socket } from 'node:net';
import type { Config } from '../config/config.ts';
import type { Progress } from '../model/progress.ts';
import type { PageParts, PageProcess } from './page-process.ts';
import { ToldNews } from './told-news.ts';

/** The page of one `run`. A reload can turn it on and off. */
export interface RunPage {
  readonly progress: Progress;
  /** Lets the page answer a request that came to the address of the metrics. Returns whether its program runs. */
  readonly handOver: (socket: Socket, head: string) => boolean;
  /** Uses another config. Never rejects: what is wrong is logged, and tried again. */
  use(config: Config): Promise<void>;
  /** Ends the program that serves it. Never rejects. */
  close(): Promise<void>;
}

/** A page that is off until a config sets `web`. Only then its modules are loaded. */
export function runPage(parts: PageParts): RunPage {
  let page: PageProcess | undefined;
  const told = new ToldNews();
  const close = async () => {
    await page?.close();
    page = undefined;
  };
  return {
    progress: (event) => page?.tell(event),
    handOver: (socket, head) => page?.handOver(socket, head) ?? false,
    use: async (config) => {
      // A program that serves with the old settings can't be told others.
      await close();
      if (config.web === undefined) return;
      const { PageProcess } = await import('./page-process.ts');
      page = new PageProcess(parts, config, { web: config.web, told });
    },
    close,
  };
}
