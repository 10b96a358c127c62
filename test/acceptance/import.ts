import { setTimeout as pause } from "node:timers/promises";
import type { Operator } from "../support/operator.ts";
import type { Check } from "./report.ts";
import { inShell } from "./users.ts";

/** Rows that it saves, each in a transaction of its own inside the one of all. */
const rows = 1000;

/** Seconds for which it goes on looking at them. */
const lasts = 30;

/** Milliseconds until it has begun: BiomAid starts first. */
const beginsAfter = 12_000;

const program = `import time
from django.contrib.auth.models import Group
from django.db import transaction
with transaction.atomic():
    for number in range(${rows}):
        with transaction.atomic():
            Group.objects.create(name=f"import {number}")
    time.sleep(${lasts})
print("ANSWER null")`;

const count = `from django.contrib.auth.models import Group
found = Group.objects.filter(name__startswith="import ")
print("ANSWER", found.count())
found.delete()`;

/**
 * Begins an import as BiomAid's are.
 * @returns what to wait for, and whether all of it is there once another version serves
 */
export async function startImport(operator: Operator): Promise<() => Promise<Check>> {
  const imported = inShell(operator, program);
  // Whoever waits for it hears of what went wrong.
  imported.catch(() => undefined);
  await pause(beginsAfter);
  return async () => {
    await imported;
    const found = await inShell(operator, count);
    return {
      what: "swap: an import that was going on when it began is there",
      passed: found === rows,
      seen: `${String(found)} of ${rows}`,
    };
  };
}
