import { parseArgs } from "node:util";
import { messageOf } from "../../src/errors.ts";
import { asProgress } from "../support/progress.ts";
import { heldText, measureHeld, releasesInOrder } from "./held.ts";
import { measure, type Measured } from "./measure.ts";
import { isGood, predict, predictionsText } from "./predict.ts";
import { keepsPromises, measureWayBack, wayBackText } from "./rollback.ts";
import { textOf, verdictsOf } from "./report.ts";

const usage = `npm run bench -- [rehearse [--uploads] | rollback | held [--requests 5000]] [--sizes 20,2000] [--repeat 3] [--clients 20] [--json]

  rehearse            how well a rehearsal predicts the hold of the swap after it (default sizes: 20,500)
  rollback            what the way back costs, and how long users wait for it (default size: 200)
  held                many requests held for twenty seconds, and released: how they are answered, and what that takes
  --requests N        how many, one swap for each (default: 5000)
  --uploads           with it: some users send two megabytes at a time, as they always do without it
  --sizes MEGABYTES   sizes of the database, from small to big (default: 20,2000)
  --repeat N          swaps and rollbacks of the updater at each size (default: 3); the middle one counts
  --clients N         users at work (default: 20)
  --json              one JSON object instead of the tables`;

process.exit(await main(process.argv.slice(2)));

async function main(argv: readonly string[]): Promise<number> {
  const options = optionsOf(argv);
  if (!options) {
    console.error(usage);
    return 2;
  }
  const interrupt = new AbortController();
  for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"] as const) {
    process.on(signal, () => interrupt.abort(new Error("interrupted")));
  }
  const { sizes, repeat, clients, uploads, json } = options;
  const progress = asProgress(process.stderr);
  const how = { clients, repeat, progress, signal: interrupt.signal };
  let measured: readonly Measured[];
  try {
    if (options.rehearse) {
      const predictions = await predict(sizes, { ...how, uploads });
      console.log(json ? JSON.stringify(predictions) : `\n${predictionsText(predictions)}`);
      return predictions.every(isGood) ? 0 : 1;
    }
    if (options.held) {
      const held = await measureHeld(options.requests, how);
      console.log(json ? JSON.stringify(held) : `\n${heldText(held)}`);
      return releasesInOrder(held) ? 0 : 1;
    }
    if (options.rollback) {
      const cost = await measureWayBack(sizes[0] ?? 0, how);
      console.log(json ? JSON.stringify(cost) : `\n${wayBackText(cost)}`);
      return keepsPromises(cost) ? 0 : 1;
    }
    measured = await measure(sizes, how);
  } catch (error) {
    console.error(messageOf(error));
    return 1;
  }
  const verdicts = verdictsOf(measured);
  console.log(json ? JSON.stringify({ measured, verdicts }) : `\n${textOf(measured)}`);
  return verdicts.every(({ passed }) => passed) ? 0 : 1;
}

function optionsOf(argv: readonly string[]) {
  try {
    const { values, positionals } = parseArgs({
      args: [...argv],
      allowPositionals: true,
      options: {
        sizes: { type: "string" },
        repeat: { type: "string", default: "3" },
        clients: { type: "string", default: "20" },
        uploads: { type: "boolean", default: false },
        requests: { type: "string" },
        json: { type: "boolean", default: false },
      },
    });
    const rehearse = positionals[0] === "rehearse";
    const rollback = positionals[0] === "rollback";
    const held = positionals[0] === "held";
    const requests = (values.requests ?? "5000").split(",").map(Number);
    const usual = rehearse ? "20,500" : rollback ? "200" : "20,2000";
    const sizes = (values.sizes ?? usual).split(",").map(Number);
    const [repeat, clients] = [Number(values.repeat), Number(values.clients)];
    const wrong =
      positionals.length > (rehearse || rollback || held ? 1 : 0) ||
      (rollback && sizes.length !== 1) ||
      (values.uploads && !rehearse) ||
      (values.requests !== undefined && !held) ||
      [...sizes, ...requests, repeat, clients].some(
        (value) => !(Number.isInteger(value) && value > 0),
      );
    const { json, uploads } = values;
    return wrong
      ? undefined
      : { sizes, repeat, clients, uploads, json, rehearse, rollback, held, requests };
  } catch {
    return undefined;
  }
}
