import { randomBytes } from "node:crypto";
import { join } from "node:path";
import { type Operator, operatorOf } from "../support/operator.ts";
import { tags } from "../support/miniature.ts";
import { createSite, type Site } from "../support/site.ts";
import { seconds, tableOf } from "../support/table.ts";
import { type Options, underLoad } from "./measure.ts";
import { usersOf } from "./users.ts";

/** What a rehearsal said users would wait, and what they did in the swap right after it. */
export interface Prediction {
  readonly megabytes: number;
  readonly tag: string;
  /** Milliseconds. */
  readonly predicted: number;
  readonly needed: number;
  readonly failed: number;
}

/** A prediction may be wrong by half a second, or by a quarter of what the hold needed. */
const allowed = { milliseconds: 500, share: 0.25 };

export function isGood({ predicted, needed, failed }: Prediction): boolean {
  const wrong = Math.abs(predicted - needed);
  return failed === 0 && wrong <= Math.max(allowed.milliseconds, allowed.share * needed);
}

/** Rehearses, swaps and rolls back under load: a short migration, and one that grows with the data. */
export async function predict(
  sizes: readonly number[],
  options: Options & { readonly uploads: boolean },
): Promise<readonly Prediction[]> {
  const predictions: Prediction[] = [];
  for (const megabytes of sizes) {
    const site = await createSite(`bench-${randomBytes(3).toString("hex")}`);
    try {
      // Rewriting the history of a big database takes its time.
      await site.configure({ hold: `max = "5m"\ndrain = "10s"` });
      const operator = operatorOf({
        configuration: join(site.folder, "updater.toml"),
        progress: (doing) => options.progress(`${megabytes} MB  ${doing}`),
        signal: options.signal,
      });
      await operator.operate("init", tags.first, "--from-dump", site.dump);
      await operator.exec("python", "manage.py", "fill", "--megabytes", String(megabytes));
      for (const tag of [tags.additive, tags.slowMigration]) {
        for (let round = 1; round <= options.repeat; round++) {
          predictions.push({ megabytes, ...(await once(site, operator, tag, options)) });
        }
      }
    } finally {
      options.progress(`${megabytes} MB  removing the site`);
      await site.remove();
    }
  }
  return predictions;
}

async function once(
  site: Site,
  operator: Operator,
  tag: string,
  options: Options & { readonly uploads: boolean },
) {
  const users = usersOf(site.origin, options);
  const { failed, predicted, needed } = await underLoad(site.origin, users, options, async () => {
    const { hold } = await operator.rehearse(tag);
    const swap = await operator.operate(
      "swap",
      tag,
      ...["values-changed", "rows-lost", "table-dropped", "long-lock"].flatMap((name) => [
        "--override",
        name,
      ]),
    );
    return { predicted: hold?.total ?? Infinity, needed: swap.hold ?? 0 };
  });
  await operator.operate("rollback");
  return { tag, predicted, needed, failed };
}

export function predictionsText(predictions: readonly Prediction[]): string {
  const rows = predictions.map((prediction) => {
    const { megabytes, tag, predicted, needed, failed } = prediction;
    return [
      `${megabytes} MB`,
      tag,
      seconds(predicted),
      seconds(needed),
      (predicted / needed).toFixed(2),
      String(failed),
      isGood(prediction) ? "✓" : "✗",
    ];
  });
  const head = ["", "to", "predicted", "needed", "ratio", "failed", ""];
  return `${tableOf([head, ...rows])}\n\nGood: within ${allowed.milliseconds} ms or ${allowed.share * 100} % of what was needed, and no request failed.`;
}
