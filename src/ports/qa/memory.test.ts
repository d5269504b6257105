import { qaReportsContract } from './contract.ts';
import { memoryQaReports } from './memory.ts';

qaReportsContract('the memory reports', async () => {
  const reports = memoryQaReports();
  return { reports, write: async (path, text) => void reports.files.set(path, { text }) };
});
