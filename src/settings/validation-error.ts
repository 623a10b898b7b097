/** What is wrong with one value, as half a sentence that the value's place precedes. The table says what is allowed. */
export class ValidationError extends Error {
  override readonly name = "ValidationError";
}
