/** Tables of updater.toml: what BiomAid is made of, and how images are. */
import { array, record, z } from "zod";
import { buildVersion, mergeBuildSettings } from "./build-settings.ts";
import { keptUrl } from "./kept-url.ts";
import {
  file,
  flag,
  folder,
  gitRef,
  noProxyEntry,
  packageName,
  proxyUrl,
  repository,
  table,
  version,
} from "./values.ts";
import type { LocalRule } from "../source/local-settings.ts";

const allowHttp = flag(false).describe(
  "Accept an `http://` URL, which anyone on the way can alter.",
);

export const source = table({
  repository: repository.describe(
    "BiomAid's git repository: `https://…`, `ssh://…`, `git@host:path`, or the path of a folder.",
  ),
  allow_http: allowHttp,
  allowed_signers: file()
    .optional()
    .describe(
      "Who may sign tags: a file of ssh-keygen's form. A tag that none of them has signed under this very name is refused.",
    ),
});

export const local = table({
  folder: folder
    .optional()
    .describe(
      "A plain relative folder of BiomAid's own tree, at the same tag, for example `local_biomaid`.",
    ),
  repository: repository
    .optional()
    .describe("The git repository of the site's local settings, named as that of `[source]`."),
  allow_http: allowHttp,
  allowed_signers: file()
    .optional()
    .describe("As in `[source]`: the tag, or the commit it means, must be signed."),
  refs: record(version, gitRef)
    .default({})
    .describe("BiomAid's tag = a commit, tag or branch of this repository. It comes first."),
  ref: z
    .enum(["same-tag"])
    .optional()
    .describe("For the tags not in `refs`, the tag of the same name."),
  branch: gitRef
    .optional()
    .describe(
      "For the tags not in `refs`, the newest commit of this branch. Not together with `ref`.",
    ),
}).transform(({ folder, repository, allowedSigners, refs, ref, branch }): LocalRule => {
  if (repository === undefined) return { kind: "folder", folder: folder! };
  return {
    kind: "repository",
    repository,
    allowedSigners,
    refs,
    otherwise: branch === undefined ? ref && { kind: ref } : { kind: "branch", branch },
  };
});

export const build = table({
  ca_bundle: file().optional().describe("Certificates (PEM) that builds must trust."),
  http_proxy: proxyUrl.optional().describe("URL of a proxy for http, without a password."),
  http_proxy_file: file("proxy")
    .optional()
    .describe("Instead: a file holding that URL, when it has a password."),
  https_proxy: proxyUrl.optional().describe("URL of a proxy for https, without a password."),
  https_proxy_file: file("proxy")
    .optional()
    .describe("Instead: a file holding that URL, when it has a password."),
  no_proxy: array(noProxyEntry).default([]).describe("Hosts reached without the proxy."),
  extras: array(packageName).default(["ldap"]).describe("Optional parts of BiomAid to install."),
  versions: array(buildVersion)
    .transform(mergeBuildSettings)
    .prefault([])
    .describe("What versions of BiomAid need, laid over what is built in."),
}).transform(({ httpProxy, httpProxyFile, httpsProxy, httpsProxyFile, ...rest }) => ({
  ...rest,
  httpProxy: keptUrl(httpProxy, httpProxyFile),
  httpsProxy: keptUrl(httpsProxy, httpsProxyFile),
}));
