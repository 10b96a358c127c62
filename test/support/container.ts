import { GenericContainer, type PortWithOptionalBinding, PullPolicy } from "testcontainers";
import type { Labels } from "../../src/engine/labels.ts";

// The reaper, which removes what a killed test leaves, would be pulled from a registry, and no test may need one: what
// a test starts it stops, and what is left all the same is found by its labels.
process.env["TESTCONTAINERS_RYUK_DISABLED"] = "true";
// Where ports are published, also for tests that run in a container with an engine in it.
process.env["TESTCONTAINERS_HOST_OVERRIDE"] = "127.0.0.1";

/** A server that tests talk to, or a container that is thrown away, from an image that is there; `stop` removes it. */
export class TestContainer extends GenericContainer {
  constructor(image: string, labels: Labels) {
    super(image);
    this.withLabels(labels).withPullPolicy(PullPolicy.neverPull());
  }

  /** As the updater runs its own images. */
  withReadonlyRoot(): this {
    this.hostConfig.ReadonlyRootfs = true;
    return this;
  }

  /** To this machine alone. */
  override withExposedPorts(...ports: PortWithOptionalBinding[]): this {
    super.withExposedPorts(...ports);
    const bindings = Object.values<{ HostIp?: string }[]>(this.hostConfig.PortBindings).flat();
    for (const binding of bindings) binding.HostIp = "127.0.0.1";
    return this;
  }
}
