import { artifactStoreContract } from './contract.ts';
import { memoryArtifactStore } from './memory.ts';

let inputs = 0;

artifactStoreContract('the memory store', async () => {
  const store = memoryArtifactStore();
  return {
    store,
    async writeInput(tree) {
      inputs += 1;
      store.inputs.set(`/input-${inputs}`, tree);
      return `/input-${inputs}`;
    },
    readDirectory: async (directory) => store.directories.get(directory) ?? null,
    async writeDirectory(directory, tree) {
      store.directories.set(directory, { ...store.directories.get(directory), ...tree });
    },
    async damage(text, how) {
      const [sha256 = ''] = [...store.blobs].find(([, stored]) => stored === text) ?? [];
      if (how === 'remove') store.blobs.delete(sha256);
      else store.blobs.set(sha256, `${text.slice(0, -1)}?`);
    },
  };
});
