import { localBranches, tags } from "../support/miniature.ts";
import { blocking, reportOf } from "../support/rehearsal.ts";
import { difference } from "../support/scene.ts";
import type { Fault } from "./fault.ts";

/** A release that a rehearsal finds not ready. */
interface Hazard {
  readonly title: string;
  readonly tag: string;
  readonly codes: readonly string[];
  /** What the report names. */
  readonly names: RegExp;
  readonly configuration?: Readonly<Record<string, string>>;
  /** A command of the serving release that comes first. */
  readonly before?: readonly string[];
}

const hazards: readonly Hazard[] = [
  {
    title: "a migration that loses rows",
    tag: tags.losesRows,
    codes: ["rows-lost"],
    names: /"code":"rows-lost","table":"dem_demande","rows":10,/,
  },
  {
    title: "a migration that changes values",
    tag: tags.changesValues,
    codes: ["values-changed"],
    names: /"code":"values-changed","table":"dem_demande","column":"montant","rows":5\b/,
  },
  {
    title: "a migration that locks a table for long",
    tag: tags.longLock,
    codes: ["long-lock"],
    names: /"migration":"dem.0003_verrou","table":"dem_demande"/,
    configuration: { rehearse: `longest_lock = "1s"` },
  },
  {
    title: "a migration that takes longer than users may wait",
    tag: tags.longLock,
    codes: ["hold-too-long"],
    names: /"code":"hold-too-long"/,
    configuration: { hold: `max = "2s"\ndrain = "1s"` },
  },
  {
    title: "a migration that fails half-way",
    tag: tags.failingMigration,
    codes: ["release-fails"],
    names: /dem.0004_priorite_obligatoire/,
  },
  {
    title: "a page that breaks only when signed in",
    tag: tags.unhealthy,
    codes: ["page-fails"],
    names: /"code":"page-fails","page":"\/geqip-chuap\/dem\/","status":500,"signedIn":true/,
  },
  {
    title: "a release that does not boot",
    tag: tags.notBooting,
    codes: ["release-fails"],
    names: /"step":"boot"/,
  },
  {
    title: "a release that does not build",
    tag: tags.notBuilding,
    codes: ["release-fails"],
    names: /sqlparse/,
  },
  {
    title: "local settings that would drop a table",
    tag: tags.codeOnly,
    codes: ["table-dropped", "rows-lost"],
    names: /"code":"table-dropped","table":"extable_inventaire".*"by":"boot"/,
    configuration: { "local.refs": `"${tags.codeOnly}" = "${localBranches.missingTable}"` },
  },
  {
    title: "a migration that only data like production's make fail",
    tag: tags.failsOnData,
    codes: ["release-fails"],
    names: /libelle_unique/,
    before: [
      "shell",
      "-c",
      "from dem.models import Demande; d = Demande.objects.first(); d.pk = None; d.save()",
    ],
  },
];

export const hazardFaults: readonly Fault[] = hazards.map((hazard) => ({
  name: `rehearse, ${hazard.title}`,
  class: "a release that is not ready",
  async run(scene) {
    const { site } = scene;
    await scene.reach(tags.additive);
    for (const command of [["extable_update"], ...(hazard.before ? [hazard.before] : [])]) {
      const { exitCode, all } = await site.run("exec", "--", "python", "manage.py", ...command);
      if (exitCode !== 0) throw new Error(`manage.py ${command[0]}: ${all}`);
    }
    await site.configure(hazard.configuration ?? {});
    const before = await scene.picture();
    const rehearsal = await site.operate(["rehearse", hazard.tag]);
    await site.configure({});
    const { exitCode, transcript } = rehearsal;
    if (exitCode !== 1) throw new Error(transcript);
    const report = reportOf(rehearsal);
    const told = JSON.stringify({ findings: report.findings, migrations: report.migrations });
    const changed = difference(before, await scene.picture());
    // Whoever comes next could not go back without agreeing to lose what was read in.
    await scene.leave();
    return [
      ...difference(
        { verdict: "not-ready", codes: hazard.codes },
        { verdict: report.verdict, codes: blocking(report) },
      ),
      ...(hazard.names.test(told) ? [] : [`does not name ${hazard.names}: ${told}`]),
      ...changed,
    ];
  },
}));
