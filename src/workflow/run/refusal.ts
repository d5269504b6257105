export interface Refusal {
  readonly kind: 'refused';
  readonly code: string;
  readonly message: string;
  readonly remedy: string;
}

export function refusal(code: string, message: string, remedy: string): Refusal {
  return { kind: 'refused', code, message, remedy };
}
