import type { Config } from '../config/config.ts';
import { ControlFolder } from '../control/control-folder.ts';
import { groupId } from '../rights/group-id.ts';
import type { System } from '../system/system.ts';
import { type Finding, missing, ok, warning } from './finding.ts';

/** Whether the group of `control.group` exists, and whether orders in the folder can be read. Nothing without the key. */
export function checkControl({ controlGroup, logging }: Config, system: System): readonly Finding[] {
  const { problems } = new ControlFolder(logging.dir, system).read();
  const unread = problems.map((problem) => warning(`control: ${problem}`));
  if (controlGroup === null) return unread;
  if (groupId(system, controlGroup) === null) {
    const words = `control: this host has no group ${controlGroup}`;
    return [missing(words, `create it (groupadd ${controlGroup}), or change control.group`), ...unread];
  }
  return [ok(`control: members of ${controlGroup} may silence and acknowledge`), ...unread];
}
