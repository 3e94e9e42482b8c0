// The instructor of a room, for tests that look at it from a learner's seat.
import { expect, type APIRequestContext, type Page } from '@playwright/test';

export class Class {
  code = '';
  private key = '';

  constructor(private request: APIRequestContext, private base = '') {}

  async open(title = 'Thursday workshop') {
    const made = await this.request.post(`${this.base}/api/rooms`, { data: { title } });
    expect(made.status()).toBe(201);
    ({ code: this.code, key: this.key } = (await made.json()) as { code: string; key: string });
    return this;
  }

  private async act<T>(method: string, path: string, data?: unknown): Promise<T> {
    const res = await this.request.fetch(`${this.base}/api/rooms/${this.code}${path}`, { method, headers: { Authorization: 'Bearer ' + this.key }, ...(data === undefined ? {} : { data }) });
    expect(res.ok(), `${method} ${path}: ${res.status()} ${res.ok() ? '' : await res.text()}`).toBe(true);
    return (res.status() === 204 ? undefined : await res.json()) as T;
  }

  lead = (what: object) => this.act<object>('PUT', '/lead', what);
  bring = (lesson: string, step: string) => this.act<object>('POST', '/bring', { lesson, step });
  // ask asks the room, and gives what is right, which is told to an instructor who asks for it.
  ask = async (lesson: string, question: string) => {
    await this.act<object>('POST', '/asks', { lesson, question });
    return this.act<{ ask: string; right: number[] }>('GET', '/peek');
  };
  phase = (ask: string, phase: string) => this.act<object>('PUT', '/phase', { ask, phase });
  hint = (learner: string, text: string) => this.act<object>('POST', `/learners/${learner}/hint`, { text });
  reset = (learner: string) => this.act<object>('POST', `/learners/${learner}/reset`, {});
  remove = (learner: string) => this.act<void>('DELETE', `/learners/${learner}`);
  votes = (what: 'votes' | 'progress') => this.request.get(`${this.base}/api/rooms/${this.code}/export.csv?what=${what}`, { headers: { Authorization: 'Bearer ' + this.key } }).then((r) => r.text());
  end = () => this.act<void>('DELETE', '');

  // seat sits a learner down at a page, as they would do it, and gives their id.
  async seat(page: Page, name = ''): Promise<string> {
    await page.goto(`${this.base}/join/${this.code}`);
    await expect(page.getByLabel('Your name')).not.toHaveValue('');
    if (name) await page.getByLabel('Your name').fill(name);
    await page.getByRole('button', { name: 'Join', exact: true }).click();
    await expect(seatBar(page)).toContainText('In the room');
    return idOf(page);
  }
}

export const seatBar = (page: Page) => page.getByRole('region', { name: 'Your room' });
export const ballot = (page: Page) => page.getByRole('region', { name: 'The room votes' });
export const idOf = (page: Page) => page.evaluate(() => (JSON.parse(localStorage.getItem('seat') ?? '{}') as { learner?: { id: string } }).learner?.id ?? '');
