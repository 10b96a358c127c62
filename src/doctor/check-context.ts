import type { Configuration } from "../config/configuration.ts";
import type { Engine } from "../engine/connect.ts";
import type { Instance } from "../instance/instance.ts";
import type { InstanceView } from "../instance/read-instance.ts";

/** What checks look at: each takes the part it needs, and is left out where that part is not there. */
export interface Machine {
  readonly engine: Engine;
  /** The instance's name, for labels; a stand-in where the configuration does not tell. */
  readonly name: string;
  /** An image of ours that is there, to look around from inside a container. */
  readonly image: string | undefined;
  readonly configuration: Configuration | undefined;
  readonly instance: Instance | undefined;
  readonly view: InstanceView | undefined;
  readonly signal: AbortSignal;
}

/** An instance that was created. */
export interface Site {
  readonly instance: Instance;
  readonly view: InstanceView;
  /** An operation holds the lock: what is under way is no leftover. */
  readonly busy: boolean;
  readonly signal: AbortSignal;
}
