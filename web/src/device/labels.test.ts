import { expect, test } from "vitest";
import { vendorText } from "./labels.ts";

test("the vendor of a network card is named, or it is said why nobody knows", () => {
  const card = { mac: "3c:22:fb:10:20:02", vendor: "Apple, Inc.", privateMac: false };
  expect(vendorText(card)).toBe("Apple, Inc.");
  expect(vendorText({ ...card, mac: "a6:11:42:9c:00:03", vendor: null, privateMac: true })).toBe(
    "Private (randomised) MAC",
  );
  expect(vendorText({ ...card, vendor: null })).toBe("Unknown manufacturer");
  expect(vendorText({ ...card, mac: null, vendor: null })).toMatch(/^Unknown: the meter reports no MAC/);
});
