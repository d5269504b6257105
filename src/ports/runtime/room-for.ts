/** Bytes that are wanted of something, and that are left of it. */
export interface Room {
  readonly needed: number;
  readonly free: number;
}

/** Whether `instances` more fit. The reason has what is needed and free, of both or of what does not suffice. */
export function roomFor(
  instances: number,
  room: { readonly memory: Room; readonly disk: Room },
): { readonly ok: boolean; readonly reason: string } {
  const parts = [
    { what: 'memory', ...room.memory },
    { what: 'disk for copies of the artifact', ...room.disk },
  ];
  const short = parts.filter(({ needed, free }) => needed > free);
  const told = (short.length > 0 ? short : parts).map(
    ({ what, needed, free }) => `about ${mebibytes(needed)} MiB of ${what} (${mebibytes(free)} MiB are free)`,
  );
  const verb = short.length > 0 ? 'need' : 'would use';
  return { ok: short.length === 0, reason: `${instances} more ${verb} ${told.join(' and ')}.` };
}

/** With a tenth where a whole number would say too little. */
function mebibytes(bytes: number): string {
  const value = bytes / 2 ** 20;
  return value < 10 ? String(Math.round(value * 10) / 10) : String(Math.round(value));
}
