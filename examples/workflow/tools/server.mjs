// The service: /health, and /readings with how many there are, the coldest, and all of them.
import { createServer } from 'node:http';
import { table } from '../data/table.mjs';

const readings = table();
const answers = {
  '/health': { status: 'ok' },
  '/readings': {
    count: readings.length,
    coldest: Math.min(...readings.map(({ celsius }) => celsius)),
    readings,
  },
};
const port = Number(process.argv[process.argv.indexOf('--port') + 1]);

createServer((request, response) => {
  const answer = answers[request.url ?? ''];
  response.writeHead(answer === undefined ? 404 : 200, { 'content-type': 'application/json' });
  response.end(JSON.stringify(answer ?? { error: 'there is nothing here' }));
}).listen(port, '127.0.0.1');
