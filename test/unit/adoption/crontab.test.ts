import { expect, test } from "vitest";
import { jobLines } from "../../../src/move-in/crontab.ts";

test("lines that run jobs are found, with their moment; comments and others are not", () => {
  const text = `MAILTO=""
# 7 * * * * cd biomaid ; bash run-instance.sh runjobs hourly
*/15  *  * * *   cd biomaid ; bash run-instance.sh runjobs quarter_hourly >> log
@weekly cd biomaid && python manage.py runjobs weekly
0 1 * * * pg_dump biomaid`;
  expect(jobLines("crontab -u production", text, false)).toMatchObject([
    { line: 3, when: "*/15 * * * *", kind: "quarter_hourly" },
    { line: 4, when: "@weekly", kind: "weekly" },
  ]);
});

test("in a file of the system a user's name stands before the command", () => {
  const line =
    "11 2 * * * production cd /home/production/biomaid && bash run-instance.sh runjobs daily";
  expect(jobLines("/etc/cron.d/biomaid", line, true)).toMatchObject([
    { kind: "daily", text: line },
  ]);
});
