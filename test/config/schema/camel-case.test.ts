import { expect, expectTypeOf, test } from 'vitest';
import { camelCase } from '../../../src/config/schema/camel-case.ts';

test('names are in camelCase, and what is in a mapping stays as it is', () => {
  const inner = { not_changed: 1 };
  const settings = camelCase({ plain: true, step_timeout: 30, rejected_retry_minutes: '0', inner });
  expect(settings).toEqual({ plain: true, stepTimeout: 30, rejectedRetryMinutes: '0', inner });
  expectTypeOf(settings).toEqualTypeOf<{
    readonly plain: boolean;
    readonly stepTimeout: number;
    readonly rejectedRetryMinutes: string;
    readonly inner: { not_changed: number };
  }>();
});
