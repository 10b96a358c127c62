import { expect, test } from "vitest";
import { fieldsOf } from "../../../acceptance/form.ts";

const page = `
<form action="/search/" method="get"><input name="q" value="no"></form>
<form class="smart" action="/common/dem/request/create/" method="post">
  <input type="hidden" name="token" value="a&amp;b">
  <input type="text" name="date" value="22/11/2026" disabled id="date">
  <input name="contact">
  <input type="checkbox" name="urgent">
  <input type="file" name="document">
  <textarea name="description" cols="40">
first &lt;line&gt;</textarea>
  <select name="nature"><option value="AU">A</option><option value="EQ" selected>E</option></select>
  <select name="cause"><option value="AQ">A</option><option value="EV">E</option></select>
  <select name="nothing"></select>
</form>`;

test("a form is sent as a browser sends it", () => {
  expect(Object.fromEntries(fieldsOf(page, "/dem/request/create/"))).toEqual({
    token: "a&b",
    contact: "",
    description: "first <line>",
    nature: "EQ",
    cause: "AQ",
    nothing: "",
  });
});

test("a page without the form says so", () => {
  expect(() => fieldsOf("<form action='/else/'>", "/dem/request/create/")).toThrow(/no form/);
});
