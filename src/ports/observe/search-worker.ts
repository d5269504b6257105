// The thread in which searches run that could take long; it is ended when one does.
import { parentPort } from 'node:worker_threads';
import { checkJson } from './check-json.ts';
import { searchPattern } from './pattern-search.ts';
import type { SearchJob } from './search-thread.ts';

parentPort?.on('message', async (job: SearchJob) => {
  const found =
    job.kind === 'pattern' ? searchPattern(job.text, job.source) : await checkJson(job.text, job.schema);
  parentPort?.postMessage(found);
});
parentPort?.postMessage('ready');
