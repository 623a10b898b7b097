import { expect, test } from "vitest";
import { makerText } from "./words.ts";

test("the maker of a network card is named, or it is said why nobody knows", () => {
  const card = { mac: "3c:22:fb:10:20:02", maker: "Apple, Inc.", privateMac: false };
  expect(makerText(card)).toBe("Apple, Inc.");
  expect(makerText({ ...card, mac: "a6:11:42:9c:00:03", maker: null, privateMac: true })).toBe(
    "Private address (random), maker unknown",
  );
  expect(makerText({ ...card, maker: null })).toBe("Not in the registry of makers");
  expect(makerText({ ...card, mac: null, maker: null })).toMatch(/^Unknown: darkstat shows no MAC/);
});
