import { basename, dirname } from 'node:path';
import { git } from '../artifact/git.ts';

/**
 * Author of the last commit of the file at `path`, as `Name <address>`, when the commit that is checked out holds exactly
 * `bytes` for it; null otherwise, and without git or a repository. The bytes are compared, not the state of the file, so
 * that what was read is what is vouched for.
 */
export async function committedBy(path: string, bytes: Uint8Array): Promise<string | null> {
  const [directory, name] = [dirname(path), basename(path)];
  const committed = await git(directory, ['rev-parse', '--verify', '--quiet', `HEAD:./${name}`]);
  if (committed === null) return null;
  const read = await git(directory, ['hash-object', '--stdin', `--path=${name}`], { input: bytes });
  if (read === null || !read.equals(committed)) return null;
  const author = await git(directory, ['log', '-1', '--format=%an <%ae>', 'HEAD', '--', `./${name}`]);
  return author?.toString().trim() || null;
}
