import { existsSync, readFileSync } from "node:fs";
import { userInfo } from "node:os";
import { setTimeout as sleep } from "node:timers/promises";
import { endpointOf, probe } from "./engine-api.mjs";
import { Failure } from "./failure.mjs";
import { install, tellingLines, onPath, runAsRoot } from "./run.mjs";

/** The oldest engine interface the updater is tested with: Engine 20.10. */
const oldestApi = [1, 41];
const log = "/var/log/dockerd.log";
const patience = 30_000;

/** Leaves an engine that answers as it is; otherwise installs and starts Debian's, with consent. */
export async function bringEngine(env, report, consent) {
  const endpoint = endpointOf(env);
  const found = await probe(endpoint);
  if (found.state === "up") return requireRecent(found.api);
  if (found.state === "denied") throw new Failure("engineDenied", { user: userInfo().username });
  // Somebody chose that engine: another one beside it is not what they asked for.
  if (env.DOCKER_HOST)
    throw new Failure("engineSilent", { host: env.DOCKER_HOST, reason: found.reason });

  const installed = onPath("dockerd");
  await consent(installed ? "mayStartEngine" : "mayInstallEngine");
  if (!installed) await report("engineMissing", {}, () => install("docker.io"));
  if ((await probe(endpoint)).state === "down")
    await report("engineStopped", {}, () => start(endpoint));
  const now = await probe(endpoint);
  if (now.state === "denied") throw new Failure("engineDenied", { user: userInfo().username });
  requireRecent(now.api);
}

function requireRecent(api) {
  if (!isRecent(api)) throw new Failure("engineTooOld", { api });
}

/** 1.5 is older than 1.41: versions are compared part by part. */
export function isRecent(api) {
  const [major, minor] = api.split(".").map(Number);
  return major > oldestApi[0] || (major === oldestApi[0] && minor >= oldestApi[1]);
}

async function start(endpoint) {
  if (existsSync("/run/systemd/system")) await runAsRoot("systemctl", ["start", "docker"]);
  else if (existsSync("/etc/init.d/docker") && (await startsAsService(endpoint))) return;
  else await runAsRoot("sh", ["-c", `setsid -f dockerd >>${log} 2>&1 </dev/null`]);
  if (!(await answers(endpoint, patience))) {
    const reason = existsSync(log) ? tellingLines(readFileSync(log, "utf8"), 5) : endpoint.host;
    throw new Failure("engineDoesNotStart", { reason });
  }
}

/** In a container the service script may claim success, or be held back, without an engine to show for it. */
async function startsAsService(endpoint) {
  try {
    await runAsRoot("service", ["docker", "start"]);
  } catch (error) {
    if (error instanceof Failure && error.key === "commandFailed") return false;
    throw error;
  }
  return answers(endpoint, patience);
}

async function answers(endpoint, milliseconds) {
  const deadline = Date.now() + milliseconds;
  while (Date.now() < deadline) {
    if ((await probe(endpoint)).state !== "down") return true;
    await sleep(250);
  }
  return false;
}
