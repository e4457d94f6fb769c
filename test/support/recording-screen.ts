import { createScreen, type Output, type Screen } from '../../src/ui/screen.ts';

/** A stream that keeps what was written to it. */
export interface RecordingOutput extends Output {
  readonly written: string[];
}

/** Makes a {@link RecordingOutput}; with `columns` it is a terminal of that width. */
export function recordingOutput(columns?: number): RecordingOutput {
  const written: string[] = [];
  return {
    written,
    write: (text) => written.push(text),
    ...(columns !== undefined && { isTTY: true, columns }),
  };
}

/** A real screen whose two streams are kept, the pieces joined. */
export interface RecordingScreen extends Screen {
  readonly stdout: () => string;
  readonly stderr: () => string;
}

/** Makes a {@link RecordingScreen}; with `columns` both streams are a terminal of that width. */
export function recordingScreen(columns?: number, env: Record<string, string> = {}): RecordingScreen {
  const stdout = recordingOutput(columns);
  const stderr = recordingOutput(columns);
  return {
    ...createScreen(stdout, stderr, env),
    stdout: () => stdout.written.join(''),
    stderr: () => stderr.written.join(''),
  };
}
