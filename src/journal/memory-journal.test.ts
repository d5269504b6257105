import { journalContract } from './contract.ts';
import { MemoryJournal } from './memory-journal.ts';

journalContract('the memory journal', async () => new MemoryJournal());
