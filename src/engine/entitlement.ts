import { SluiceError } from '../base/sluice-error.ts';
import type { ProjectConfig } from '../config/config.ts';
import type { Permission } from '../policy/policy.ts';

/** Throws `not-entitled`. Where no roles are configured, everybody who may open the state directory may do everything. */
export function permit(config: ProjectConfig, user: string, permission: Permission): void {
  if (config.roles.length === 0) return;
  const may = config.roles.some(
    ({ members, permissions }) =>
      permissions.includes(permission) && (members.includes('*') || members.includes(user)),
  );
  if (may) return;
  throw new SluiceError({
    code: 'not-entitled',
    message: `${user} may not ${permission} here.`,
    remedy:
      'Give a role with that permission to the user under `roles:` in sluice.yml, or ask somebody who has it.',
  });
}

export function hasRole(config: ProjectConfig, user: string, role: string): boolean {
  const found = config.roles.find(({ name }) => name === role);
  if (found === undefined) return config.roles.length === 0;
  return found.members.includes('*') || found.members.includes(user);
}
