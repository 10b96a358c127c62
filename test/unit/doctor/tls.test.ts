import { mkdtemp, readFile, rm } from "node:fs/promises";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createServer } from "node:tls";
import { execa } from "execa";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { Finding } from "../../../src/doctor/finding.ts";
import { checkTls } from "../../../src/doctor/tls.ts";
import { told } from "../../support/findings.ts";

const day = 86_400_000;

describe("TLS in front of the site", () => {
  let folder = "";
  beforeAll(async () => void (folder = await mkdtemp(join(tmpdir(), "biomaid-tls-"))));
  afterAll(async () => await rm(folder, { recursive: true }));

  /** What is said of a server with a certificate of its own for `name`, good from and to a date. */
  async function said(name: string, from: Date, to: Date, trust: boolean): Promise<Finding[]> {
    const [key, cert] = [join(folder, "key.pem"), join(folder, "cert.pem")];
    const stamp = (date: Date) => date.toISOString().replaceAll(/[-:T]|\.\d+/g, "");
    await execa("openssl", [
      "req",
      "-newkey",
      "ec",
      "-pkeyopt",
      "ec_paramgen_curve:prime256v1",
      "-nodes",
      "-keyout",
      key,
      "-out",
      join(folder, "csr.pem"),
      "-subj",
      `/CN=${name}`,
    ]);
    await execa("openssl", ["rand", "-hex", "-out", join(folder, "serial"), "8"]);
    const ca = `[ca]\ndefault_ca=d\n[d]\ndatabase=${folder}/index\nserial=${folder}/serial\nnew_certs_dir=${folder}\ndefault_md=sha256\npolicy=p\nunique_subject=no\nx509_extensions=e\n[p]\ncommonName=supplied\n[e]\nbasicConstraints=CA:TRUE\nsubjectAltName=DNS:${name}`;
    await execa("sh", ["-c", `: >"${folder}/index"; cat >"${folder}/ca.cnf"`], { input: ca });
    await execa("openssl", [
      "ca",
      "-batch",
      "-selfsign",
      "-config",
      join(folder, "ca.cnf"),
      "-keyfile",
      key,
      "-in",
      join(folder, "csr.pem"),
      "-out",
      cert,
      "-startdate",
      stamp(from),
      "-enddate",
      stamp(to),
      "-notext",
    ]);
    const server = createServer({ key: await readFile(key), cert: await readFile(cert) });
    await new Promise<void>((resolve) => void server.listen(0, "127.0.0.1", resolve));
    try {
      return await ask((server.address() as AddressInfo).port, trust ? cert : undefined);
    } finally {
      server.close();
    }
  }

  async function ask(port: number, caBundle: string | undefined): Promise<Finding[]> {
    const configuration = {
      site: { hostNames: ["localhost"] },
      listen: { address: "127.0.0.1", port: 8080 },
      build: { caBundle },
    };
    return await checkTls(configuration as unknown as Parameters<typeof checkTls>[0], port);
  }

  const inDays = (days: number) => new Date(Date.now() + days * day);

  test.each([
    ["is good", "localhost", -1, 90, true, "ok: tls"],
    ["expires soon", "localhost", -1, 20, true, "warning: tlsExpires"],
    ["has expired", "localhost", -20, -3, true, "problem: tlsExpires"],
    ["is for another name", "other.example.org", -1, 90, true, "problem: tlsName"],
    ["is of nobody known", "localhost", -1, 90, false, "warning: tlsUntrusted"],
  ])("a certificate that %s", async (_, name, from, to, trust, expected) => {
    expect(told(await said(name, inDays(from), inDays(to), trust))).toEqual([expected]);
  });

  test("there is none", async () => {
    expect(told(await ask(1, undefined))).toEqual(["warning: noTls"]);
  });
});
