/** A place for snapshots on another host, and what reaches it. */
export interface RemoteStore {
  /** As restic names it. */
  readonly location: string;
  /** Lines for `[backup.snapshots]`. */
  readonly keys: string;
  /** It has lost what it kept, or must no longer be trusted. */
  fail(): Promise<void>;
  remove(): Promise<void>;
}
