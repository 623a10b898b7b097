/** What figures may be grouped by. Apart from the schemas, which the server only reads when somebody asks for them. */
export const GROUPS = ["hour", "day", "month"] as const;
