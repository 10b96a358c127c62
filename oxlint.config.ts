import { defineConfig, type OxlintOverride } from "oxlint";

/**
 * The rooms of src, top to bottom: each imports only what stands below it. docs/architecture.md shows the same list;
 * `errors.ts` is a room of one file.
 */
export const layers = [
  ["cli", "operator", "scheduler"],
  ["commands"],
  ["doctor"],
  ["settings"],
  ["adoption"],
  ["operations"],
  ["rehearsal"],
  ["move-in"],
  ["backup"],
  ["reverse-replication"],
  ["steps"],
  ["scheduled"],
  ["jobs"],
  ["messages"],
  ["runner"],
  ["supervision"],
  ["release"],
  ["build"],
  ["instance"],
  ["postgres"],
  ["proxy"],
  ["config"],
  ["source"],
  ["engine"],
  ["gate"],
  ["errors.ts"],
  ["text"],
  ["lib"],
] as const;

/** Libraries that one room alone knows. */
const owners = { dockerode: "engine", pg: "postgres", "prom-client": "commands" } as const;

/** One override a room: what stands above it, or beside it, is out of its reach. */
const rooms = layers.flatMap((layer, index) =>
  layer.map((room) => {
    const above = layers.slice(0, index).flat();
    const beside = layer.filter((other) => other !== room);
    const forbidden = [...above, ...beside].map((name) => name.replace(".", "\\."));
    const paths = Object.entries(owners)
      .filter(([, owner]) => owner !== room)
      .map(([name, owner]) => ({ name, message: `Only src/${owner} knows ${name}.` }));
    const message = `src/${room} stands below that, or beside it: imports point down (docs/architecture.md).`;
    const patterns =
      forbidden.length === 0
        ? []
        : [{ regex: `^(\\.\\./)+(${forbidden.join("|")})(/|$)`, message }];
    const clients =
      room === "engine"
        ? []
        : [
            {
              group: ["**/engine/connect.ts"],
              importNames: ["clientOf"],
              message: "What is asked of the engine is a function in src/engine.",
            },
          ];
    const override: OxlintOverride = {
      files: [room.includes(".") ? `src/${room}` : `src/${room}/**`],
      rules: {
        "no-restricted-imports": ["error", { paths, patterns: [...patterns, ...clients] }],
      },
    };
    return override;
  }),
);

/** What one can read in one go. Texts are lists of sentences. */
const readable: OxlintOverride = {
  files: ["src/**"],
  excludeFiles: ["src/text/**"],
  rules: {
    "eslint/max-lines-per-function": ["error", { max: 60, skipComments: true }],
    "eslint/max-lines": ["error", 300],
  },
};

export default defineConfig({
  plugins: ["typescript", "import", "node", "promise", "unicorn", "vitest"],
  categories: { correctness: "error", suspicious: "error" },
  rules: {
    "typescript/no-floating-promises": "error",
    "typescript/no-misused-promises": "error",
    "typescript/await-thenable": "error",
    "typescript/no-explicit-any": "error",
    "typescript/switch-exhaustiveness-check": "error",
    "typescript/no-unsafe-type-assertion": "off",
    "eslint/no-await-in-loop": "off",
    "eslint/no-shadow": "off",
    "eslint/no-unused-vars": ["error", { argsIgnorePattern: "^_", varsIgnorePattern: "^_" }],
    "eslint/no-console": "off",
    "import/no-unassigned-import": "off",
    "import/no-cycle": ["error", { ignoreTypes: false }],
    "promise/always-return": "off",
    "vitest/valid-expect": ["error", { maxArgs: 2 }],
    "unicorn/no-array-sort": "off",
    "unicorn/consistent-function-scoping": "off",
    "unicorn/prefer-add-event-listener": "off",
  },
  overrides: [...rooms, readable],
  ignorePatterns: ["test/fixtures"],
});
