import { workspacesContract } from './contract.ts';
import { memoryWorkspaces } from './memory.ts';

workspacesContract('the memory port', async () => {
  const workspaces = memoryWorkspaces();
  return {
    workspaces,
    root: '/work',
    async set(tree) {
      workspaces.folders.set('/work', tree);
    },
    read: async () => workspaces.folders.get('/work') ?? {},
  };
});
