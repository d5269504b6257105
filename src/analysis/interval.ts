/** Both ends belong to it. */
export type Interval = readonly [low: number, high: number];
