import { z } from "zod";
import { schema } from "./schema.ts";

/** For editors: a JSON Schema, without what only the updater understands. */
export const jsonSchema = z.toJSONSchema(schema, {
  io: "input",
  override({ jsonSchema: described }) {
    delete described["file"];
    delete described["range"];
    delete described["alike"];
  },
});
