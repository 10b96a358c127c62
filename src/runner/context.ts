import type { Readable } from "node:stream";
import type { GenerationParts } from "../instance/containers.ts";
import type { NamedFiles } from "../instance/application.ts";
import type { Backup } from "../backup/backups.ts";
import type { Control } from "../instance/instance-lock.ts";
import type { Snapshot } from "../backup/snapshots.ts";
import type { Instance } from "../instance/instance.ts";
import type { Dump } from "../backup/dump.ts";
import type { Generation, State } from "../instance/state.ts";
import type { TableLoss } from "../postgres/follow/loss.ts";
import type { Migrated } from "../postgres/rollback-classes.ts";
import type { Schema } from "../postgres/schema.ts";
import type { LocalSettings } from "../source/local-settings.ts";
import type { Repository } from "../source/repository.ts";
import type { Language } from "../text/catalogue.ts";
import type { Hold } from "./hold.ts";
import type { StepJournal } from "./step.ts";
import type { Sessions } from "./sessions.ts";

/** What a generation is made of: BiomAid at a commit, and local settings. */
export interface Making {
  readonly tag: string;
  readonly commit: string;
  /** The image it has already; one is built where there is none. */
  readonly image?: string;
  archive(): Promise<Readable>;
  readonly local: Pick<LocalSettings, "commit" | "archive">;
}

/** BiomAid at a tag, with the site's local settings that go with it. */
export interface Release extends Making {
  /** BiomAid's repository, to compare with the serving version. */
  readonly source: Repository;
  readonly local: LocalSettings;
}

/** What all steps of all operations share. */
export interface OperationContext {
  /** In the history, and the name of its log. */
  readonly id: string;
  readonly operation: "init" | "swap" | "rollback" | "rehearse" | "backup" | "restore";
  readonly instance: Instance;
  readonly language: Language;
  readonly control: Control;
  readonly sessions: Sessions;
  readonly hold: Hold;
  readonly journal: StepJournal;
  /** When it began, ISO 8601. */
  readonly startedAt: string;
  /** As last written to the control volume. */
  state: State;
}

/** Steps that make a release answer, whether it is new here or comes back. */
export interface ReleaseContext extends OperationContext {
  readonly release: Pick<Release, "tag">;
  readonly candidate: Pick<GenerationParts, "number">;
}

/** Steps that put a release beside the serving one, or where there is none yet. */
export interface CandidateContext extends ReleaseContext {
  readonly release: Making;
  readonly candidate: Candidate;
  readonly serving: Generation | undefined;
  /** Tables whose rows the migrations touched, filled once they have run. */
  migrated: Migrated;
}

interface Candidate extends GenerationParts {
  /** Filled by the step that builds. */
  image: string;
  /** Migrations to apply, filled once the release has been loaded. */
  pending: readonly string[];
}

/** Steps that move users from one generation to another. */
export interface MoveContext extends OperationContext {
  /** Whom users reach until the commit. */
  readonly serving: Generation;
  /** Whom they reach after it. */
  readonly target: Pick<GenerationParts, "number" | "slot">;
}

/** Steps that put a release on a copy of the serving database. */
export interface CopyContext extends CandidateContext {
  readonly serving: Generation;
  /** Asked again right before the room is taken: what was free before a build may be gone. */
  readonly room: Room;
  /** Tables of the serving version, filled once its database is cloned. */
  servedSchema: Schema;
}

/** @throws UpdaterError when there is too little of it */
interface Room {
  readonly disk: () => Promise<void>;
  readonly memory: () => Promise<void>;
}

export interface SwapContext extends CopyContext, MoveContext, BackupContext {
  readonly serving: Generation;
  /** BiomAid's repository; undefined where the release does not come from there (again). */
  readonly source: Repository | undefined;
  /** Milliseconds a rehearsal says users will wait; undefined when none can be trusted. */
  readonly expectedHold: number | undefined;
}

/** What decides which steps a swap has. */
export type Change = Pick<SwapContext, "instance"> & {
  readonly release: Pick<Making, "tag">;
  readonly serving: Pick<Generation, "tag">;
};

/** Steps that lead back to a kept generation. */
export interface RollbackContext extends MoveContext, ReleaseContext {
  readonly previous: Generation;
  /** The operator agreed to lose what of users' writes the previous version cannot keep. */
  readonly acceptDataLoss: boolean;
  /** Folder for the rows that are lost, as SQL and CSV. */
  readonly exportTo: string | undefined;
  /** Filled while users wait; undefined when nobody can tell. */
  lost: readonly TableLoss[] | undefined;
  /** Filled after the switch; undefined when nobody could look. */
  files: NamedFiles | undefined;
}

/** Steps that back up what is serving. */
export interface BackupContext extends OperationContext {
  readonly serving: Generation;
  /** Filled as they are kept. */
  readonly made: Backup[];
  /** Filled once it has been read back. */
  snapshot: Snapshot | undefined;
}

/** Steps that fill a new database from a dump. */
export interface LoadContext extends CandidateContext {
  readonly dump: Dump | undefined;
}

/** Steps that create an instance; without a dump from an empty database. */
export interface InitContext extends LoadContext {
  readonly proxyImage: string;
}

/** Steps that put what a backup holds in the place of what is serving. */
export interface RestoreContext extends SwapContext {
  /** Undefined when whoever began has died: what is left to do does not need it. */
  readonly dump: Dump | undefined;
  /** Whether media come with it. */
  readonly withMedia: boolean;
}
