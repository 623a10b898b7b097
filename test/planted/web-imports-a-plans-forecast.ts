// at web/src/web-imports-a-plans-forecast.ts
// expects lint/style/noRestrictedImports
import { forecastOf } from "../../src/plan/forecast.ts";

export const leak = forecastOf;
