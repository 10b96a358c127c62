import { expect, test } from "vitest";
import { endpointOf } from "../../../../scripts/setup/engine-api.mjs";

test.each([
  [{}, { socketPath: "/var/run/docker.sock" }],
  [
    { DOCKER_HOST: "unix:///run/user/1000/docker.sock" },
    { socketPath: "/run/user/1000/docker.sock" },
  ],
  [{ DOCKER_HOST: "tcp://engine:1234" }, { hostname: "engine", port: "1234" }],
  [{ DOCKER_HOST: "tcp://engine" }, { hostname: "engine", port: 2375 }],
])("%j is at %j", (env, where) => {
  expect(endpointOf(env).where).toMatchObject(where);
});

test("an address it cannot use is refused", () => {
  expect(() => endpointOf({ DOCKER_HOST: "ssh://somebody@engine" })).toThrow("endpointUnknown");
});
