import { parseArgs } from "node:util";

export interface Options {
  readonly source: string;
  /** A repository of local settings; undefined for one made of the folder `local_biomaid` of BiomAid itself. */
  readonly local: string | undefined;
  /** What goes with a tag of BiomAid, where it was said: tag = ref. */
  readonly localRefs: ReadonlyMap<string, string>;
  readonly from: string;
  readonly to: string;
  readonly clients: number;
  /** Where the rehearsal's HTML report goes. */
  readonly report: string | undefined;
  readonly keep: boolean;
  /** Of a BiomAid that was installed by hand. */
  readonly adopt: boolean;
  /** Nothing starts its gunicorn but a person. */
  readonly byHand: boolean;
  readonly json: boolean;
}

export class UsageError extends Error {}

export const usage = `npm run acceptance -- --source REPOSITORY [--from 0.14.10] [--to 0.15]

  --source REPOSITORY  BiomAid's git repository: a folder or a URL
  --local REPOSITORY   the site's local settings; without it one is made of BiomAid's folder local_biomaid
  --local-ref TAG=REF  what of them goes with a tag of BiomAid (may be repeated); without it the tag of the
                       same name, else the newest tag before it
  --from TAG --to TAG  the releases (default: 0.14.10 to 0.15)
  --clients N          users at work (default: 20)
  --report FILE        keep the rehearsal's HTML report
  --adopt              a BiomAid that was installed by hand moves in, back out, in again and on to the next release
  --by-hand            its gunicorn is started by run-instance.sh, and by no service (with --adopt)
  --keep               leave the instance and its folder
  --json               one JSON object instead of the table`;

const noSource = `There is nothing to accept: the source of BiomAid is not part of this project. It is public, at \
github.com/ajaborsk/biomaid; clone it and name the clone with --source FOLDER (or give its URL), and the run sets up a site \
of it at one release, puts users to work on it, swaps it to another release and back, and removes it again.`;

/** @throws UsageError */
export function optionsOf(argv: readonly string[]): Options | undefined {
  const { values } = parse(argv);
  if (values.help) return undefined;
  if (values.source === undefined) throw new UsageError(`${noSource}\n\n${usage}`);
  const clients = Number(values.clients);
  if (!Number.isInteger(clients) || clients < 2) throw new UsageError("--clients: at least 2");
  return {
    source: values.source,
    local: values.local,
    localRefs: new Map(values["local-ref"].map(pair)),
    from: values.from,
    to: values.to,
    clients,
    report: values.report,
    keep: values.keep,
    adopt: values.adopt,
    byHand: values["by-hand"],
    json: values.json,
  };
}

function parse(argv: readonly string[]) {
  try {
    return parseArgs({
      args: [...argv],
      options: {
        source: { type: "string" },
        local: { type: "string" },
        "local-ref": { type: "string", multiple: true, default: [] },
        from: { type: "string", default: "0.14.10" },
        to: { type: "string", default: "0.15" },
        clients: { type: "string", default: "20" },
        report: { type: "string" },
        keep: { type: "boolean", default: false },
        adopt: { type: "boolean", default: false },
        "by-hand": { type: "boolean", default: false },
        json: { type: "boolean", default: false },
        help: { type: "boolean", default: false },
      },
    });
  } catch (error) {
    throw new UsageError(`${error instanceof Error ? error.message : String(error)}\n\n${usage}`);
  }
}

function pair(text: string): [string, string] {
  const [, tag, ref] = /^([^=]+)=(.+)$/.exec(text) ?? [];
  if (tag === undefined || ref === undefined) throw new UsageError(`--local-ref ${text}: TAG=REF`);
  return [tag, ref];
}
