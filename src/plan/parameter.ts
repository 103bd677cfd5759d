/** A parameter for $n. Strings are taken as an unquoted literal of the type they meet. */
export type Parameter = string | number | bigint | boolean | Date | null;
