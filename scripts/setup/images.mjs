import { spawn } from "node:child_process";
import { createHash } from "node:crypto";
import { copyFileSync, createReadStream, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { logOf } from "./buildkit-log.mjs";
import { writeBundle } from "./bundle.mjs";
import { endpointOf, messagesOf, request, textOf } from "./engine-api.mjs";
import { Failure } from "./failure.mjs";
import { pull } from "./pull.mjs";
import { install, tellingLines, onPath, runAsRoot } from "./run.mjs";

const base = { tag: "biomaid-updater/base:12", official: "debian:12-slim" };
const python = { tag: "biomaid-updater/python:3.11", official: "python:3.11-slim-bookworm" };

/** Brings the two images everything else is built on: official ones, or the same from Debian's packages. */
export async function bringImages(root, env, { offline }, report, consent) {
  const file = (name) => join(root, name);
  writeBundle(file("ca-bundle.crt"));
  const site = {
    endpoint: endpointOf(env),
    bundle: file("ca-bundle.crt"),
    proxies: proxiesOf(env),
  };
  const baseRecipe = recipeOf(["images/base/build.sh", "images/base/Dockerfile"].map(file));
  const pythonRecipe = recipeOf([file("images/python/Dockerfile")], baseRecipe);
  let registry = !offline;

  /** Builds on the official image where a registry answers; false where none does. */
  const fromOfficial = async ({ tag, official }, dockerfile, recipe, buildargs) => {
    if (!registry) return false;
    return report("pulling", { image: official }, async () => {
      try {
        await pull(site.endpoint, official);
        await build(site, file(dockerfile), tag, recipe, { BASE: official, ...buildargs });
        return true;
      } catch (error) {
        if (!(error instanceof Failure)) throw error;
        registry = false;
        return false;
      }
    });
  };

  if ((await recipeLabel(site.endpoint, base.tag)) !== baseRecipe) {
    if (!(await fromOfficial(base, "images/base/Dockerfile", baseRecipe, {}))) {
      if (!onPath("mmdebstrap")) {
        await consent("mayInstallBuilder");
        await report("builderMissing", {}, () => install("mmdebstrap"));
      }
      await report("buildingBase", { image: base.tag }, () => bootstrap(site, root, baseRecipe));
    }
  }
  if ((await recipeLabel(site.endpoint, python.tag)) !== pythonRecipe) {
    const dockerfile = "images/python/Dockerfile";
    if (!(await fromOfficial(python, dockerfile, pythonRecipe, { PYTHON: "" }))) {
      await report("buildingPython", { image: python.tag }, () =>
        build(site, file(dockerfile), python.tag, pythonRecipe, { BASE: base.tag }),
      );
    }
  }
}

/** Names what an image was made from, so that it is made again when that changes. */
export function recipeOf(files, below = "") {
  const hash = createHash("sha256").update(below);
  for (const name of files) hash.update(readFileSync(name));
  return hash.digest("hex").slice(0, 16);
}

/** The proxy settings that the builder hands to every build step without keeping them. */
export function proxiesOf(env) {
  const names = ["HTTP_PROXY", "HTTPS_PROXY", "NO_PROXY"].flatMap((name) => [
    name,
    name.toLowerCase(),
  ]);
  return Object.fromEntries(names.filter((name) => env[name]).map((name) => [name, env[name]]));
}

function labelsOf(recipe) {
  return { "biomaid-updater.role": "image", "biomaid-updater.recipe": recipe };
}

async function recipeLabel(endpoint, tag) {
  try {
    const image = JSON.parse(await textOf(await request(endpoint, "GET", `/images/${tag}/json`)));
    return image.Config.Labels?.["biomaid-updater.recipe"] ?? "";
  } catch (error) {
    if (error.facts?.status === 404) return undefined;
    throw error;
  }
}

/** Without a session the builder asks for nothing back: one tar in, progress out. */
async function build({ endpoint, bundle, proxies }, dockerfile, tag, recipe, buildargs) {
  await inTemporaryFolder(async (context) => {
    copyFileSync(dockerfile, join(context, "Dockerfile"));
    copyFileSync(bundle, join(context, "ca-bundle.crt"));
    const tar = spawn("tar", ["-C", context, "-c", "."], { stdio: ["ignore", "pipe", "ignore"] });
    const query = new URLSearchParams({
      version: "2",
      t: tag,
      labels: JSON.stringify(labelsOf(recipe)),
      buildargs: JSON.stringify({ ...proxies, ...buildargs }),
    });
    let printed = "";
    try {
      const answer = await request(endpoint, "POST", `/build?${query}`, { body: tar.stdout });
      for await (const message of messagesOf(answer)) printed += logOf(message);
    } catch (error) {
      if (!(error instanceof Failure)) throw error;
      const reason = [tellingLines(printed), error.facts.reason].filter(Boolean).join("\n");
      throw new Failure("buildFailed", { image: tag, reason });
    }
  });
}

async function bootstrap({ endpoint }, root, recipe) {
  await inTemporaryFolder(async (folder) => {
    const tar = join(folder, "base.tar");
    // Into a file first: a stream that breaks off would be imported as an image with a hole in it.
    await runAsRoot(join(root, "images/base/build.sh"), [tar]);
    const query = new URLSearchParams({ fromSrc: "-", repo: base.tag });
    for (const [name, value] of Object.entries(labelsOf(recipe)))
      query.append("changes", `LABEL ${name}=${value}`);
    query.append("changes", 'CMD ["bash"]');
    const answer = await request(endpoint, "POST", `/images/create?${query}`, {
      body: createReadStream(tar),
    });
    await exhaust(messagesOf(answer));
  });
}

async function inTemporaryFolder(work) {
  const folder = mkdtempSync(join(tmpdir(), "biomaid-updater-"));
  try {
    await work(folder);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/** The engine's word comes at the end of the stream: it is read to there even when nothing in it is of interest. */
async function exhaust(messages) {
  let next = await messages.next();
  while (!next.done) next = await messages.next();
}
