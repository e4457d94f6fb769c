import { readdirSync, readFileSync } from 'node:fs';

/** Memory of a process now and at most so far, in KB. */
export function memory(pid) {
  const status = readFileSync(`/proc/${pid}/status`, 'utf8');
  const field = (name) => Number(new RegExp(`^${name}:\\s+(\\d+)`, 'm').exec(status)?.[1]);
  return { rss: field('VmRSS'), highest: field('VmHWM') };
}

/** How many files a process has open. */
export function openFiles(pid) {
  return readdirSync(`/proc/${pid}/fd`).length;
}

/** How many children of a process are zombies. */
export function zombies(pid) {
  return pids()
    .map(stat)
    .filter((fields) => fields?.[0] === 'Z' && Number(fields[1]) === pid).length;
}

/** The processes that have one of these names. */
export function named(names) {
  return pids().filter((pid) => names.includes(nameOf(pid)));
}

function pids() {
  return readdirSync('/proc').filter((name) => /^\d+$/.test(name));
}

function nameOf(pid) {
  try {
    return readFileSync(`/proc/${pid}/comm`, 'utf8').trimEnd();
  } catch {
    return undefined;
  }
}

/** What a process has used of the CPU in clock ticks of 10 ms, and how often its threads were woken or interrupted. */
export function activity(pid) {
  const fields = stat(pid);
  let switches = 0;
  for (const task of readdirSync(`/proc/${pid}/task`)) {
    const status = readFileSync(`/proc/${pid}/task/${task}/status`, 'utf8');
    for (const [, count] of status.matchAll(/ctxt_switches:\s+(\d+)/g)) switches += Number(count);
  }
  return { ticks: Number(fields[11]) + Number(fields[12]), switches };
}

/** Fields 3 and on of /proc/PID/stat (proc(5)); `undefined` if the process is gone. */
function stat(pid) {
  try {
    const text = readFileSync(`/proc/${pid}/stat`, 'utf8');
    return text.slice(text.lastIndexOf(')') + 2).split(' ');
  } catch {
    return undefined;
  }
}
