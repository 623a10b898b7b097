import { expect, test } from "vitest";
import { reasonOf } from "./reasons.ts";

const none = { file: null, count: () => 0 };

test.each<[string, object, boolean, string]>([
  [
    "a mail server that waits for TLS, while a greeting is waited for",
    { code: "ETIMEDOUT", message: "Greeting never received" },
    true,
    "the mail server said nothing. If it speaks TLS from the start there, write port 465 or mode=ssl into the channel's URL.",
  ],
  ["a connection that timed out", { code: "ETIMEDOUT", message: "Connection timeout" }, true, "connection timed out"],
  [
    "a code that the client of mail replaced",
    { code: "ESOCKET", originalCode: "ECONNREFUSED" },
    true,
    "connection refused",
  ],
  [
    "a clock that is behind",
    { code: "CERT_NOT_YET_VALID", message: "certificate is not yet valid" },
    false,
    "the server's certificate isn't valid yet. Check the clocks of both machines.",
  ],
  ["what nobody knows", { message: "something new" }, false, "something new"],
  ["a name of a method of every object", { code: "toString", message: "odd" }, false, "odd"],
])("says of %s what it is", (_, error, isMail, reason) => {
  expect(reasonOf(error, isMail, none)).toBe(reason);
});
