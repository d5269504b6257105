import type { Answer } from './engine.ts';

/** The page that users see while no instance can answer. Small, self-contained, and asks to come back. */
export function maintenancePage(): Answer {
  return page(503, 'Back in a moment', 'This service is being worked on. Please try again shortly.');
}

export function unavailable(): Answer {
  return page(503, 'Not available just now', 'No part of this service can answer. Please try again shortly.');
}

export function plainAnswer(status: number, text: string): Answer {
  return { status, headers: [['Content-Type', 'text/plain; charset=utf-8']], body: `${text}\n` };
}

export const badGateway = plainAnswer(502, 'The service did not answer properly.');
export const gatewayTimeout = plainAnswer(504, 'The service did not answer in time.');
export const headTooLarge = plainAnswer(431, 'The head of the request is too large.');
export const bodyTooLarge = plainAnswer(413, 'The body of the request is too large.');
export const headTooSlow = plainAnswer(408, 'The request did not arrive in time.');
export const malformedRequest = plainAnswer(400, 'The request is malformed.');

export function noTarget(host: string): Answer {
  return plainAnswer(404, `Nothing is served here for ${host === '' ? 'a request without a host' : host}.`);
}

const retryAfterSeconds = '5';

function page(status: number, title: string, text: string): Answer {
  return {
    status,
    headers: [
      ['Content-Type', 'text/html; charset=utf-8'],
      ['Retry-After', retryAfterSeconds],
      ['Cache-Control', 'no-store'],
    ],
    body: `<!doctype html>
<html lang="en"><meta charset="utf-8"><meta name="viewport" content="width=device-width"><title>${title}</title>
<style>body{font:1.1rem/1.5 system-ui,sans-serif;max-width:32rem;margin:20vh auto;padding:0 1rem;color:#333}</style>
<h1>${title}</h1><p>${text}</p></html>
`,
  };
}
