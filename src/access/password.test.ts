import { expect, test } from "vitest";
import { checkNewPassword, createHasher } from "./password.ts";

let at = 0;
function counting(count: number): Uint8Array {
  at += 1;
  return Uint8Array.from({ length: count }, (_, index) => (at + index) % 256);
}

test("a password is right, and no other one is; the same one is kept otherwise each time", async () => {
  const hasher = createHasher(counting);
  const [one, other] = [await hasher.hash("Grüße aus Graz"), await hasher.hash("Grüße aus Graz")];
  expect(one).toMatchObject({ algorithm: "scrypt", N: 16384, r: 8, p: 5 });
  expect(one.hash).not.toBe(other.hash);
  expect(await hasher.isRight("Grüße aus Graz", one)).toBe(true);
  // As another keyboard puts the letters together.
  expect(await hasher.isRight("Gru\u0308ße aus Graz", one)).toBe(true);
  expect(await hasher.isRight("grüße aus Graz", one)).toBe(false);
  expect(await hasher.isRight("", one)).toBe(false);
});

test("few tries wait, and the others are told to come again; none is forgotten", async () => {
  const hasher = createHasher(counting);
  const kept = await hasher.hash("long enough");
  const tries = Array.from({ length: 9 }, (_, n) => hasher.isRight(n === 4 ? "long enough" : "wrong", kept));
  const results = (await Promise.allSettled(tries)).map((one) =>
    one.status === "fulfilled" ? one.value : (one.reason as { code: string }).code,
  );
  expect(results).toEqual([false, false, false, false, true, "busy", "busy", "busy", "busy"]);
  expect(await hasher.isRight("long enough", kept)).toBe(true);
}, 30_000);

test("a password has 8 to 200 characters, however many bytes these are", () => {
  for (const password of ["12345678", "ääääääää", "🔑".repeat(8), "x".repeat(200)]) checkNewPassword(password);
  for (const password of ["", "1234567", "🔑".repeat(7), "x".repeat(201)]) {
    expect(() => checkNewPassword(password)).toThrow(expect.objectContaining({ code: "bad-access" }));
  }
});
