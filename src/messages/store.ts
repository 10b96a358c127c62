import { imageLabels } from "../engine/images.ts";
import type { Engine } from "../engine/connect.ts";
import { label } from "../engine/labels.ts";
import { type Messages, messages, nothingToTell, pageScript } from "./compose.ts";
import { newsPage } from "./news.ts";
import { type Control, placeFile } from "../instance/instance-lock.ts";
import { json } from "../lib/json.ts";
import { paths } from "../instance/names.ts";
import type { State } from "../instance/state.ts";
import { readControlFile } from "../instance/read-instance.ts";

const file = "messages.json";
/** What the proxy looks at with each request, and serves to browsers. */
const folder = `${paths.control}/messages`;

export async function readMessages(engine: Engine, instance: string): Promise<Messages> {
  return parse(await readControlFile(engine, instance, file));
}

/** Tells users something else from the next page on. */
export async function changeMessages(
  { shell }: Pick<Control, "shell">,
  change: (before: Messages) => Messages,
): Promise<void> {
  const changed = change(await messagesOf(shell));
  const over = changed.news !== null && changed.news.until <= Date.now();
  const after = over ? { ...changed, news: null } : changed;
  const script = await pageScript(after);
  await placeFile(shell, paths.control, file, JSON.stringify(after, null, 2), { durable: true });
  if (script === undefined) {
    await shell.run('rm -rf "$1"', folder);
    return;
  }
  await shell.run('mkdir -p "$1"', folder);
  // What a script leads to is there before it, and goes after it.
  if (after.news) await placeFile(shell, folder, newsPage, after.news.page, { durable: true });
  await placeFile(shell, folder, "page.js", script, { durable: true });
  if (!after.news) await shell.run('rm -f "$1"', `${folder}/${newsPage}`);
}

/** What is new in another version than the one users have reached is no news to them. */
export async function endOtherNews(
  control: Pick<Control, "shell">,
  { tag }: { readonly tag: string },
): Promise<void> {
  const { news } = await messagesOf(control.shell);
  if (news === null || news.version === tag) return;
  await changeMessages(control, (before) => ({ ...before, news: null }));
}

async function messagesOf(shell: Control["shell"]): Promise<Messages> {
  return parse(await shell.run('cat "$1" 2>/dev/null || true', `${paths.control}/${file}`));
}

/** Nothing depends on them: what cannot be read is as if it had never been said. */
function parse(content: string | undefined): Messages {
  return json(messages).safeParse(content).data ?? nothingToTell;
}

/** Whether the proxy of an instance, which is as old as the instance, can tell users anything. */
export async function canTell(
  engine: Engine,
  { proxyImage }: Pick<State, "proxyImage">,
): Promise<boolean> {
  return (await imageLabels(engine, proxyImage))?.[label.tells] !== undefined;
}
