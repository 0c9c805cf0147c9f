/** operations.mjs - invented operations for the double: see world.mjs. */
export function operationsOf() { return null; }
