/** All but line ends and tabs: a terminal would obey them. */
// oxlint-disable-next-line no-control-regex -- these are what is looked for
const controls = /[\u0000-\u0008\u000b-\u001f\u007f-\u009f]/g;

/** Text for a terminal in which what others wrote (release notes, logs, names) cannot command it. */
export function printable(text: string): string {
  return text.replaceAll(/\r\n?/g, "\n").replaceAll(controls, "�");
}
