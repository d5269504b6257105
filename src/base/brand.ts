declare const brand: unique symbol;

/** A string that only one parser makes. */
export type Branded<Name extends string> = string & { readonly [brand]: Name };
