import { expect, test } from 'vitest';
import { webhookHeaders } from '../../../src/alerts/webhook/signature.ts';
import { Secret } from '../../../src/model/secret.ts';

// The vector of Standard Webhooks' own libraries: TestWebhookSign in libraries/go/webhook_test.go.
const ID = 'msg_p5jXN8AQM9LWM0D4loKWxJek';
const AT = new Date(1614265330_000);
const BODY = '{"test": 2432232314}';
const SIGNATURE = 'v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=';

test.each(['whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw', 'MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw'])(
  'signs as the libraries of Standard Webhooks do, with %s',
  (secret) => {
    expect(webhookHeaders(ID, AT, BODY, new Secret(secret))).toEqual({
      'webhook-id': ID,
      'webhook-timestamp': '1614265330',
      'webhook-signature': SIGNATURE,
    });
  },
);

test('without a secret there is no signature', () => {
  expect(webhookHeaders(ID, AT, BODY, undefined)).toEqual({
    'webhook-id': ID,
    'webhook-timestamp': '1614265330',
  });
});
