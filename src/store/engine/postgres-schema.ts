import { DEVICE_DAY, MIGRATIONS, SCHEMA, SCHEMA_VERSION } from "../schema.ts";
import { StoreError } from "../store.ts";
import { CREATE_CLAIM } from "./postgres-claim.ts";
import type { Connection } from "./postgres-connection.ts";
import type { Place } from "./postgres-errors.ts";

/** gen_random_uuid() is built in from here on. */
const OLDEST_SERVER = 130_000;

/** The schema that the connection works in. Not by `regnamespace`, which reads a name as SQL does: unquoted. */
const OUR_SCHEMA = "(SELECT oid FROM pg_namespace WHERE nspname = current_schema())";

/**
 * Which tables of this schema are ours, and of which version: the row that migrations lock, so that of two programs that
 * start at once one waits for the other. Not an advisory lock: those of a session don't work behind a pgbouncer.
 */
const CREATE_VERSION = `
CREATE TABLE IF NOT EXISTS schema_version (program TEXT PRIMARY KEY, version BIGINT NOT NULL);
INSERT INTO schema_version VALUES ('whitestat', 0) ON CONFLICT (program) DO NOTHING;
`;

/**
 * For people and their tools: what each device used on each day, with the open hour in it, as in SQLite. Made anew after
 * each migration.
 */
const VIEWS = `
CREATE VIEW open_usage AS
  SELECT s.id AS source, s.open_hour::jsonb ->> 'day' AS day, (s.open_hour::jsonb ->> 'hour')::bigint AS hour,
         (e ->> 0)::bigint AS endpoint, (e ->> 1)::bigint AS bytes_in, (e ->> 2)::bigint AS bytes_out,
         (e ->> 3)::bigint AS last_seen
  FROM source s CROSS JOIN LATERAL jsonb_array_elements(s.open_hour::jsonb -> 'endpoints') e
  WHERE (e ->> 1)::bigint > 0 OR (e ->> 2)::bigint > 0;
${DEVICE_DAY}`;
const DROP_VIEWS = "DROP VIEW IF EXISTS device_day; DROP VIEW IF EXISTS open_usage;";

/**
 * The schema, or a migration, in PostgreSQL's words: whole numbers of 64 bits, texts that sort by their bytes, and no
 * references, which SQLite does not enforce here either. What stands above a table becomes its comment.
 */
export function toPostgres(sql: string): string {
  const comments = [...sql.matchAll(/((?:^--.*\n)+)CREATE TABLE (\w+)/gm)].map(([, lines = "", table = ""]) => {
    const text = lines.replace(/^-- ?/gm, "").replaceAll("\n", " ").trim();
    return `COMMENT ON TABLE ${table} IS '${text.replaceAll("'", "''")}';\n`;
  });
  const statements = sql
    .replace(/--.*$/gm, "")
    .replace(/\)\s*STRICT(?:,\s*WITHOUT ROWID)?;/g, ");")
    .replace(/ REFERENCES \w+/g, "")
    .replace(/\bINTEGER\b/g, "BIGINT")
    .replace(/\bTEXT\b/g, 'TEXT COLLATE "C"');
  return statements + comments.join("");
}

/** @throws StoreError when this server or database can't keep a store, holds another program's tables, or a newer schema */
export async function checkDatabase(connection: Connection, place: Place): Promise<"empty" | "older" | "current"> {
  const { server, database, user } = place;
  const { rows } = await connection.query(
    `SELECT current_setting('server_version_num')::int AS version, current_setting('server_version') AS name,
            current_setting('server_encoding') AS encoding, current_schema() AS schema`,
  );
  const { version, name, encoding, schema } = rows[0] as Record<string, unknown>;
  if (Number(version) < OLDEST_SERVER) {
    throw new StoreError("other", `${server} is version ${name}, which is too old`, "Use PostgreSQL 13 or later.");
  }
  if (encoding !== "UTF8") {
    throw new StoreError(
      "other",
      `${server}: the database "${database}" is encoded in ${encoding}, which can't hold every name`,
      `Make one in UTF8: createdb --owner "${user}" --template template0 --encoding UTF8 NAME.`,
    );
  }
  if (schema === null) {
    throw new StoreError(
      "other",
      `${server}: user "${user}" has no schema in database "${database}" that it may use`,
      `Make it the owner: ALTER DATABASE "${database}" OWNER TO "${user}"; a schema that it owns does as well.`,
    );
  }
  const tables = await tablesIn(connection);
  const stored = tables.includes("schema_version") ? await versionIn(connection) : null;
  if (stored === null) {
    if (tables.length === 0) return "empty";
    throw foreign(place, tables);
  }
  if (stored > SCHEMA_VERSION) {
    throw new StoreError(
      "newer",
      `${server}: the database "${database}" was written by a newer WhiteStat (its schema is ${stored}, this one knows up to ${SCHEMA_VERSION})`,
      "Install that version or a later one, or restore a dump from before the update.",
    );
  }
  if (stored === SCHEMA_VERSION) return "current";
  return stored === 0 ? "empty" : "older";
}

function foreign({ server, database, user }: Place, tables: readonly string[]): StoreError {
  const some = tables.slice(0, 3).join(", ") + (tables.length > 3 ? ", …" : "");
  return new StoreError(
    "foreign",
    `${server}: the database "${database}" holds tables of another program (${some}); it was left as it is`,
    `Give WhiteStat a database of its own (createdb --owner "${user}" whitestat), and name it in DATABASE_URL.`,
  );
}

/** The tables and views of our schema, but for those of extensions. */
async function tablesIn(connection: Connection): Promise<string[]> {
  const { rows } = await connection.query(
    `SELECT c.relname AS name FROM pg_class c
     WHERE c.relnamespace = ${OUR_SCHEMA} AND c.relkind IN ('r', 'p', 'v', 'm', 'f')
       AND NOT EXISTS (SELECT FROM pg_depend d
                       WHERE d.classid = 'pg_class'::regclass AND d.objid = c.oid AND d.deptype = 'e')
     ORDER BY c.relname`,
  );
  return rows.map(({ name }) => String(name));
}

/** Other programs have tables of this name, too, with other columns. */
async function versionIn(connection: Connection): Promise<number | null> {
  const { rows: columns } = await connection.query(
    `SELECT a.attname FROM pg_attribute a JOIN pg_class c ON c.oid = a.attrelid
     WHERE c.relnamespace = ${OUR_SCHEMA} AND c.relname = 'schema_version'
       AND a.attname IN ('program', 'version') AND NOT a.attisdropped`,
  );
  if (columns.length < 2) return null;
  const { rows } = await connection.query("SELECT version FROM schema_version WHERE program = 'whitestat'");
  return rows[0] === undefined ? null : Number(rows[0].version);
}

/** Makes the tables of an empty database, or applies the migrations that an older one lacks: in one transaction. */
export async function upgrade(connection: Connection): Promise<void> {
  try {
    await connection.script(`BEGIN; ${CREATE_VERSION}`);
    const { rows } = await connection.query(
      "SELECT version FROM schema_version WHERE program = 'whitestat' FOR UPDATE",
    );
    const version = Number(rows[0]?.version);
    const steps = version === 0 ? [toPostgres(SCHEMA) + CREATE_CLAIM] : MIGRATIONS.slice(version - 1).map(toPostgres);
    if (steps.length > 0) {
      await connection.script([DROP_VIEWS, ...steps, VIEWS].join("\n"));
      await connection.query("UPDATE schema_version SET version = $1 WHERE program = 'whitestat'", [SCHEMA_VERSION]);
    }
    await connection.script("COMMIT");
  } catch (error) {
    if (!connection.isLost) await connection.script("ROLLBACK");
    throw error;
  }
}
