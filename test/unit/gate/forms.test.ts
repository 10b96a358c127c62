import { array, assert, asyncProperty, constantFrom, uint8Array } from "fast-check";
import { expect, test } from "vitest";
import { browser, useClosedGate } from "../../support/closed-gate.ts";

const ask = useClosedGate();

/** Sends a form as a browser would. */
async function send(form: FormData | URLSearchParams | Buffer, type?: string): Promise<string> {
  const encoded = Buffer.isBuffer(form) ? undefined : new Response(form);
  const contentType = type ?? encoded?.headers.get("content-type") ?? "";
  const body = Buffer.isBuffer(form) ? form : Buffer.from(await encoded!.arrayBuffer());
  return (await ask({ ...browser, "Content-Type": contentType }, "POST", body)).body;
}

/** The hidden fields of a page, decoded; good for what the page itself escapes. */
function hidden(page: string): [string, string][] {
  const plain = (text: string) =>
    text.replace(/&(amp|lt|gt|quot|#39);/g, (_, name: string) => signs[name]!);
  const pattern = /<input type="hidden" name="([^"]*)" value="([^"]*)" \/>/g;
  return [...page.matchAll(pattern)].map(([, name, value]) => [plain(name!), plain(value!)]);
}

const signs: Record<string, string> = { amp: "&", lt: "<", gt: ">", quot: '"', "#39": "'" };

test("a form that waited too long can be sent again with everything in it", async () => {
  const fields: [string, string][] = [
    ["csrfmiddlewaretoken", "aB3"],
    ["libelle", "Échographe « cœur » & sonde <7 MHz> \"x\" 'y'"],
    ["motif", "deux\r\nlignes\r\n"],
    ["choix", "1"],
    ["choix", "2"],
    ["vide", ""],
  ];
  const multipart = new FormData();
  for (const [name, value] of fields) multipart.append(name, value);
  for (const form of [new URLSearchParams(fields), multipart]) {
    const page = await send(form);
    expect(hidden(page)).toEqual(fields);
    expect(page).toMatch(/<form method="post" accept-charset="utf-8"\s*>/);
    expect(page).toContain("not saved yet");
    expect(page).not.toContain("http-equiv");
  }
});

test("files have to be chosen again, and the page names them", async () => {
  const form = new FormData();
  form.append("titre", "devis");
  form.append("piece", new Blob([Buffer.alloc(3_000_000, "x")]), "devis <1>.pdf");
  form.append("aucune", new Blob([]), "");
  const page = await send(form);
  expect(hidden(page)).toEqual([["titre", "devis"]]);
  expect(page).toContain('enctype="multipart/form-data"');
  expect(page).toContain("Choose again: devis &lt;1&gt;.pdf");
  expect(page.match(/type="file"/g)).toHaveLength(1);
  expect(page.length).toBeLessThan(10_000);
});

const urlencoded = "application/x-www-form-urlencoded";

test.each([
  ["more text than Django takes", Buffer.from(`a=${"x".repeat(2_700_000)}`), urlencoded],
  ["more fields than Django takes", Buffer.from("a=1&".repeat(1001)), urlencoded],
  ["bytes that are no text", Buffer.from("a=%ff%fe"), urlencoded],
  [
    "no end",
    Buffer.from('--b\r\nContent-Disposition: form-data; name="a"\r\n\r\n1'),
    "multipart/form-data; boundary=b",
  ],
  [
    "a part that has no name",
    Buffer.from("--b\r\nContent-Disposition: form-data\r\n\r\nx\r\n--b--\r\n"),
    "multipart/form-data; boundary=b",
  ],
  [
    "a file that has no name",
    Buffer.from('--b\r\nContent-Disposition: form-data; filename="f"\r\n\r\nx\r\n--b--\r\n'),
    "multipart/form-data; boundary=b",
  ],
  ["no boundary", Buffer.from("a=1"), "multipart/form-data"],
])(
  "a form with %s is not given back in part: the page says it was not saved",
  async (_, body, type) => {
    const page = await send(body, type);
    expect(page).toContain("was not saved. Go back");
    expect(page).not.toContain("<form");
  },
);

/** Headers of a part, whole, cut short, or of no sense. */
const partHead = array(
  constantFrom(
    "Content-Disposition: form-data",
    "Content-Type: text/plain; charset=nonsense",
    "Content-Transfer-Encoding: base64",
    '; name="a"',
    "; name*=UTF-8''%ff",
    '; filename="f"',
    "; filename=",
    "\r\n",
  ),
  { maxLength: 6 },
).map((parts) => `${parts.join("")}\r\n\r\n`);

test("no body that calls itself a form ends the gate, or makes it wait", async () => {
  await assert(
    asyncProperty(
      array(partHead, { maxLength: 3 }),
      uint8Array({ maxLength: 200 }),
      async (heads, bytes) => {
        const parts = heads.flatMap((head) => [
          Buffer.from(`--b\r\n${head}`),
          bytes,
          Buffer.from("\r\n"),
        ]);
        const page = await send(
          Buffer.concat([...parts, Buffer.from("--b--\r\n")]),
          "multipart/form-data; boundary=b",
        );
        expect(page).toContain("<h1>");
      },
    ),
    { numRuns: 300 },
  );
});
