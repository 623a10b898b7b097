import fc from "fast-check";

/** Random tests try the same cases each time: only a change makes one fail. `SEED=7 npm run test:unit` tries others. */
fc.configureGlobal({ seed: Number(process.env.SEED ?? 20_261_126) });
