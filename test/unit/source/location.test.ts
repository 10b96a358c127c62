import { describe, expect, test } from "vitest";
import { parseLocation } from "../../../src/source/location.ts";

describe("location of a repository", () => {
  test.each([
    "https://forge.example.org/biomaid.git",
    "https://forge.example.org:8443/group/biomaid",
    "ssh://git@forge.example.org:2222/biomaid.git",
    "git@forge.example.org:group/biomaid.git",
  ])("accepts the URL %s", (text) => {
    expect(parseLocation(text)).toEqual({ kind: "url", text, insecure: false });
  });

  test("tells http:// apart", () => {
    expect(parseLocation("http://forge/biomaid.git")).toMatchObject({ insecure: true });
  });

  test.each(["/srv/biomaid", "../biomaid", "biomaid", "/srv/odd:name", "."])(
    "accepts the path %s",
    (text) => {
      expect(parseLocation(text)).toEqual({ kind: "path", text });
    },
  );

  test.each([
    "ext::sh -c id",
    "fd::17",
    "file:///srv/biomaid",
    "git://forge/biomaid",
    "-u./x",
    "--upload-pack=id",
    "ssh://-oProxyCommand=id/x",
    "git@-oProxyCommand=id:x",
    "git@host:-x",
    "-git@host:x",
    "host:path",
    "",
    " ",
    "~/biomaid",
    "/srv/x\ny",
    "https://host/a b",
    "HTTPS://host/x",
    "ssh://host:x/y",
  ])("refuses %j", (text) => {
    expect(parseLocation(text)).toBe("repository");
  });

  test.each(["https://token@forge/x", "https://me:secret@forge/x", "ssh://me:secret@forge/x"])(
    "refuses what ps would show: %s",
    (text) => {
      expect(parseLocation(text)).toBe("repositoryPassword");
    },
  );
});
