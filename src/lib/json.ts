import { z } from "zod";

/** A JSON text of what a schema describes. */
export function json<Schema extends z.ZodType>(schema: Schema) {
  const value = z.string().transform((text, context): unknown => {
    try {
      return JSON.parse(text);
    } catch {
      context.addIssue("JSON");
      return z.NEVER;
    }
  });
  return value.pipe(schema);
}

/** The keys for which something is refused; "JSON" where it has none. */
export function keysAtFault({ issues }: z.ZodError): string {
  const keys = issues.flatMap((issue) =>
    issue.code === "unrecognized_keys" ? issue.keys : [issue.path.join(".") || "JSON"],
  );
  return [...new Set(keys)].join(", ");
}
