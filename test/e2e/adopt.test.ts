import { afterAll, beforeAll, expect, test } from "vitest";
import { type BareMetal, startBareMetal } from "../support/bare-metal.ts";
import { tags } from "../support/miniature.ts";
import { once } from "../support/once.ts";
import { createSite, type Site } from "../support/site.ts";

let site: Site;
let machine: BareMetal;

beforeAll(async () => {
  site = await createSite("e2e-adopt");
  machine = await startBareMetal(site, tags.first);
});
afterAll(async () => {
  await machine?.remove();
  await site?.remove();
});

/** Everything of the site: names, times, contents; what is in its database; what cron and nginx are told. */
const everything = async () => {
  const { output } = await machine.shell(`
    cd /home/production && find . -type f ! -name '*.sock' -exec sha256sum {} + | sort
    find . -printf '%p %m %u %T@\\n' | sort
    find /etc -type f -newer /install.sh -exec sha256sum {} + | sort
    setpriv --reuid=postgres --regid=postgres --init-groups pg_dump biomaid | grep -v restrict | sha256sum`);
  return output;
};

const looked = once(async () => {
  const before = await everything();
  const { output, exitCode } = await machine.updater("--json", "adopt");
  const after = await everything();
  if (exitCode !== 0) throw new Error(output);
  return { before, after, found: JSON.parse(output.trim().split("\n").at(-1) ?? "") };
});

test("what would become of each part of a site installed by hand is told", async () => {
  const { found } = await looked();

  expect(found).toMatchObject({
    folder: "/home/production/biomaid",
    user: "production",
    written: null,
  });
  const byFate = (fate: string) =>
    found.findings
      .filter((finding: { fate: string }) => finding.fate === fate)
      .map(({ code }: { code: string }) => code);
  expect(byFate("carried")).toEqual([
    "version",
    "localRepository",
    "settings",
    "instanceConfig",
    "hostNames",
    "timeZone",
    "database",
    "media",
  ]);
  expect(byFate("mapped")).toEqual([
    "containers",
    "databasePlace",
    "order",
    "mediaPlace",
    "service",
    "front",
    "cron",
    "cron",
  ]);
  expect(byFate("lost")).toEqual([
    "otherDatabases",
    "localMail",
    "outside",
    "variables",
    "programs",
    "inHome",
  ]);
  expect(byFate("decide")).toEqual(["changed", "published"]);
});

test("the same is told by an HTML report, in French where that is asked for", async () => {
  const { found } = await looked();
  const { exitCode } = await machine.updater(
    "--lang",
    "fr",
    "adopt",
    "--report",
    "/root/site.html",
  );
  const { output: page } = await machine.shell("cat /root/site.html");

  expect(exitCode).toBe(0);
  expect(page).toMatch(/<html lang="fr">[^]*À décider avant l’emménagement[^]*nginx pour biomaid/);
  const cards = page.match(/class="(finding blocking|finding remark|pair)"/g);
  expect(cards).toHaveLength(found.findings.length);
});

test("each finding says which, and what to write", async () => {
  const { found } = await looked();
  const told = found.findings.map(({ what, line }: { what: string; line: string | null }) =>
    [what, line].filter(Boolean).join(" | "),
  );
  const all = told.join("\n");
  for (const mention of [
    "BiomAid 0.8.0 (commit ",
    "manage.py | git diff",
    "the database biomaid, ",
    "of PostgreSQL 15.",
    "fr_FR.UTF-8",
    '[database] locale = "fr-FR"',
    "mail through localhost:8025",
    "/mnt/magh2/",
    "dra-gunicorn of supervisor",
    "crontab -u production: */15 * * * *",
    "http://biomaid.example.org/biomaid/instance_settings.py",
    "http://biomaid.example.org/biomaid/.git/config",
    "comptes",
    "BIOMAID_SITE",
    "hostname",
  ]) {
    expect(all).toContain(mention);
  }
  // Nobody has set what BiomAid asks for by itself.
  expect(all).not.toContain("DJANGO_SETTINGS_MODULE");
  // Media come along with the move: there is no command to type for them.
  expect(all).not.toContain("updater init");
  expect(all).not.toMatch(/own-secret-key|own-database-password|own-mail-password/);
});

test("a database that lets in the account, without a password, is asked as that account", async () => {
  await looked();
  const settings = "/home/production/biomaid/instance_settings.py";
  await machine.shell(`
    cp -p ${settings} /root/ && sed -i 's/"HOST": .*/"HOST": "",/; s/"USER": .*/"USER": "production",/; s/"PASSWORD": .*/"PASSWORD": "",/' ${settings}
    setpriv --reuid=postgres --regid=postgres --init-groups psql -c 'CREATE ROLE production LOGIN IN ROLE biomaid'`);
  const { output } = await machine.updater("--json", "adopt");
  await machine.shell(`cp -p /root/instance_settings.py ${settings}`);

  const { findings } = JSON.parse(output.trim().split("\n").at(-1) ?? "");
  expect(findings.map(({ code }: { code: string }) => code)).toContain("database");
});

test("a database that is a file is told with its size", async () => {
  await looked();
  const settings = "/home/production/biomaid/instance_settings.py";
  const file = "/home/production/db.sqlite3";
  await machine.shell(`
    cp -p ${settings} /root/ && head -c 1200000 /dev/zero >${file}
    echo 'DATABASES = {"default": {"ENGINE": "django.db.backends.sqlite3", "NAME": "${file}"}}' >>${settings}`);
  const { output } = await machine.updater("adopt");
  await machine.shell(`cp -p /root/instance_settings.py ${settings} && rm ${file}`);

  expect(output.replaceAll(/\s+/g, " ")).toContain(`its database is a file, ${file} (1.2 MB)`);
});

test("nothing of the site is changed by a look", async () => {
  const { before, after } = await looked();
  expect(after).toBe(before);
});

test("a configuration is written that is valid, and nobody else reads", async () => {
  const { exitCode, output } = await machine.updater(
    "--lang",
    "fr",
    "adopt",
    "dra-gunicorn",
    "--write",
    "/etc/biomaid",
  );
  expect(exitCode, output).toBe(0);
  expect(output).toContain("À décider avant l’emménagement");
  const { output: listed } = await machine.shell("stat -c '%a %U %n' /etc/biomaid /etc/biomaid/*");
  expect(listed.trim().split("\n")).toEqual([
    "700 root /etc/biomaid",
    "600 root /etc/biomaid/instance_config.toml",
    "600 root /etc/biomaid/instance_settings.py",
    "600 root /etc/biomaid/updater.toml",
  ]);
  // There is no engine on that machine; a configuration at fault would be told before.
  const next = await machine.updater("--json", "--config", "/etc/biomaid/updater.toml", "status");
  expect(next.output).toContain('"code":"engineUnreachable"');
});

test("settings that do not load are told without what is in them", async () => {
  const settings = "/home/production/biomaid/instance_settings.py";
  await machine.shell(`cp -p ${settings} /srv/kept && sed -i 's/^SECRET_KEY = .*/&"/' ${settings}`);
  const { exitCode, output } = await machine.updater("adopt");
  await machine.shell(`cp -p /srv/kept ${settings}`);

  expect(exitCode, output).toBe(0);
  expect(output.replaceAll(/\s+/g, " ")).toMatch(
    /its settings do not load: SyntaxError: .*instance_settings\.py, line \d+/,
  );
  expect(output).not.toContain("own-secret-key");
});

test("what is no new folder of root's own is refused, and a site that is not there", async () => {
  await machine.shell("mkdir -p /srv/full && touch /srv/full/a");
  for (const [argv, code] of [
    [["--write", "/srv/full"], "adoptFolderThere"],
    [["--write", "/home/production/updater"], "adoptFolderInside"],
    [["/home/demo/biomaid"], "adoptNothing"],
  ] as const) {
    const { exitCode, output } = await machine.updater("--json", "adopt", ...argv);
    expect(output).toContain(`"code":"${code}"`);
    expect(exitCode).toBe(1);
  }
});
