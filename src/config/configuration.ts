import type { LocalRule } from "../source/local-settings.ts";
import type { SnapshotPlace } from "./snapshot-place.ts";
import type { HookPoint } from "./schema.ts";
import type { BackupKind, JobKind } from "./schema-maintenance.ts";

/** A validated `updater.toml`: defaults filled, paths absolute, durations in milliseconds. Holds no secret. */
export interface Configuration {
  /** The file it was read from. */
  readonly file: string;
  readonly instance: string;
  readonly source: {
    /** A URL, or an absolute path. */
    readonly repository: string;
    /** Path of the file that says who may sign a tag; anybody may, and need not, when absent. */
    readonly allowedSigners: string | undefined;
  };
  readonly local: LocalRule;
  readonly site: {
    readonly settings: string;
    readonly instanceConfig: string | undefined;
    /** At least one; the probe uses the first. */
    readonly hostNames: readonly [string, ...string[]];
    readonly workers: number;
  };
  readonly listen: { readonly address: string; readonly port: number };
  readonly probe: {
    readonly pages: readonly string[];
    readonly anonymousPages: readonly string[];
    /** Undefined: the application's first active superuser. */
    readonly user: string | undefined;
    readonly timeLimit: number;
    readonly userAgent: string;
  };
  readonly database: { readonly name: string; readonly role: string };
  /** Name under /run/secrets → absolute path of its file. */
  readonly secrets: Readonly<Record<string, string>>;
  readonly build: {
    readonly caBundle: string | undefined;
    readonly httpProxy: KeptUrl | undefined;
    readonly httpsProxy: KeptUrl | undefined;
    readonly noProxy: readonly string[];
    readonly extras: readonly string[];
    /** The site's settings laid over the built-in ones, ascending by `from`. */
    readonly versions: readonly BuildSettings[];
  };
  readonly hold: { readonly max: number; readonly drain: number };
  /** What users are told of an update. */
  readonly messages: {
    /** Path of the site's own; ours when absent. */
    readonly maintenancePage: string | undefined;
    /** On users' pages while a swap is prepared. */
    readonly swapBanner: string | undefined;
    /** Colours of banners, #rrggbb. */
    readonly background: string;
    readonly foreground: string;
    readonly mail: {
      /** Names of Django groups whose active members are mailed; nobody is when empty. */
      readonly groups: readonly string[];
      readonly send: readonly ("before" | "after")[];
      /** Paths of the site's own texts; ours when absent. */
      readonly before: string | undefined;
      readonly after: string | undefined;
    };
    readonly whatsNew: WhatsNew;
  };
  readonly probation: {
    /** 0: none. */
    readonly duration: number;
    readonly interval: number;
    readonly failures: number;
    readonly acceptDataLoss: boolean;
  };
  readonly rehearse: {
    /** Path of the site's SQL script. */
    readonly sanitize: string | undefined;
    /** Undefined: one that is free. */
    readonly keepPort: number | undefined;
    readonly timeLimit: number;
    readonly longestLock: number;
    readonly maxAge: number;
    readonly required: boolean;
  };
  /** After a swap the generation left follows for so long. */
  readonly rollback: {
    readonly window: number;
    /** A swap keeps the media as the version left knows them. */
    readonly snapshotMedia: boolean;
    /** SQL by table and column of the version left. */
    readonly map: Readonly<Record<string, Readonly<Record<string, string>>>>;
  };
  /** Previous generations kept besides the serving one. */
  readonly retention: { readonly generations: number };
  readonly jobs: {
    readonly enabled: boolean;
    readonly timeZone: string;
    /** Five fields as in cron; undefined: never. */
    readonly schedule: Readonly<Record<JobKind, string | undefined>>;
    readonly timeLimit: number;
    /** How long a swap waits for one that runs. */
    readonly wait: number;
  };
  readonly backup: {
    readonly kinds: readonly BackupKind[];
    readonly beforeSwap: boolean;
    /** What a backup that fails does to the swap. */
    readonly onFailure: "abort" | "continue";
    /** Of each kind. */
    readonly keep: number;
    /** Undefined: their number alone decides. */
    readonly maxAge: number | undefined;
    /** Undefined: none are taken. */
    readonly snapshots: SnapshotPolicy | undefined;
  };
  readonly scheduled: {
    readonly rehearseBefore: number;
    /** Who is told how one ended: a program of the site's (its path), a program that listens, people. */
    readonly report: string | undefined;
    readonly webhook: KeptUrl | undefined;
    readonly mail: readonly string[];
  };
  readonly hooks: Readonly<Partial<Record<HookPoint, Hook>>>;
}

interface WhatsNew {
  /** Whether a swap brings it. */
  readonly enabled: boolean;
  readonly for: number;
  /** Heading of NEWS.md → roles or groups of BiomAid; what is not here concerns everyone. */
  readonly roles: Readonly<Record<string, readonly string[]>>;
  /** Paths of the site's own; ours when absent. */
  readonly box: string | undefined;
  readonly page: string | undefined;
}

export interface SnapshotPolicy {
  /** The absolute path of a folder, or as restic names it. */
  readonly repository: string;
  readonly place: SnapshotPlace;
  /** Paths of files. */
  readonly passwordFile: string | undefined;
  readonly environmentFile: string | undefined;
  readonly sshKey: string | undefined;
  readonly knownHosts: string | undefined;
  readonly keep: {
    readonly last: number;
    readonly daily: number;
    readonly weekly: number;
    readonly monthly: number;
  };
}

/** A URL, or the file that holds it because there is a secret in it; read it with `readUrl`. */
export type KeptUrl = { readonly url: string } | { readonly file: string };

export interface BuildSettings {
  /** The first version these are for. */
  readonly from: string;
  readonly python: string;
  readonly image: string | undefined;
  readonly groups: readonly string[];
}

interface Hook {
  readonly run: string;
  readonly timeLimit: number;
  readonly onFailure: "abort" | "continue";
}
