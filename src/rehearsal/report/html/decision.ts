import type { Finding } from "../model.ts";
import { blockingOf } from "../verdict.ts";
import { verdictIcons } from "./icons.ts";
import { html, type Markup } from "../../../lib/html.ts";
import { code, type Sheet } from "./parts.ts";

/** What the person who signs off needs: the verdict in a sentence, four answers, and where to sign. */
export function decision({ report, text }: Sheet): Markup {
  const { page } = text;
  const blocking = blockingOf(report.findings).length;
  const remarks = report.findings.length - blocking;
  return html`<header>
      <p class="kind">${page.kind}</p>
      <h1>${page.heading(report.from.tag, report.to.tag)}</h1>
      <p class="quiet">
        ${page.about(report.instance, text.moment(report.data.at))}${report.sanitized ? ` ${page.sanitized}` : ""}
      </p>
    </header>
    <section class="verdict ${report.verdict}" aria-labelledby="verdict">
      ${verdictIcons[report.verdict]}
      <div>
        <h2 id="verdict">${text.verdicts[report.verdict]}</h2>
        <p>${page.sentence[report.verdict](blocking, remarks)}</p>
      </div>
    </section>
    ${answers({ report, text })} ${signature(text.page.sign)}`;
}

function answers(sheet: Pick<Sheet, "report" | "text">): Markup {
  const { report, text } = sheet;
  const { short } = text.page;
  const ready = report.verdict !== "not-ready";
  const time = report.hold && text.duration(report.hold.total);
  const given: [question: string, answer: Markup][] = [
    [short.wait, wait(sheet)],
    [short.data, losses(sheet)],
    [short.back, html`<p>${short.backYes(report.from.tag, time)}</p>`],
    [
      short.next,
      ready
        ? html`<p>${short.nextReadyText} ${code(short.nextReady(report.choice))}</p>`
        : html`<p>${short.nextNotText} ${code(short.nextNot(report.choice))}</p>`,
    ],
  ];
  return html`<section class="answers">
    ${given.map(
      ([question, answer]) =>
        html`<div>
          <h2>${question}</h2>
          ${answer}
        </div>`,
    )}
  </section>`;
}

function wait({ report: { hold, failure }, text }: Pick<Sheet, "report" | "text">): Markup {
  const { page } = text;
  if (hold === null) return html`<p>${failure ? capital(page.unknown) : page.nothing}</p>`;
  const [total, max] = [text.duration(hold.total), text.duration(hold.max)];
  if (hold.total > hold.max) return html`<p>${page.short.over(total, max)}</p>`;
  return html`<p>${page.short.waits(total)}</p>
    <p>${page.short.limit(max)}</p>`;
}

const capital = (word: string) => `${word.charAt(0).toUpperCase()}${word.slice(1)}.`;

function losses({ report, text }: Pick<Sheet, "report" | "text">): Markup {
  const { short, unknown } = text.page;
  const of = <Code extends Finding["code"]>(...codes: readonly Code[]) =>
    report.findings.filter((finding): finding is Extract<Finding, { code: Code }> =>
      (codes as readonly string[]).includes(finding.code),
    );
  const lost = of("rows-lost", "table-dropped");
  const changed = of("values-changed");
  const dropped = of("column-dropped");
  const sentences = [
    ...(lost.length > 0
      ? [
          short.rowsLost(
            lost.reduce((sum, { rows }) => sum + rows, 0),
            new Set(lost.map(({ table }) => table)).size,
          ),
        ]
      : []),
    ...(changed.length > 0 ? [short.valuesChanged(changed.length)] : []),
    ...(dropped.length > 0 ? [short.columnsDropped(dropped.length)] : []),
  ];
  if (sentences.length > 0) return html`${sentences.map((sentence) => html`<p>${sentence}</p>`)}`;
  return html`<p>${report.tables.length === 0 ? capital(unknown) : short.dataKept}</p>`;
}

/** Seen on paper only. */
function signature(sign: Sheet["text"]["page"]["sign"]): Markup {
  const box = html`<svg width="14" height="14" aria-hidden="true">
    <rect x="1" y="1" width="12" height="12" />
  </svg>`;
  const line = (label: string) => html`<div class="line">${label}</div>`;
  return html`<section class="sign">
    <h2>${sign.heading}</h2>
    <p>
      ${[sign.go, sign.goWithRemarks, sign.noGo].map((choice) => html`<span>${box} ${choice}</span>`)}
    </p>
    <div class="lines">${[sign.planned, sign.name, sign.date, sign.signature].map(line)}</div>
  </section>`;
}
