import { expect, test } from "vitest";
import { judgeAges } from "../../../src/doctor/images.ts";
import { told } from "../../support/findings.ts";

const day = 86_400_000;
const now = Date.parse("2026-11-22T21:30:00Z");

test("base images grow old, and are brought by those who made them", () => {
  const images = [
    { image: "biomaid-updater/base:12", createdAt: now - 45 * day },
    { image: "python:3.11-slim", createdAt: now - 31 * day },
    { image: "biomaid-updater/python:3.11", createdAt: now - 29 * day },
  ];
  expect(judgeAges(images, now)).toMatchObject([
    { code: "baseImageOld", facts: { images: ["biomaid-updater/base:12"], days: 45 } },
    { code: "siteImageOld", facts: { images: ["python:3.11-slim"] } },
  ]);
  expect(told(judgeAges(images.slice(2), now))).toEqual(["ok: baseImages"]);
});
