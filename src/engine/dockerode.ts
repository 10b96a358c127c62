import { createRequire, Module } from "node:module";
import type Docker from "dockerode";

const ours = createRequire(import.meta.url);
const ofDockerode = createRequire(ours.resolve("dockerode"));

// dockerode 5.0.1 loads gRPC, for building, and an SSH client, for engines that are reached so, whenever it is loaded: a
// fifth of the time that a command takes to start. They are loaded at their first use.
for (const file of ["./session", "docker-modem/lib/ssh"]) {
  const path = ofDockerode.resolve(file);
  const later = new Module(path);
  later.loaded = true;
  later.exports = (...given: unknown[]): unknown => {
    if (ours.cache[path] === later) delete ours.cache[path];
    return (ours(path) as (...given: unknown[]) => unknown)(...given);
  };
  ours.cache[path] = later;
}

export const Client = ours("dockerode") as typeof Docker;
