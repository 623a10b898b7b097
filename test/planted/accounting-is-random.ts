// at src/accounting/accounting-is-random.ts
// expects lint/nursery/noJsRestrictedProperties
export const leak = () => Math.random();
