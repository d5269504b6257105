/** Names of the targets of a bench that has many. */
export function environmentName(index: number): string {
  return `t${index}`;
}

export function listenOf(index: number): string {
  return `127.0.${1 + Math.floor(index / 250)}.${1 + (index % 250)}:8080`;
}
