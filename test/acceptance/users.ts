import { randomBytes } from "node:crypto";
import type { Page } from "playwright-core";
import type { LookUp } from "../support/ledger.ts";
import type { Activity, Answer, Call, Client } from "../support/load.ts";
import type { Operator } from "../support/operator.ts";
import { type Fields, fieldsOf } from "./form.ts";

/** Of BiomAid's fixture: a superuser, who may see every page, and people who may file requests. */
const reader = "root";
export const writers = ["couranth", "enbaveyv", "cekilesy", "deboziel", "tomiela", "timettvi"];

const password = randomBytes(12).toString("hex");

export const signPage = "/portal-config/common/sign/";
const requestPage = "/geqip-chuap/dem/request/create/";
const readPages = [
  "/geqip-chuap/dem/",
  "/geqip-chuap/common/role/",
  "/geqip-chuap/common/programme/",
  "/geqip-chuap/dem/cockpit/",
];

/** The Django group of those who file requests. */
export const group = "Acceptance";

export const addressOf = (username: string) => `${username}@hospital.example`;

/** Gives the fixture's users a password and an address, and opens its campaign, the one requests can be filed in. */
export async function prepareUsers(operator: Pick<Operator, "exec">): Promise<void> {
  await inShell(
    operator,
    `from datetime import datetime, timezone
from common.models import User
from dem.models import Campagne
from django.contrib.auth.models import Group
for user in User.objects.filter(username__in=${JSON.stringify([reader, ...writers])}):
    user.set_password("${password}")
    user.email = user.username + "${addressOf("")}"
    user.save()
group = Group.objects.create(name="${group}")
group.user_set.set(User.objects.filter(username__in=${JSON.stringify(writers)}))
Campagne.objects.filter(pk=1).update(fin_recensement=datetime(2999, 1, 1, tzinfo=timezone.utc))
print("ANSWER null")`,
  );
}

/** Cookies of those who have signed in already, by client: a swap signs nobody out. */
const signedIn = new Map<number, ReadonlyMap<string, string>>();

export async function signIn(client: Client): Promise<void> {
  const kept = signedIn.get(client.number);
  if (kept) {
    for (const [name, value] of kept) client.cookies.set(name, value);
    return;
  }
  await client.send(get(signPage));
  const form = new URLSearchParams({
    form: "sign-in",
    username: nameOf(client),
    password,
    csrfmiddlewaretoken: client.cookies.get("csrftoken") ?? "",
  });
  await client.send({
    method: "POST",
    path: signPage,
    headers: { "Content-Type": "application/x-www-form-urlencoded" },
    body: Buffer.from(form.toString()),
    check: ({ status }) => (status === 302 ? undefined : "not signed in"),
  });
  signedIn.set(client.number, new Map(client.cookies));
}

/** Two of those who have a password: one who may see every page, and one who files requests. */
export const people = [reader, writers[0]!] as const;

/** Signs somebody in at a browser, in the place of whoever was signed in there. */
export async function signInAt(page: Page, username: string): Promise<void> {
  const form = page.locator("#form-signin");
  await page.goto(signPage);
  await form.locator("[name=username]").fill(username);
  await form.locator("[name=password]").fill(password);
  await form.locator("[name=submit]").click();
  await page.waitForURL(({ pathname }) => pathname !== signPage);
}

function nameOf({ number }: Client): string {
  return number % 2 === 0 ? reader : (writers[((number - 1) / 2) % writers.length] as string);
}

/** Fills in BiomAid's form for a request. @returns what sends it */
export async function fillRequest(page: Page, key: string): Promise<() => Promise<void>> {
  await page.goto(requestPage);
  // Behind widgets that look choices up.
  for (const [name, value] of [
    ["uf", "3"],
    ["calendrier", "1"],
    ["nom_projet", key],
  ]) {
    await page.evaluate(
      `document.getElementsByName("request_table-${name}")[0].value = "${value}"`,
    );
  }
  for (const name of ["libelle", "nom_projet"])
    await page.fill(`[name=request_table-${name}]`, key);
  await page.fill("[name=request_table-description]", Array(50).fill(key).join(" "));
  return async () => await page.click("[name=form_action][value=record]");
}

/** What users do: some look at pages, others file requests, now and then with a document of two megabytes. */
export const mix: readonly Activity[] = [
  {
    weight: 2,
    run: async (client) => {
      const pages = nameOf(client) === reader ? readPages : readPages.slice(0, 1);
      for (const page of pages) await client.send(get(page));
    },
  },
  { weight: 1, run: async (client) => await client.send(get(signPage)) },
  { weight: 2, run: async (client) => await work(client, false) },
  { weight: 0.3, run: async (client) => await work(client, true) },
];

/** People who do not sign in. */
export const visitors = {
  mix: [
    { weight: 1, run: async (client: Client) => void (await client.send(get(signPage))) },
  ] satisfies readonly Activity[],
};

/** A reader looks once more; a writer files a request. */
async function work(client: Client, withDocument: boolean): Promise<void> {
  if (nameOf(client) === reader) {
    await client.send(get("/geqip-chuap/dem/cockpit/"));
    return;
  }
  const page = await client.send(get(requestPage));
  const answer = await client.write((key) => filing(page, key, withDocument));
  if (filed(answer)) return;
  // A form of one release that was sent to the other: BiomAid shows it again, with what is wrong.
  formsShownAgain += 1;
  await client.write((key) => ({
    ...filing(answer, key, withDocument),
    check: (second) => (filed(second) ? undefined : `not filed (${second.status})`),
  }));
}

let formsShownAgain = 0;

/** How many requests had to be sent twice since this was last asked. */
export function takeFormsShownAgain(): number {
  const count = formsShownAgain;
  formsShownAgain = 0;
  return count;
}

function filing(page: Answer, key: string, withDocument: boolean): Call {
  return {
    method: "POST",
    path: requestPage,
    headers: { "Content-Type": `multipart/form-data; boundary=${boundary}` },
    body: multipart(fieldsOf(page.body.toString(), "/dem/request/create/"), key, withDocument),
    check: ({ status }) => (status === 200 ? undefined : `${status} instead of the form`),
    refused: (answer) => !filed(answer),
  };
}

function filed({ body }: Answer): boolean {
  return body.includes("avec succès");
}

const boundary = "biomaid-updater-acceptance";
const documentLines = 2 ** 17;

function multipart(fields: Fields, key: string, withDocument: boolean): Buffer {
  const filled = {
    ...Object.fromEntries(fields),
    "request_table-uf": "3",
    "request_table-calendrier": "1",
    "request_table-libelle": key,
    "request_table-nom_projet": key,
    "request_table-description": `${key} `.repeat(50).trim(),
    form_action: "record",
  };
  const part = (disposition: string, content: string) =>
    `--${boundary}\r\nContent-Disposition: form-data; ${disposition}\r\n\r\n${content}\r\n`;
  const parts = Object.entries(filled).map(([name, value]) => part(`name="${name}"`, value));
  if (withDocument) {
    const name = "document-genericdocument-content_type-object_id-0-document_file";
    parts.push(part(`name="${name}"; filename="${key}.txt"`, `${key}\n`.repeat(documentLines)));
  }
  return Buffer.from(`${parts.join("")}--${boundary}--\r\n`);
}

/** Asks BiomAid itself what it holds; a request with another text or document than was filed counts as unknown. */
export const lookUpThrough =
  (operator: Pick<Operator, "exec">): LookUp =>
  async (prefix) => {
    const keys = await inShell(
      operator,
      `import json, os
from django.conf import settings
from dem.models import Demande
from document.models import GenericDocument
keys = []
for request in Demande.objects.filter(libelle__startswith="${prefix}"):
    key = request.libelle
    intact = request.nom_projet == key and request.description == " ".join([key] * 50)
    for link in GenericDocument.objects.filter(object_id=str(request.pk), content_type__model="demande"):
        path = os.path.join(settings.MEDIA_ROOT, link.document.physical_path)
        with open(path) as file:
            intact = intact and file.read() == (key + "\\n") * ${documentLines}
    keys.append(key if intact else key + " (altered)")
print("ANSWER " + json.dumps(keys))`,
    );
    return (keys as string[]).map((key) => ({ key }));
  };

/** How many of some requests BiomAid shows to who filed them, each on its own page. */
export async function requestsShown(
  operator: Pick<Operator, "exec">,
  prefix: string,
): Promise<{ shown: number; asked: number }> {
  const answer = await inShell(
    operator,
    `import json
from django.conf import settings
from django.test import Client
from dem.models import Demande
def page_of(request):
    client = Client(HTTP_USER_AGENT="biomaid-updater-acceptance", HTTP_HOST=settings.ALLOWED_HOSTS[0])
    client.force_login(request.redacteur, backend=settings.AUTHENTICATION_BACKENDS[-1])
    return client.get(f"/geqip-chuap/dem/request/view/{request.pk}/").content.decode()
requests = Demande.objects.filter(libelle__startswith="${prefix}")[:5]
shown = [request.libelle in page_of(request) for request in requests]
print("ANSWER " + json.dumps({"shown": sum(shown), "asked": len(shown)}))`,
  );
  return answer as { shown: number; asked: number };
}

/** Names of the tables of BiomAid's database. */
export async function tablesOf(operator: Pick<Operator, "exec">): Promise<readonly string[]> {
  const program = `import json
from django.db import connection
print("ANSWER " + json.dumps(connection.introspection.table_names()))`;
  return (await inShell(operator, program)) as string[];
}

/** As a disk that was lost would leave it: every document is gone. */
export async function removeDocuments(operator: Pick<Operator, "exec">): Promise<void> {
  const program = `import os
from django.conf import settings
for folder, _, files in os.walk(settings.MEDIA_ROOT, onerror=None):
    for name in files:
        os.remove(os.path.join(folder, name))
print("ANSWER null")`;
  await inShell(operator, program);
}

/** What a few lines of Python say after ANSWER; BiomAid prints other lines of its own. */
export async function inShell(operator: Pick<Operator, "exec">, program: string): Promise<unknown> {
  const output = await operator.exec("python", "manage.py", "shell", "-c", program);
  const answer = /^ANSWER (.*)$/m.exec(output)?.[1];
  if (answer === undefined)
    throw new Error(`no answer from BiomAid's shell: ${output.slice(-500)}`);
  return JSON.parse(answer);
}

/** The page shows itself, not the way to the sign page. */
function get(path: string): Call {
  return {
    method: "GET",
    path,
    check: ({ status }: Answer) => (status === 200 ? undefined : `${status} instead of the page`),
  };
}
