import { expect, test } from 'vitest';
import { tellAll } from '../../src/model/progress.ts';
import { recordingProgress } from '../support/probe.ts';
import { resultOf } from '../support/results.ts';

test('all are told of every step', () => {
  const [one, other] = [recordingProgress(), recordingProgress()];
  const progress = tellAll(one, other);
  progress.waitingForHost('site1', 'another');
  progress.cleaning('site1');
  progress.stage('site1', 2);
  progress.loggingOut('site1');
  progress.finished(resultOf('site1'));
  progress.idle(5);
  progress.end();
  expect(one.calls).toEqual([
    'waitingForHost site1 another',
    'cleaning site1',
    'stage site1 2',
    'loggingOut site1',
    'finished site1',
    'idle 5',
    'end',
  ]);
  expect(other.calls).toEqual(one.calls);
});
