// npm run lab: three real gateways and the monitor running against them, until ctrl-C.
// npm run lab -- --gateways 40: tests so many, one after the other and then all at once in cells, and shows the difference.
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { runnerImport } from 'vite';

const { values } = parseArgs({ options: { gateways: { type: 'string' } } });
const load = async (name) => (await runnerImport(fileURLToPath(new URL(name, import.meta.url)))).module;
if (values.gateways === undefined) {
  const { play } = await load('play.ts');
  process.exitCode = await play();
} else {
  const { compare, MOST_GATEWAYS } = await load('compare.ts');
  const count = Number(values.gateways);
  if (Number.isInteger(count) && count >= 1 && count <= MOST_GATEWAYS)
    process.exitCode = await compare(count);
  else {
    console.error(`--gateways: a number from 1 to ${MOST_GATEWAYS}`);
    process.exitCode = 2;
  }
}
