// A server of a test's own, in a process that it can kill and start again.
import { expect } from '@playwright/test';
import { execFileSync, spawn, type ChildProcess } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { createServer, type AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

export class OwnServer {
  url = '';
  private folder = mkdtempSync(join(tmpdir(), 'journey-'));
  private args: string[] = [];
  private process?: ChildProcess;

  // prepare builds the server, unless it is built, and finds a port. A durable one keeps its state in a folder; more is what else it
  // is told.
  async prepare(durable: boolean, ...more: string[]) {
    if (!process.env['PLAYGROUND_BIN']) execFileSync('go', ['build', '-o', this.binary, './cmd/playground'], { cwd: '..' });
    const port = await new Promise<number>((found) => {
      const s = createServer().listen(0, '127.0.0.1', () => {
        const { port } = s.address() as AddressInfo;
        s.close(() => found(port));
      });
    });
    this.url = `http://127.0.0.1:${port}`;
    this.args = ['-addr', `127.0.0.1:${port}`, ...(durable ? ['-data', join(this.folder, 'state')] : []), ...more];
  }

  private get binary() {
    return process.env['PLAYGROUND_BIN'] ?? join(this.folder, 'playground');
  }

  start = async () => {
    this.process = spawn(this.binary, this.args, { stdio: 'ignore' });
    await expect.poll(() => fetch(this.url + '/readyz').then((r) => r.status, () => 0), { timeout: 15_000 }).toBe(200);
  };

  kill = () =>
    new Promise<void>((gone) => {
      const p = this.process;
      if (!p || p.exitCode !== null || p.signalCode !== null) return gone();
      p.once('exit', () => gone());
      p.kill('SIGKILL');
    });

  remove = () => rmSync(this.folder, { recursive: true, force: true });
}
