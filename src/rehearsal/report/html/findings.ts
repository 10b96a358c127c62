import { type FindingText, findingText } from "../finding-text.ts";
import type { Finding } from "../model.ts";
import { severityIcons } from "./icons.ts";
import { html, type Markup, nothing } from "../../../lib/html.ts";
import { swapTo } from "../../../text/typed.ts";
import { code, list, quiet, type Section, type Sheet } from "./parts.ts";

interface Group {
  readonly finding: Finding;
  readonly whats: readonly string[];
  readonly text: FindingText;
}

export function findings({ report, text }: Sheet): Section {
  const { heading, none } = text.page.findings;
  const groups = alike(report.findings, (finding) => findingText(text.findings, finding));
  const body =
    groups.length === 0
      ? quiet(none)
      : html`${groups.map((group) => card(group, text.page.findings, report.choice))}`;
  return { id: "findings", heading, body };
}

/** Findings of one code to which the same applies, together: the same words once instead of ten times. */
function alike(findings: readonly Finding[], textOf: (finding: Finding) => FindingText): Group[] {
  const read = findings.map((finding) => ({ finding, text: textOf(finding) }));
  const groups = Map.groupBy(read, ({ finding, text }) =>
    JSON.stringify([finding.code, text.why, text.next]),
  );
  return [...groups.values()].map((group) => ({
    ...group[0]!,
    whats: group.map(({ text }) => text.what),
  }));
}

function card(
  { finding, whats, text }: Group,
  labels: Sheet["text"]["page"]["findings"],
  choice: string,
): Markup {
  const { severity, code: name } = finding;
  // Overriding a release that fails would only make the swap fail.
  const overridable = severity === "blocking" && name !== "release-fails";
  return html`<article class="finding ${severity}">
    <p class="label">${severityIcons[severity]} ${labels[severity]} ${code(name)}</p>
    ${whats.length === 1 ? html`<h3>${whats[0]!}</h3>` : html`<h3 class="many">${list(whats)}</h3>`}
    <dl>
      <dt>${labels.why}</dt>
      <dd>${text.why}</dd>
      <dt>${labels.next}</dt>
      <dd>
        ${text.next}${
          overridable
            ? html`<br /><span class="quiet"
                  >${labels.override} ${code(`${swapTo(choice)} --override ${name}`)}</span
                >`
            : nothing
        }
      </dd>
    </dl>
  </article> `;
}
