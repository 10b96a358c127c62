import { parseArgs } from "node:util";
import { messageOf } from "../../src/errors.ts";
import { asProgress } from "../support/progress.ts";
import { measure, type Measured } from "./measure.ts";
import { isGood, predict, predictionsText } from "./predict.ts";
import { textOf, verdictsOf } from "./report.ts";

const usage = `npm run bench -- [rehearse [--uploads]] [--sizes 20,2000] [--repeat 3] [--clients 20] [--json]

  rehearse            how well a rehearsal predicts the hold of the swap after it (default sizes: 20,500)
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
        json: { type: "boolean", default: false },
      },
    });
    const rehearse = positionals[0] === "rehearse";
    const sizes = (values.sizes ?? (rehearse ? "20,500" : "20,2000")).split(",").map(Number);
    const [repeat, clients] = [Number(values.repeat), Number(values.clients)];
    const wrong =
      positionals.length > (rehearse ? 1 : 0) ||
      (values.uploads && !rehearse) ||
      [...sizes, repeat, clients].some((value) => !(Number.isInteger(value) && value > 0));
    const { json, uploads } = values;
    return wrong ? undefined : { sizes, repeat, clients, uploads, json, rehearse };
  } catch {
    return undefined;
  }
}
