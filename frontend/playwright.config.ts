import { defineConfig } from '@playwright/test';

// Chromium comes from the machine: CHROMIUM names it. The switches keep it from calling home.
export default defineConfig({
  testDir: 'test',
  workers: 1,
  timeout: 60_000, // a slow machine is no failure
  expect: { timeout: 10_000 },
  reporter: [['list']],
  outputDir: 'test-results',
  use: {
    baseURL: process.env['PLAYGROUND_URL'] ?? 'http://localhost:8080',
    viewport: { width: 1440, height: 900 },
    launchOptions: {
      executablePath: process.env['CHROMIUM'] ?? '/usr/bin/chromium',
      args: ['--no-sandbox', '--disable-gpu', '--disable-background-networking', '--disable-component-update', '--disable-sync', '--no-first-run'],
    },
  },
});
