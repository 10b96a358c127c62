/** Tables of updater.toml: what BiomAid is made of, and how images are. */
import { z } from "zod";
import * as value from "./values.ts";

const allowHttp = z
  .boolean()
  .default(false)
  .describe("Accept an http:// URL, which anyone on the way can alter.");

export const source = z.strictObject({
  repository: value.repository.describe(
    "BiomAid's git repository: a URL, or a path on this machine.",
  ),
  allow_http: allowHttp,
  allowed_signers: value.path
    .optional()
    .describe("Who may sign tags (a file of ssh-keygen's form); then others are refused."),
});

export const local = z.strictObject({
  repository: value.repository
    .optional()
    .describe("The git repository of the site's local settings."),
  allow_http: allowHttp,
  allowed_signers: value.path
    .optional()
    .describe("Who may sign tags and commits of this repository; then others are refused."),
  ref: z.enum(["same-tag"]).optional().describe("Take the tag of the same name as BiomAid's."),
  branch: value.gitRef.optional().describe("Take the newest commit of this branch."),
  refs: z
    .record(value.version, value.gitRef)
    .optional()
    .describe("BiomAid's tag = the commit, tag or branch of the local repository."),
  folder: value.folder
    .optional()
    .describe("A folder of BiomAid's own tree, for example local_biomaid."),
});

const buildVersion = z.strictObject({
  from: value.version.describe("First version of BiomAid these settings are for."),
  python: value.pythonVersion.describe("Python version, for example 3.11."),
  image: value.imageName
    .optional()
    .describe("Python image to build on, instead of the updater's choice."),
  groups: z
    .array(value.packageName)
    .default([])
    .describe("Dependency groups needed besides the main one."),
});

export const build = z.strictObject({
  ca_bundle: value.path.optional().describe("Certificates (PEM) that builds must trust."),
  http_proxy: value.proxyUrl.optional().describe("Proxy for http, without a password."),
  http_proxy_file: value.path
    .optional()
    .describe("A file holding the proxy's URL, with its password."),
  https_proxy: value.proxyUrl.optional().describe("Proxy for https, without a password."),
  https_proxy_file: value.path
    .optional()
    .describe("A file holding the proxy's URL, with its password."),
  no_proxy: z.array(value.noProxyEntry).default([]).describe("Hosts reached without the proxy."),
  extras: z
    .array(value.packageName)
    .default(["ldap"])
    .describe("Optional parts of BiomAid to install."),
  versions: z
    .array(buildVersion)
    .default([])
    .describe("Settings for versions of BiomAid, laid over the built-in ones."),
});
