// Brings up a lab, prints its folder and the pid of its first process, and holds it until this process ends. Also the
// way to look at a lab by hand: node test/real/lab/hold.mjs, then nsenter -t PID --pid --mount --net bash.
import { fileURLToPath } from 'node:url';
import { runnerImport } from 'vite';

const { module } = await runnerImport(fileURLToPath(new URL('lab.ts', import.meta.url)));
const { world, gateways, init } = await module.createLab([{ kind: 'ocserv' }, { kind: 'openvpn' }]);
console.log(JSON.stringify({ folder: world.folder, init, gateways }));
setInterval(() => {}, 60_000);
