import { Duplex, PassThrough } from "node:stream";
import type Docker from "dockerode";
import { Engine } from "../../src/engine/connect.ts";

/** An engine on which every program is played: what it prints is what a test writes into these streams. */
export function playedSession() {
  const printed = { stdout: new PassThrough(), stderr: new PassThrough() };
  const connection = new Duplex({ read() {}, write: (_chunk, _encoding, written) => written() });
  const exec = { start: async () => connection, inspect: async () => ({ ExitCode: 0 }) };
  const client = {
    getContainer: () => ({ exec: async () => exec }),
    modem: {
      demuxStream: (_: Duplex, stdout: PassThrough, stderr: PassThrough) => {
        printed.stdout.pipe(stdout);
        printed.stderr.pipe(stderr);
      },
    },
  };
  return { engine: new Engine(client as unknown as Docker), ...printed };
}
