import { expect, test } from "vitest";
import { columnsOf } from "./columns.ts";
import { orderChanges, orderOf, pageOf, sameTexts, textChanges, textsOf, viewOf } from "./question.ts";

const query = (text: string) => new URLSearchParams(text);

function written(changes: Readonly<Record<string, string | null>>): URLSearchParams {
  return new URLSearchParams(Object.entries(changes).filter((entry): entry is [string, string] => entry[1] !== null));
}

test("what is asked comes back from the address as it was", () => {
  const texts = { search: "a & b=c", columns: { name: "=Zoë", download: ">5 GB", day: "2026-11" } };
  expect(textsOf(written(textChanges(texts)))).toEqual(texts);
  for (const { id } of columnsOf("device")) {
    for (const direction of ["asc", "desc"] as const) {
      expect(orderOf(written(orderChanges({ column: id, direction }, "device")))).toEqual({ column: id, direction });
    }
  }
});

test("what can't be read is taken for not said", () => {
  expect(orderOf(query("sort=colour&dir=up"))).toEqual({ column: "total", direction: "desc" });
  expect(orderOf(query("sort=name&dir=up"))).toEqual({ column: "name", direction: "asc" });
  expect(orderOf(query("view=day"))).toEqual({ column: "day", direction: "desc" });
  expect(viewOf(query("view=week"))).toBe("device");
  expect(textsOf(query("f.colour=red&f.constructor=x&f.name="))).toEqual({ search: "", columns: {} });
});

test("what is not filtered any more leaves the address", () => {
  expect(textChanges({ search: "", columns: { name: "" } })).toMatchObject({ q: null, "f.name": null, "f.day": null });
});

test("texts are the same whatever the order of their keys, and an empty one is none", () => {
  expect(sameTexts({ search: "x", columns: { name: "" } }, { search: "x", columns: {} })).toBe(true);
  expect(sameTexts({ search: "x", columns: { name: "a" } }, { search: "x", columns: {} })).toBe(false);
});

test.each([
  ["", 3, 1],
  ["page=2", 3, 2],
  ["page=9", 3, 3],
  ["page=-1", 3, 1],
  ["page=x", 3, 1],
  ["page=1.5", 3, 1],
  ["page=2", 0, 1],
])("%s of %i pages is page %i", (text, pages, page) => {
  expect(pageOf(query(text), pages)).toBe(page);
});
