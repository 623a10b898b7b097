/**
 * Characters that no name and no line of a log may hold as they are, whoever sent them: control characters and line breaks,
 * and the marks that reorder or hide the text around them, with which a name could forge what is shown beside it.
 * ZWJ and ZWNJ are not among them: emoji and Persian need them.
 */
export const UNSAFE_CHARACTERS =
  // biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is looked for
  /[\u0000-\u001f\u007f-\u009f\u00ad\u061c\u200b\u200e\u200f\u2028-\u202e\u2060-\u2069\ufeff\ufff9-\ufffb]/gu;
