import type { Edition } from "../model.ts";
import { html, type Markup, nothing } from "../../../lib/html.ts";
import { code, paragraph, type Section, type Sheet, tag } from "./parts.ts";

export function needs({ report, text }: Sheet): Section {
  const labels = text.page.needs;
  const { disk, memory } = report.needs;
  const of = ({ needed, free }: { needed: number; free: number }) =>
    html`${labels.of(text.size(needed), text.size(free))}${needed > free ? tag(labels.tooLittle) : nothing}`;
  const [from, to] = [report.from, report.to].map(({ imageSize }) => text.size(imageSize));
  return {
    id: "needs",
    heading: labels.heading,
    body: pairs([
      [labels.disk, of(disk)],
      [labels.memory, of(memory)],
      [labels.image, html`${labels.imageChange(from!, to!)}`],
    ]),
  };
}

/** What a swap compares with, to tell whether this verdict is still about what it would do. */
export function identity({ report, text }: Sheet): Section {
  const labels = text.page.identity;
  const { from, to, data } = report;
  const edition = (of: Edition) =>
    pairs([
      [labels.tag, html`${of.tag}`],
      [labels.commit, code(of.commit)],
      [labels.local, code(of.localCommit)],
      [labels.image, code(of.image)],
      [labels.digest, code(of.imageId)],
    ]);
  const body = html`${paragraph(labels.intro)}
    <h3>${labels.to}</h3>
    ${edition(to)}
    <h3>${labels.from}</h3>
    ${edition(from)}
    <h3>${labels.rehearsal}</h3>
    ${pairs([
      [
        labels.when,
        html`${labels.between(text.moment(report.startedAt), text.moment(report.finishedAt))}`,
      ],
      ...(data.at === ""
        ? []
        : [
            [
              labels.data,
              html`${labels.dataAt(text.moment(data.at), text.size(data.size), data.position)}`,
            ] as const,
          ]),
      [labels.id, code(report.id)],
    ])}`;
  return { id: "identity", heading: labels.heading, body };
}

function pairs(given: readonly (readonly [name: string, value: Markup])[]): Markup {
  return html`<dl class="pairs">
    ${given.map(
      ([name, value]) =>
        html`<div class="pair">
          <dt>${name}</dt>
          <dd>${value}</dd>
        </div>`,
    )}
  </dl>`;
}
