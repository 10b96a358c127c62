/** What of updater.toml, or of the command line, names the local settings. */
export const localRules = {
  ref: 'ref = "same-tag"',
  branch: "branch",
  refs: "the table [local.refs]",
  asked: "the command line",
};

export const source = {
  errors: {
    gitUnusable: ({ reason }: { reason: string }) => ({
      what: `git does not work here: ${reason}`,
      next: "Install git and util-linux (for flock), and leave the cache of git writable; then try again.",
    }),
    repositoryRefused: ({ repository }: { repository: string }) => ({
      what: `"${repository}" is not a repository the updater will read.`,
      next: "Use an https:// or ssh:// URL, git@host:path, or the path of a folder.",
    }),
    repositoryUnreachable: ({ repository, reason }: { repository: string; reason: string }) => ({
      what: `The repository ${repository} cannot be reached: ${reason}`,
      next: `Try: git ls-remote ${repository}`,
    }),
    repositoryForbidden: ({ repository }: { repository: string }) => ({
      what: `The repository ${repository} does not let us in.`,
      next: `Give this account a key or credential helper for it, until this works without a question: git ls-remote ${repository}`,
    }),
    repositoryTimeout: ({ repository, seconds }: { repository: string; seconds: number }) => ({
      what: `The repository ${repository} was not fetched within ${seconds} s.`,
      next: `Look at the network (git ls-remote ${repository}), then try again.`,
    }),
    repositoryLocked: (locked: { repository: string; lock: string; seconds: number }) => ({
      what: `Another command has been reading the repository ${locked.repository} for more than ${locked.seconds} s.`,
      next: `See which it is (lslocks -o PID,COMMAND,PATH | grep ${locked.lock}), end it, then try again.`,
    }),
    repositoryDamaged: ({ repository }: { repository: string }) => ({
      what: `The repository ${repository} lacks objects it should have.`,
      next: `Look at it: git fsck; then try again.`,
    }),
    notARepository: ({ repository }: { repository: string }) => ({
      what: `There is no git repository at ${repository}.`,
      next: "Correct the repository in updater.toml.",
    }),
    notBiomaid: ({ tag, repository }: { tag: string; repository: string }) => ({
      what: `${repository} at ${tag} is not BiomAid: it has no manage.py.`,
      next: "Correct [source] repository in updater.toml.",
    }),
    treeUnsafe: ({ repository, path }: { repository: string; path: string }) => ({
      what: `${repository} holds something that would reach outside its folder: ${path}`,
      next: "Don't use this release; ask whoever made it about that entry.",
    }),
    unsigned: (signed: { ref: string; repository: string; file: string; reason: string }) => ({
      what: `${signed.ref} of ${signed.repository} is not signed by anybody in ${signed.file}: ${signed.reason}`,
      next: "Don't use it before whoever made it has confirmed it to you. If the signer is new, add the key to that file.",
    }),
    tagRefused: ({ tag }: { tag: string }) => ({
      what: `"${tag}" cannot be the tag of a release.`,
      next: "Give a tag such as 0.8.1; to see them: updater versions",
    }),
    tagMissing: (missing: { tag: string; repository: string; nearest: readonly string[] }) => ({
      what: `${missing.repository} has no tag ${missing.tag}.`,
      next: `${missing.nearest.length > 0 ? `Did you mean ${missing.nearest.join(" or ")}? ` : ""}To see all: updater versions`,
    }),
    folderMissing: (missing: { folder: string; commit: string; repository: string }) => ({
      what: `${missing.repository} has no folder ${missing.folder} at commit ${missing.commit.slice(0, 10)}.`,
      next: "Correct folder in the table [local] of updater.toml.",
    }),
    localRefMissing: (missing: {
      ref: string;
      key: keyof typeof localRules;
      tag: string;
      repository: string;
    }) => ({
      what: `The local settings for BiomAid ${missing.tag} should be ${missing.ref} of ${missing.repository} (by ${localRules[missing.key]}), which does not exist.`,
      next: `Create it there, or name another in updater.toml: [local.refs] "${missing.tag}" = "…"`,
    }),
    localIsAFolder: ({ folder }: { folder: string }) => ({
      what: `The local settings come from BiomAid's own tree (${folder}): they change with its tag only.`,
      next: "Give them a repository of their own: [local] repository in updater.toml.",
    }),
    localRuleSilent: ({ tag, repository }: { tag: string; repository: string }) => ({
      what: `No rule says which local settings of ${repository} go with BiomAid ${tag}.`,
      next: `Add to updater.toml: [local.refs] "${tag}" = "…", or ref or branch in [local].`,
    }),
  },
};
