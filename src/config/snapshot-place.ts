/** How a repository of snapshots is reached. */
export type SnapshotPlace = "folder" | "sftp" | "s3";

const sftp =
  /^sftp:([\w.-]+@)?[\w.-]+:[^\p{Cc}]+$|^sftp:\/\/([\w.-]+@)?[\w.-]+(:\d+)?\/[^\p{Cc}]+$/u;
const s3 = /^s3:https?:\/\/[\w.-]+(:\d+)?\/[\w.-]+(\/[^\p{Cc}?#@]*)?$/u;

/** @returns nothing when it is none of the three, or holds a password */
export function snapshotPlace(text: string): SnapshotPlace | undefined {
  if (sftp.test(text)) return "sftp";
  if (s3.test(text)) return "s3";
  return /^[\w-]*:|^$|\p{Cc}/u.test(text) ? undefined : "folder";
}
