export { cli } from "../en/cli.ts";
