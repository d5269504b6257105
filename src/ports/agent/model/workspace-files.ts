import { constants } from 'node:fs';
import { lstat, mkdir, open, readdir, realpath, stat } from 'node:fs/promises';
import { basename, dirname, join, relative, resolve, sep } from 'node:path';
import { replaceFile } from '../../../disk/replace-file.ts';
import { within } from '../confinement.ts';
import { globMatcher } from '../glob.ts';
import { ToolFault } from './tool.ts';

export interface WorkspaceFilesOptions {
  readonly workspace: string;
  /** The state directory: nothing of it is read or written. */
  readonly stateDir: string;
  readonly protectedPaths: readonly string[];
}

/** Larger files are not read by tools. */
const mostBytes = 2 * 2 ** 20;
const onMac = process.platform === 'darwin';

/**
 * The files of a workspace for a model's tools. No path leaves it, symbolic links included: each is resolved before it is
 * used, the last name is never followed when it is opened, and what was opened is compared with what was resolved.
 */
export class WorkspaceFiles {
  readonly root: string;
  readonly #hidden: string;
  readonly #isProtected: (path: string) => boolean;

  private constructor(root: string, hidden: string, protectedPaths: readonly string[]) {
    this.root = root;
    this.#hidden = hidden;
    this.#isProtected = globMatcher([...protectedPaths, '.git'], onMac).fits;
  }

  static async open({ workspace, stateDir, protectedPaths }: WorkspaceFilesOptions): Promise<WorkspaceFiles> {
    return new WorkspaceFiles(await realpath(workspace), await realpath(stateDir), protectedPaths);
  }

  /** The text of a file. */
  async read(path: string): Promise<string> {
    const real = await this.#existing(path);
    const flags = constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK;
    await using file = await open(real, flags).catch((error) => refuse(path, error));
    const facts = await file.stat();
    if (!facts.isFile()) throw new ToolFault(`${path} is no file.`);
    if (facts.size > mostBytes)
      throw new ToolFault(`${path} has ${facts.size} bytes; at most ${mostBytes} are read.`);
    await this.#sameAs(path, real, facts.ino);
    return file.readFile('utf8');
  }

  /** Whether something is there, a link that leads nowhere included. */
  async exists(path: string): Promise<boolean> {
    return (await lstat(join(await this.#folderFor(path), basename(path))).catch(() => null)) !== null;
  }

  /** Writes the whole file; its mode stays, folders on the way are made. */
  async write(path: string, content: string): Promise<void> {
    const folder = await this.#folderFor(path);
    this.#mayWrite(path, join(folder, basename(path)));
    await mkdir(folder, { recursive: true }).catch((error) => refuse(path, error));
    // A link could have been put in place of a folder in between.
    if ((await realpath(folder)) !== folder) throw outside(path);
    const target = join(folder, basename(path));
    const before = await lstat(target).catch(() => null);
    if (before !== null && !before.isFile())
      throw new ToolFault(`${path} is no regular file and is not written.`);
    await replaceFile(target, content, { mode: before === null ? 0o644 : before.mode & 0o777 });
  }

  async list(
    path: string,
  ): Promise<readonly { readonly name: string; readonly kind: 'folder' | 'file' | 'link' }[]> {
    const real = await this.#existing(path);
    const entries = await readdir(real, { withFileTypes: true }).catch((error) => refuse(path, error));
    return entries
      .filter((entry) => !within(this.#hidden, join(real, entry.name)))
      .map((entry) => ({
        name: entry.name,
        kind: entry.isDirectory() ? 'folder' : entry.isSymbolicLink() ? 'link' : 'file',
      }));
  }

  /** Relative paths of files, breadth first, without links, `.git`, `node_modules` and the state directory. */
  async *walk(): AsyncGenerator<string> {
    const open = ['.'];
    for (const folder of open) {
      for (const { name, kind } of await this.list(folder).catch(() => [])) {
        const path = folder === '.' ? name : `${folder}/${name}`;
        if (kind === 'file') yield path;
        if (kind === 'folder' && name !== '.git' && name !== 'node_modules') open.push(path);
      }
    }
  }

  /** The real path of something that is there. */
  async #existing(path: string): Promise<string> {
    const lexical = this.#lexical(path);
    const real = await realpath(lexical).catch((error) => refuse(path, error));
    return this.#inside(path, real);
  }

  /** The real path of the folder in which a file is, or will be. */
  async #folderFor(path: string): Promise<string> {
    const lexical = this.#lexical(path);
    if (lexical === this.root) throw new ToolFault('The path names the workspace itself, not a file in it.');
    const missing: string[] = [];
    for (let folder = dirname(lexical); ; folder = dirname(folder)) {
      const real = await realpath(folder).catch(() => null);
      if (real !== null) return this.#inside(path, join(real, ...missing));
      // A link that leads nowhere would be followed as soon as somebody makes its target.
      if ((await lstat(folder).catch(() => null)) !== null) throw outside(path);
      missing.unshift(basename(folder));
    }
  }

  #lexical(path: string): string {
    if (path.includes('\0')) throw new ToolFault('A path has no zero byte.');
    const lexical = resolve(this.root, path);
    if (!within(this.root, lexical)) throw outside(path);
    return lexical;
  }

  #inside(path: string, real: string): string {
    if (!within(this.root, real) || within(this.#hidden, real)) throw outside(path);
    return real;
  }

  #mayWrite(path: string, real: string): void {
    this.#inside(path, real);
    const name = relative(this.root, real).split(sep).join('/');
    if (this.#isProtected(name))
      throw new ToolFault(`${name} is protected: nobody may change it while the step runs.`);
  }

  async #sameAs(path: string, real: string, inode: number): Promise<void> {
    const now = await realpath(real).catch(() => null);
    if (now === null || (await stat(now)).ino !== inode || !within(this.root, now)) throw outside(path);
  }
}

function outside(path: string): ToolFault {
  return new ToolFault(`${path} is not in the workspace; tools reach nothing else.`);
}

function refuse(path: string, error: NodeJS.ErrnoException): never {
  const said: Readonly<Record<string, string>> = {
    ENOENT: 'is not there',
    ENOTDIR: 'is no folder, or lies below a file',
    EISDIR: 'is a folder',
    ELOOP: 'is a link that is not followed',
    EACCES: 'may not be read',
  };
  throw new ToolFault(`${path} ${said[error.code ?? ''] ?? `cannot be used (${error.code})`}.`);
}
