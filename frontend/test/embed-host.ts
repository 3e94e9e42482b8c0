// A site of somebody else with embeds in its pages: https://docs.example in front of its pages, https://play.example in front of a
// playground of the test's own, both over TLS on this machine, as a browser on the internet would meet them.
import { chromium, expect, type Browser, type BrowserContext, type Page } from '@playwright/test';
import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { request as ask } from 'node:http';
import { createServer, type Server } from 'node:https';
import { connect, type AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { OwnServer } from './own';

export class Host {
  port = 0;
  sockets: string[] = []; // the streams that were asked for
  open = 0; // of them
  pages = new Map<string, string>(); // of docs.example and of any other site, by path
  files = new Map<string, { text: string; open: boolean }>(); // beside them: whether other sites may read one
  private tls?: Server;
  private own = new OwnServer();
  private folder = mkdtempSync(join(tmpdir(), 'embed-'));

  play = (path = '') => `https://play.example:${this.port}${path}`;
  docs = (path = '') => `https://docs.example:${this.port}${path}`;

  // start makes the certificate with what comes with Go, since Go is what is there.
  start = async (flags: () => string[] = () => []) => {
    const tool = join(execFileSync('go', ['env', 'GOROOT']).toString().trim(), 'src/crypto/tls/generate_cert.go');
    execFileSync('go', ['run', tool, '-host', 'play.example,docs.example', '-ecdsa-curve', 'P256'], { cwd: this.folder, stdio: 'ignore' });
    const [cert, key] = ['cert.pem', 'key.pem'].map((f) => readFileSync(join(this.folder, f)));
    this.tls = createServer({ cert, key }, (req, res) => {
      if (!req.headers.host!.startsWith('play.')) {
        const file = this.files.get(req.url!);
        if (file) {
          res.writeHead(200, { 'Content-Type': 'application/json', ...(file.open ? { 'Access-Control-Allow-Origin': '*' } : {}) }).end(file.text);
          return;
        }
        const page = this.pages.get(req.url!);
        res.writeHead(page ? 200 : 404, { 'Content-Type': 'text/html; charset=utf-8' }).end(page ?? '');
        return;
      }
      const to = new URL(this.own.url);
      const on = ask({ host: to.hostname, port: to.port, path: req.url, method: req.method, headers: req.headers }, (r) => {
        res.writeHead(r.statusCode!, r.headers);
        r.pipe(res);
      });
      on.on('error', () => res.destroy());
      req.pipe(on);
    });
    this.tls.on('upgrade', (req, socket, head) => {
      this.sockets.push(req.url!);
      this.open++;
      const to = new URL(this.own.url);
      const on = connect(Number(to.port), to.hostname, () => {
        on.write(`${req.method} ${req.url} HTTP/1.1\r\n${req.rawHeaders.map((h, i) => (i % 2 ? h + '\r\n' : h + ': ')).join('')}\r\n`);
        on.write(head);
        socket.pipe(on).pipe(socket);
      });
      for (const s of [on, socket]) s.on('error', () => (on.destroy(), socket.destroy()));
      socket.on('close', () => (this.open--, on.destroy()));
    });
    await new Promise<void>((up) => this.tls!.listen(0, '127.0.0.1', up));
    this.port = (this.tls!.address() as AddressInfo).port;
    await this.own.prepare(false, '-base-url', this.play(), ...flags());
    await this.own.start();
  };

  stop = async () => {
    this.tls?.closeAllConnections();
    this.tls?.close();
    await this.own.kill();
    this.own.remove();
    rmSync(this.folder, { recursive: true, force: true });
  };

  // file is a file of docs.example.
  file(path: string, text: string, open = true) {
    this.files.set(path, { text, open });
    return this.docs(path);
  }

  // page is a page of docs.example with this in it.
  page(path: string, body: string, attributes = '') {
    this.pages.set(path, `<!doctype html><html lang="en" ${attributes}><meta charset="utf-8"><link rel="icon" href="data:,"><title>A guide</title><body>${body}</body></html>`);
    return this.docs(path);
  }
}

const map = ['--no-sandbox', '--disable-gpu', '--host-resolver-rules=MAP *.example 127.0.0.1', '--ignore-certificate-errors'];
const executablePath = process.env['CHROMIUM'] ?? '/usr/bin/chromium';

// strict is a Chromium in which frames of others have no storage: it throws.
export const strict = () => chromium.launch({ executablePath, args: map });

// real is a Chromium as Debian’s is out of the box: frames of others have a storage apart, and no cookies.
export const real = () => chromium.launch({ executablePath, ignoreDefaultArgs: true, args: [...map, '--headless=new', '--remote-debugging-pipe', '--no-first-run', '--disable-background-networking', '--disable-component-update', '--disable-sync', '--user-data-dir=' + mkdtempSync(join(tmpdir(), 'profile-'))] });

// visit opens a page of a site, and collects what it and its frames complain about.
export async function visit(browser: Browser, url: string, options: Parameters<Browser['newContext']>[0] = {}): Promise<{ page: Page; context: BrowserContext; complaints: string[] }> {
  const context = await browser.newContext({ ignoreHTTPSErrors: true, viewport: { width: 1000, height: 800 }, ...options });
  const page = await context.newPage();
  const complaints: string[] = [];
  page.on('pageerror', (e) => complaints.push(String(e)));
  page.on('console', (m) => m.type() === 'error' && complaints.push(m.text()));
  await page.goto(url);
  await expect(page.locator('body')).toBeVisible();
  return { page, context, complaints };
}
