import { randomUUID } from "node:crypto";

/** One write as the application holds it. */
export interface LedgerEntry {
  readonly key: string;
  /** Of the body, in hexadecimal, where the application kept it. */
  readonly sha256?: string | undefined;
}

/** Finds every write whose key starts with `prefix`, one entry for each time it was executed. */
export type LookUp = (prefix: string) => Promise<readonly LedgerEntry[]>;

export interface LedgerReport {
  readonly acknowledged: number;
  /** Never answered with 2xx or 3xx; may have been executed once or not at all. */
  readonly unacknowledged: number;
  readonly missing: readonly string[];
  readonly duplicated: readonly string[];
  /** Held with another body than was sent. */
  readonly altered: readonly string[];
  /** Held, but never sent. */
  readonly unknown: readonly string[];
}

interface Write {
  readonly sha256: string;
  acknowledged: boolean;
}

/** What the clients wrote, by their own account. */
export class Ledger {
  /** Starts every key of this ledger, and no other's. */
  readonly prefix = `w${randomUUID().slice(0, 8)}-`;
  readonly #writes = new Map<string, Write>();

  nextKey(): string {
    return `${this.prefix}${this.#writes.size + 1}`;
  }

  sent(key: string, sha256: string): void {
    this.#writes.set(key, { sha256, acknowledged: false });
  }

  acknowledged(key: string): void {
    const write = this.#writes.get(key);
    if (!write) throw new Error(`${key} was never sent`);
    write.acknowledged = true;
  }

  get acknowledgedCount(): number {
    return [...this.#writes.values()].filter(({ acknowledged }) => acknowledged).length;
  }

  /** Compares with what the application holds. */
  async verify(lookUp: LookUp): Promise<LedgerReport> {
    const held = Map.groupBy(await lookUp(this.prefix), ({ key }) => key);
    const writes = [...this.#writes];
    const keys = (predicate: (key: string, write: Write) => boolean): string[] =>
      writes.filter(([key, write]) => predicate(key, write)).map(([key]) => key);
    return {
      acknowledged: this.acknowledgedCount,
      unacknowledged: keys((_, { acknowledged }) => !acknowledged).length,
      missing: keys((key, { acknowledged }) => acknowledged && !held.has(key)),
      duplicated: keys((key) => (held.get(key)?.length ?? 0) > 1),
      altered: keys((key, { sha256 }) =>
        (held.get(key) ?? []).some(
          (entry) => entry.sha256 !== undefined && entry.sha256 !== sha256,
        ),
      ),
      unknown: [...held.keys()].filter((key) => !this.#writes.has(key)),
    };
  }
}
