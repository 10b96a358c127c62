import { expect, test } from "vitest";
import { findGunicorns, parseBind } from "../../../src/adoption/gunicorn.ts";

const process = (pid: number, parent: number, ...argv: string[]) => ({
  pid,
  parent,
  user: 1000,
  argv,
  folder: "/home/production/biomaid",
  program: "/usr/bin/python3.11",
  groups: "",
});

test.each([
  ["-b unix:/run/a.sock", [{ kind: "socket", path: "/run/a.sock" }]],
  ["--bind=unix:../biomaid.sock", [{ kind: "socket", path: "/home/production/biomaid.sock" }]],
  [
    "--bind 0.0.0.0:9000 -b[::1]:9001",
    [
      { kind: "port", host: "0.0.0.0", port: 9000 },
      { kind: "port", host: "::1", port: 9001 },
    ],
  ],
  ["", [{ kind: "port", host: "127.0.0.1", port: 8000 }]],
])("an application started with “%s” listens there", (options, binds) => {
  const words = [
    "/venv/bin/python",
    "/venv/bin/gunicorn",
    ...options.split(" "),
    "-w",
    "4",
    "dra.wsgi",
  ];
  const [found] = findGunicorns([process(7, 1, ...words.filter(Boolean))]);
  expect(found).toMatchObject({ binds, workers: 4, python: "/venv/bin/python" });
});

test("its workers, another application and other programs are none", () => {
  const words = ["venv/bin/python", "venv/bin/gunicorn", "dra.wsgi:application"];
  const found = findGunicorns([
    process(7, 1, ...words),
    process(8, 7, ...words),
    process(9, 1, "/usr/bin/python3", "/usr/bin/gunicorn", "other.wsgi"),
    process(10, 1, "grep", "gunicorn", "dra.wsgi"),
  ]);
  expect(found.map(({ process: { pid } }) => pid)).toEqual([7]);
  expect(found[0]?.python).toBe("/home/production/biomaid/venv/bin/python");
});

test("a place without a host is every one", () => {
  expect(parseBind(":80", "/")).toEqual({ kind: "port", host: "0.0.0.0", port: 80 });
});
